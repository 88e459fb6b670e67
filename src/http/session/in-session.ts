import type { Request, Response } from "express";
import type { Subject } from "../../core/user-id";
import type { Settings } from "../../options";
import { beforeAnswer, hasEnded, keepDeadSessionDead, watchLogout } from "./dead-sessions";
import { hostSession, patiently } from "./host-session";
import type { EndLogin, Keeper, Kept } from "./kept";
import {
  dropState,
  keepProven,
  readState,
  renewSession,
  saveSession,
  sessionOf,
  wipeOthers,
  writeState,
} from "./state";

/** `req.session`, which the host's middleware loads and saves. */
export const createSessionKeeper = ({ scope }: Settings): Keeper => ({
  check: (req) => void sessionOf(req),
  guard: keepDeadSessionDead,
  hasEnded: (req) => hasEnded(req),
  leave: watchLogout,
  open(req, subject) {
    wipeOthers(req, scope, subject);
    return keptIn(req, subject);
  },
  wipe: (req) => wipeOthers(req, scope, undefined),
});

const keptIn = (req: Request, subject: Subject): Kept => ({
  get id() {
    return hostSession(req).sessionID;
  },
  read: () => readState(req, subject),
  write: (state) => writeState(req, subject, state),
  save: () => saveSession(req),
  keepProven: (state) => keepProven(req, subject, state),
  renew: (state) => renewSession(req, subject, state),
  dropOnceGone(res, isUserGone) {
    const { sessionID } = hostSession(req);
    beforeAnswer(res, () => {
      if (hostSession(req).sessionID !== sessionID || isUserGone()) dropState(req, subject.scope);
    });
  },
  end: (res, byHost) => end(req, res, subject, byHost),
});

async function end(req: Request, res: Response, subject: Subject, byHost: EndLogin): Promise<() => Promise<void>> {
  watchLogout(req, res);
  const host = hostSession(req);
  const { sessionID } = host;
  const before = readState(req, subject);
  dropState(req, subject.scope);
  try {
    await byHost(() => endHostLogin(req));
  } catch (error) {
    // Still overdue: the next request tries again.
    if (host.session) writeState(req, subject, before);
    throw error;
  }
  dropState(req, subject.scope);
  return async () => {
    if (host.session && host.sessionID === sessionID) await saveSession(req);
  };
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
