import type { Request, Response } from "express";
import type { Subject } from "../../core/user-id";
import type { Settings } from "../../options";
import { beforeAnswer, hasEnded, keepDeadSessionDead, watchLogout } from "./dead-sessions";
import { hostSession, patiently } from "./host-session";
import type { EndLogin, Keeper, Kept, LoginEnd } from "./kept";
import {
  dropState,
  keepProven,
  renewSession,
  saveSession,
  sessionOf,
  stateOf,
  writeState,
  type SessionState,
} from "./state";

/** `req.session`, which the host's middleware loads and saves. */
export const createSessionKeeper = ({ scope }: Settings): Keeper => ({
  check: sessionOf,
  guard: keepDeadSessionDead,
  hasEnded: (req) => hasEnded(req),
  leave: watchLogout,
  open: (req, subject) => new KeptInSession(req, subject),
  wipe: (req) => dropState(req, scope),
});

class KeptInSession implements Kept {
  readonly holdsMarks = true;

  constructor(
    readonly req: Request,
    readonly subject: Subject,
  ) {}

  get id(): string | undefined {
    return hostSession(this.req).sessionID;
  }

  /** A session has a clock of its own, and the host can end it. */
  loginAt(): undefined {
    return undefined;
  }

  read(): SessionState {
    return stateOf(this.req, this.subject);
  }

  write(state: SessionState): void {
    writeState(this.req, this.subject, state);
  }

  save(): Promise<void> {
    return saveSession(this.req);
  }

  keepProven(state: SessionState): Promise<void> {
    return keepProven(this.req, this.subject, state);
  }

  renew(state: SessionState): Promise<void> {
    return renewSession(this.req, this.subject, state);
  }

  dropOnceGone(res: Response, isUserGone: () => boolean): void {
    const { req, subject } = this;
    const { sessionID } = hostSession(req);
    beforeAnswer(res, () => {
      if (hostSession(req).sessionID !== sessionID || isUserGone()) dropState(req, subject.scope);
    });
  }

  end(res: Response, byHost: EndLogin): Promise<LoginEnd> {
    return end(this.req, res, this.subject, byHost);
  }

  told(): object {
    return {};
  }
}

async function end(req: Request, res: Response, subject: Subject, byHost: EndLogin): Promise<LoginEnd> {
  watchLogout(req, res);
  const host = hostSession(req);
  const { sessionID } = host;
  const before = stateOf(req, subject);
  dropState(req, subject.scope);
  try {
    await byHost(() => endHostLogin(req));
  } catch (error) {
    // Still overdue: the next request tries again.
    if (host.session) writeState(req, subject, before);
    throw error;
  }
  dropState(req, subject.scope);
  const save = async () => {
    if (host.session && host.sessionID === sessionID) await saveSession(req);
  };
  return { isNews: true, save };
}

interface Endable {
  regenerate?: (done: (error?: unknown) => void) => void;
}

/** Passport's logout where there is one, then an empty session. */
async function endHostLogin(req: Request): Promise<void> {
  const { logout } = req as { logout?: (done: (error?: unknown) => void) => void };
  // Before passport 0.6 it took no callback, and calls none.
  if (typeof logout === "function" && logout.length === 0) Reflect.apply(logout, req, [() => undefined]);
  else if (typeof logout === "function") await patiently((done) => Reflect.apply(logout, req, [done]));
  const { session } = req as unknown as { session?: (Endable & Record<string, unknown>) | null };
  if (!session) return;
  if (typeof session.regenerate === "function") await patiently((done) => session.regenerate?.(done));
  else for (const name of Object.keys(session)) delete session[name];
}
