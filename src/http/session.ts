import type { Request, Response } from "express";
import type { PendingEnrolment } from "../core/enrolment";
import type { Proof } from "../core/proof";
import type { Subject } from "../core/user-id";
import { TwoFactorError } from "../errors";
import { withinSeconds } from "../service/patience";
import { hasHungUp } from "./hung-up";

/** What a session holds for us, under one key a scope. */
export interface SessionState {
  /** `Subject.key`: whose it is. Anybody else's is wiped when seen. */
  user: string;
  proof?: Proof;
  pending?: PendingEnrolment;
  /** The way back to the page first asked for. */
  next?: string;
  /** A fresh proof is asked of somebody proven. */
  stepUp?: boolean;
  /** Unix seconds: since when a proof is owed. */
  owedSince?: number;
  /** What the identity provider proved was too little, and nothing else will do (`onWeakAcr: "refuse"`). */
  refused?: boolean;
  /** Told once on the account page. */
  notice?: "disabled" | "browser-forgotten" | "browsers-forgotten";
}

/** The parts of express-session that are used where they exist; cookie-session has none of them. */
interface HostSession extends Record<string, unknown> {
  save?: (done: (error?: unknown) => void) => void;
  cookie?: { data?: Record<string, unknown>; expires?: unknown; originalMaxAge?: unknown };
}

interface HostStore {
  generate?: (req: Request) => void;
  destroy?: (id: string, done: (error?: unknown) => void) => void;
}

type WithSession = { session?: HostSession | null; sessionID?: string | undefined; sessionStore?: HostStore };

/** The request as session middlewares leave it; their types are not the library's to ask for. */
export const hostSession = (req: Request) => req as unknown as WithSession;

const saveSeconds = 5;

/** Where the state of a scope lives in `req.session`. */
const sessionKey = (scope: string): string => (scope === "user" ? "twoFactor" : `twoFactor:${scope}`);

/** @throws TwoFactorError `MISCONFIGURED` without a session */
export function sessionOf(req: Request): HostSession {
  const { session } = hostSession(req);
  if (typeof session === "object" && session !== null) return session;
  throw new TwoFactorError(
    "MISCONFIGURED",
    "There is no req.session: mount express-two-factor after the session middleware (and see that its store is up).",
  );
}

/** Nobody is signed in, or somebody else is: what we kept for another user goes. */
export function wipeOthers(req: Request, scope: string, subject: Subject | undefined): void {
  const session = sessionOf(req);
  const state = session[sessionKey(scope)] as SessionState | undefined;
  if (state !== undefined && (subject === undefined || state?.user !== subject.key)) delete session[sessionKey(scope)];
}

export function readState(req: Request, subject: Subject): SessionState {
  const state = sessionOf(req)[sessionKey(subject.scope)] as SessionState | undefined;
  return state?.user === subject.key ? state : { user: subject.key };
}

export function writeState(req: Request, subject: Subject, state: SessionState): void {
  sessionOf(req)[sessionKey(subject.scope)] = state;
}

export function dropState(req: Request, scope: string): void {
  const { session } = hostSession(req);
  if (session) delete session[sessionKey(scope)];
}

/**
 * A session that has died meanwhile is left alone.
 * @throws TwoFactorError `STORE_UNAVAILABLE` when the host's session store fails
 */
export async function saveSession(req: Request): Promise<void> {
  const host = hostSession(req);
  const session = sessionOf(req);
  if (typeof session.save !== "function" || deadSessions.has(host)) return;
  try {
    await patiently((done) => session.save?.(done));
  } catch (error) {
    // express-session would try once more as the answer ends, and the answer would wait for that.
    host.sessionID = undefined;
    throw error;
  }
}

/** Calls the host's session store, and waits, but not for ever. @throws TwoFactorError `STORE_UNAVAILABLE` */
export const patiently = (start: (done: (error?: unknown) => void) => void): Promise<void> =>
  withinSeconds(
    saveSeconds,
    "The session store",
    () => new Promise<void>((resolve, reject) => start((error) => (error ? reject(error) : resolve()))),
  );

