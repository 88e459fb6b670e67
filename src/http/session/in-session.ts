import type { Request, Response } from "express";
import type { Proof } from "../../core/proof";
import type { Subject } from "../../core/user-id";
import type { Settings } from "../../options";
import { TwoFactorError } from "../../errors";
import { beforeAnswer, deadSessionsOf, hasEnded, keepDeadSessionDead, watchEnds, watchLogout } from "./dead-sessions";
import { endHostLogin, patiently } from "./end-host-login";
import { hostSession, type HostSession, type WithSession } from "./host-session";
import type { EndLogin, Keeper, Kept, LoginEnd } from "./kept";
import { loginEnded, type SessionState } from "./state";

/** `req.session`, which the host's middleware loads and saves. */
export const createSessionKeeper = ({ scope }: Settings): Keeper => ({
  check: sessionOf,
  guard: keepDeadSessionDead,
  hasEnded,
  leave: watchLogout,
  open: (req, subject) => new KeptInSession(req, subject),
  wipe(req) {
    sessionOf(req);
    dropState(req, scope);
  },
});

class KeptInSession implements Kept {
  readonly holdsMarks = true;
  readonly keepsId = false;
  readonly isLogin = true;
  /** A session has a clock of its own, and the host can end it. */
  readonly loginAt = undefined;

  constructor(
    readonly req: Request,
    readonly subject: Subject,
  ) {}

  get id(): string | undefined {
    return (this.req as unknown as WithSession).sessionID;
  }

  get name(): string | undefined {
    const first = hostSession(this.req).session?.[firstIdKey];
    return typeof first === "string" ? first : this.id;
  }

  demandLogin(): void {
    // A session is one.
  }

  read(): SessionState {
    return stateOf(this.req, this.subject);
  }

  against(state: SessionState): SessionState {
    return state;
  }

  proofs(): readonly Proof[] {
    const { proof } = this.read();
    return proof === undefined ? [] : [proof];
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

  onceEnded(work: () => Promise<void>): void {
    const host = hostSession(this.req);
    watchEnds(host);
    deadSessionsOf(host).onceEnded(host, this.subject.key, work);
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

/**
 * The id that a session had before any of its proofs renewed it: a logout that another process is carrying out knows the login by
 * that, whichever scope became proven first.
 */
const firstIdKey = "twoFactorFrom";

/** Where the state of a scope lives in `req.session`. */
const sessionKey = (scope: string): string => (scope === "user" ? "twoFactor" : `twoFactor:${scope}`);

/** @throws TwoFactorError `MISCONFIGURED` without a session */
function sessionOf(req: Request): HostSession {
  const { session } = req as unknown as WithSession;
  if (typeof session === "object" && session !== null) return session;
  throw new TwoFactorError(
    "MISCONFIGURED",
    'There is no req.session: mount express-two-factor after the session middleware (and see that its store is up). An app without sessions says `state: "cookie"` or `"token"`, and which login a request is of: `loginId`.',
  );
}

/** What is kept of this user; of anybody else it goes. */
function stateOf(req: Request, { scope, key: user }: Subject): SessionState {
  const session = sessionOf(req);
  const key = sessionKey(scope);
  const state = session[key] as SessionState | null | undefined;
  if (state?.user === user) return state;
  if (state !== undefined) delete session[key];
  return { user };
}

function writeState(req: Request, subject: Subject, state: SessionState): void {
  sessionOf(req)[sessionKey(subject.scope)] = state;
}

function dropState(req: Request, scope: string): void {
  const { session } = req as unknown as WithSession;
  const key = sessionKey(scope);
  if (session && session[key] !== undefined) delete session[key];
}

/**
 * A session that has died meanwhile is left alone.
 * @throws TwoFactorError `STORE_UNAVAILABLE` when the host's session store fails
 */
async function saveSession(req: Request): Promise<void> {
  await saving(req, hasEnded);
}

async function saving(req: Request, isDead: (req: Request) => Promise<boolean> | false): Promise<void> {
  const session = sessionOf(req);
  if (typeof session.save !== "function") return;
  try {
    if (await isDead(req)) return;
    await patiently((done) => session.save?.(done));
  } catch (error) {
    // express-session would try once more as the answer ends, and the answer would wait for that.
    (req as unknown as WithSession).sessionID = undefined;
    throw error;
  }
}

/** Keeps a proof in a session that has one already, under the same id. @throws TwoFactorError as `renewSession` */
async function keepProven(req: Request, subject: Subject, state: SessionState): Promise<void> {
  if (await hasEnded(req)) throw loginEnded();
  writeState(req, subject, state);
  await saveSession(req);
  const host = req as unknown as WithSession;
  if (deadSessionsOf(host).has(host)) throw loginEnded();
}

/**
 * Gives the session a new id as it becomes proven (ASVS 5.0 7.2.4), with all that the host kept in it. The old one is
 * destroyed only once the new one is saved: whatever fails before, the login is as it was. So it is, too, when nobody is
 * there any more to be told the new id.
 * @throws TwoFactorError `LOGIN_SESSION_EXPIRED` when the old one has ended meanwhile: it does not come back proven
 */
async function renewSession(req: Request, subject: Subject, state: SessionState): Promise<void> {
  const host = req as unknown as WithSession;
  const { sessionStore: store, sessionID: oldId } = host;
  // A request that is no HTTP/1 request, or none at all, has no socket to tell.
  if ((req.socket as { destroyed?: boolean } | undefined)?.destroyed) return;
  if (typeof store?.generate !== "function" || oldId === undefined) {
    writeState(req, subject, state);
    return saveSession(req);
  }
  const old = sessionOf(req);
  const before = old[sessionKey(subject.scope)];
  store.generate(req);
  const { sessionID: newId } = host;
  carryOver(old, sessionOf(req));
  sessionOf(req)[firstIdKey] ??= oldId;
  writeState(req, subject, state);
  const putBack = (id: string | undefined) => {
    Object.assign(host, { session: old, sessionID: id });
    if (before === undefined) delete old[sessionKey(subject.scope)];
    else old[sessionKey(subject.scope)] = before;
  };
  try {
    // Its id is new: no store has heard of it.
    await saving(req, () => false);
    // Now that it is saved, and told to nobody: whatever ended the old one until here ends this one.
    if (await hasEnded(req, oldId)) throw loginEnded();
  } catch (error) {
    await destroy(host, newId);
    putBack(undefined);
    throw error;
  }
  const dead = deadSessionsOf(host);
  dead.add(oldId);
  // An old session that stays is unproven and expires by itself; slow requests leave it alone.
  await destroy(host, oldId);
  dead.add(oldId);
}

/** Not worth failing for: what is left behind is known to nobody, or proves nothing. */
async function destroy({ sessionStore: store }: WithSession, id: string | undefined): Promise<void> {
  if (store?.destroy === undefined || id === undefined) return;
  await patiently((done) => store.destroy?.(id, done)).catch(() => undefined);
}

function carryOver(from: HostSession, to: HostSession): void {
  for (const [name, value] of Object.entries(from)) if (name !== "cookie") to[name] = value;
  if (from.cookie === undefined || to.cookie === undefined) return;
  const { expires: _, originalMaxAge: __, ...settings } = from.cookie.data ?? {};
  Object.assign(to.cookie, settings);
  // In this order: setting the one recomputes the other.
  to.cookie.expires = from.cookie.expires;
  to.cookie.originalMaxAge = from.cookie.originalMaxAge;
}
