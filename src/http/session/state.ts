import type { Request } from "express";
import type { PendingEnrolment } from "../../core/enrolment";
import type { Proof } from "../../core/proof";
import type { CodesGiven } from "../../core/unlocking";
import type { Subject } from "../../core/user-id";
import { TwoFactorError } from "../../errors";
import { deadSessionsOf, hasEnded } from "./dead-sessions";
import { patiently, type HostSession, type WithSession } from "./host-session";
import { hasHungUp } from "../answers/hung-up";
import type { SessionNotice } from "../render/pages";

/** What a key is asked for: an answer to one is none to another. */
export type Purpose = "sign-in" | "disable" | "recovery-codes" | "setup" | "browsers" | "keys" | "add";

/** A challenge as the session keeps it. */
export interface HeldChallenge {
  value: string;
  /** Unix seconds. */
  expiresAt: number;
  purpose: Purpose;
  /** Of the record when it was asked. */
  epoch: string;
  /** With `add`: what the device was told of the user; and whether there was a factor to prove first. */
  handle?: string;
  proven?: boolean;
}

/** What a session holds for us, under one key a scope. */
export interface SessionState {
  /** `Subject.key`: whose it is. Anybody else's is wiped when seen. */
  user: string;
  proof?: Proof;
  pending?: PendingEnrolment;
  /**
   * The record's epoch when a remembered browser let this session in, or of a proof that it gave up: the mark of a session
   * that is no longer to set up once the factor is gone, whoever leaves the cookie out.
   */
  letIn?: string;
  /** The way back to the page first asked for. */
  next?: string;
  /** A fresh proof is asked of somebody proven. */
  stepUp?: boolean;
  /** Unix seconds: since when a proof is owed. */
  owedSince?: number;
  /** What the identity provider proved was too little, and nothing else will do (`onWeakAcr: "refuse"`). */
  refused?: boolean;
  /** The code of a reset was given in this session, which may set up. */
  enrolmentMark?: string;
  /** The code that the host demands of a first set-up was given. */
  firstConfirmed?: { at: number; epoch: string };
  /** Unix seconds: when this login was first known of, where somebody asks how old it is. */
  seenAt?: number;
  /** A code from a mail was given in this session: a recovery lets it set up. */
  recoveryMark?: string;
  /** When codes were given to end a lock; whether they were right is in the record. */
  unlocking?: CodesGiven;
  /** Told once on the account page. */
  notice?: SessionNotice;
  /** What was asked of keys, and not answered yet. */
  challenges?: readonly HeldChallenge[];
  /** With `stepUp`: the fresh proof is to be of this method. */
  method?: string;
  /** Of a key that was just removed, for the browser. */
  signal?: Readonly<Record<string, string>>;
}

/** Where the state of a scope lives in `req.session`. */
const sessionKey = (scope: string): string => (scope === "user" ? "twoFactor" : `twoFactor:${scope}`);

/** @throws TwoFactorError `MISCONFIGURED` without a session */
export function sessionOf(req: Request): HostSession {
  const { session } = req as unknown as WithSession;
  if (typeof session === "object" && session !== null) return session;
  throw new TwoFactorError(
    "MISCONFIGURED",
    'There is no req.session: mount express-two-factor after the session middleware (and see that its store is up). An app without sessions says `state: "cookie"`, and which login a request is of: `loginId`.',
  );
}

/** What is kept of this user; of anybody else it goes. */
export function stateOf(req: Request, { scope, key: user }: Subject): SessionState {
  const session = sessionOf(req);
  const key = sessionKey(scope);
  const state = session[key] as SessionState | null | undefined;
  if (state?.user === user) return state;
  if (state !== undefined) delete session[key];
  return { user };
}

export function writeState(req: Request, subject: Subject, state: SessionState): void {
  sessionOf(req)[sessionKey(subject.scope)] = state;
}

/** What a session holds that gives up what it has proven. */
export function withoutProof(state: SessionState): SessionState {
  const { proof, pending: _, ...rest } = state;
  return proof === undefined ? rest : { ...rest, letIn: proof.epoch };
}

export function dropState(req: Request, scope: string): void {
  const { session } = req as unknown as WithSession;
  const key = sessionKey(scope);
  if (session && session[key] !== undefined) delete session[key];
}

/**
 * A session that has died meanwhile is left alone.
 * @throws TwoFactorError `STORE_UNAVAILABLE` when the host's session store fails
 */
export async function saveSession(req: Request): Promise<void> {
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

export const loginEnded = () =>
  new TwoFactorError("LOGIN_SESSION_EXPIRED", "The login ended while the second factor was being proven.");

/** Keeps a proof in a session that has one already, under the same id. @throws TwoFactorError as `renewSession` */
export async function keepProven(req: Request, subject: Subject, state: SessionState): Promise<void> {
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
export async function renewSession(req: Request, subject: Subject, state: SessionState): Promise<void> {
  const host = req as unknown as WithSession;
  const { sessionStore: store, sessionID: oldId } = host;
  if (hasHungUp(req)) return;
  if (typeof store?.generate !== "function" || oldId === undefined) {
    writeState(req, subject, state);
    return saveSession(req);
  }
  const dead = deadSessionsOf(host);
  if (dead.has(host)) throw loginEnded();
  const old = sessionOf(req);
  const before = old[sessionKey(subject.scope)];
  store.generate(req);
  const { sessionID: newId } = host;
  carryOver(old, sessionOf(req));
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