/**
 * Gives the session a new id as it becomes proven (ASVS 5.0 7.2.4), with all that the host kept in it. The old one is
 * destroyed only once the new one is saved: whatever fails before, the login is as it was. So it is, too, when nobody is
 * there any more to be told the new id.
 * @throws TwoFactorError `LOGIN_SESSION_EXPIRED` when the old one has ended meanwhile: it does not come back proven
 */
export async function renewSession(req: Request, subject: Subject, state: SessionState): Promise<void> {
  const host = hostSession(req);
  const { sessionStore: store, sessionID: oldId } = host;
  const old = sessionOf(req);
  const before = old[sessionKey(subject.scope)];
  if (hasHungUp(req)) return;
  if (typeof store?.generate !== "function" || oldId === undefined) {
    writeState(req, subject, state);
    return saveSession(req);
  }
  if (deadSessions.has(host)) {
    throw new TwoFactorError("LOGIN_SESSION_EXPIRED", "The login ended while the second factor was being proven.");
  }
  store.generate(req);
  carryOver(old, sessionOf(req));
  writeState(req, subject, state);
  try {
    await saveSession(req);
  } catch (error) {
    host.session = old;
    old[sessionKey(subject.scope)] = before;
    throw error;
  }
  deadSessions.add(oldId);
  // An old session that stays is unproven and expires by itself.
  if (store.destroy) await patiently((done) => store.destroy?.(oldId, done)).catch(() => undefined);
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

/** Sessions that this process saw replaced or ended; the newest few thousand are enough for slow requests. */
class DeadSessions {
  readonly #ids = new Set<string>();
  /** What is being logged out right now, and by which request. */
  readonly #leaving = new Map<string, WithSession>();

  add(id: string): void {
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > 5000 && oldest !== undefined) this.#ids.delete(oldest);
  }

  /** For all requests but the one that logs out, the session is dead until that is done. */
  leave(id: string, host: WithSession): void {
    this.#leaving.set(id, host);
  }

  left(id: string, host: WithSession, dead: boolean): void {
    if (this.#leaving.get(id) === host) this.#leaving.delete(id);
    if (dead) this.add(id);
  }

  has(host: WithSession): boolean {
    const { sessionID: id } = host;
    return id !== undefined && (this.#ids.has(id) || (this.#leaving.get(id) ?? host) !== host);
  }
}

const deadSessions = new DeadSessions();
const guarded = Symbol("guarded against dead sessions");

/**
 * A slow parallel request still holds the session as it was. Where that session has died meanwhile, its answer must
 * neither save it anew nor send its cookie (`rolling`, `resave`): that would throw the user out, or bring it back.
 */
export function guardDeadSession(req: Request, res: Response & { [guarded]?: true }): void {
  const host = hostSession(req);
  const { sessionID: id } = host;
  if (id === undefined || res[guarded]) return;
  res[guarded] = true;
  const drop = () => {
    if (deadSessions.has(host)) host.session = null;
  };
  const writeHead = res.writeHead.bind(res);
  const end = res.end.bind(res);
  res.writeHead = function guardedWriteHead(this: Response, ...args: unknown[]) {
    drop();
    return Reflect.apply(writeHead, this, args) as Response;
  } as Response["writeHead"];
  res.end = function guardedEnd(this: Response, ...args: unknown[]) {
    drop();
    return Reflect.apply(end, this, args) as Response;
  } as Response["end"];
}

/** During a logout. After it the id is dead if the host has let it go, and not where it goes on with it, or has failed. */
export function watchLogout(req: Request, res: Response): void {
  const host = hostSession(req);
  const { sessionID: id } = host;
  if (id === undefined) return;
  deadSessions.leave(id, host);
  res.once("close", () => {
    deadSessions.left(id, host, res.statusCode < 500 && (!host.session || host.sessionID !== id));
  });
}
