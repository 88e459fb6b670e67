import type { FirstEnrolmentDemand } from "../core/first-enrolment";
import type { Request, Response } from "express";
import type { Decisions, GateFacts } from "../core/gate";
import type { LaneLock } from "../core/attempts";
import { readNeed, type Need } from "../core/need";
import { subjectOf, type Subject } from "../core/user-id";
import { TwoFactorError } from "../errors";
import type { EventOrigin } from "../events";
import type { Settings } from "../options";
import type { Awaitable } from "../options/values";
import { inTime, tooLate } from "../service/patience";
import type { Service } from "../service/service";
import type { Access } from "../service/access";
import { hostSession } from "./session/host-session";
import type { Slots } from "./session/slots";
import type { createLookout } from "./host-mistakes";
import type { Renderer } from "./render/renderer";
import type { Keeper, Kept } from "./session/kept";
import type { SessionState } from "./session/state";
import type { Warn } from "./warnings";

/** What all HTTP code of one instance shares. */
export interface HttpParts {
  settings: Settings;
  service: Service;
  renderer: Renderer;
  keeper: Keeper;
  /** What clients bring along for us, and take. */
  slots: Slots;
  warn: Warn;
  lookout: ReturnType<typeof createLookout>;
  underway: Underway;
  /** Paths of the site that are open to whoever owes a proof. */
  openPaths: ReadonlySet<string>;
}

/** What requests of one session do at the same time and only one of them should; by session and user. */
export interface Underway {
  /** Set-ups that page loads have begun. */
  setups: Map<string, Promise<unknown>>;
  /** Marks that a remembered browser has let a session in. */
  marks: Set<string>;
}

/** One request, and where our routes are mounted for it. */
export interface Exchange {
  req: Request;
  res: Response;
  /** The path below which our routes live, as the browser sees it. */
  base: string;
}

/** A request of somebody who is signed in. */
export interface Caller extends Exchange {
  user: unknown;
  subject: Subject;
  /** Where what belongs to this login is kept; `state` is what was there as the request was read. */
  kept: Kept;
  state: SessionState;
}

/** A caller held against the store. */
export interface KnownCaller extends Caller {
  access: Access;
  /** For this user codes are no proof (`requiredFor`). */
  onlyKeys: boolean;
  need: Need;
  facts: GateFacts;
  decided: Decisions;
  lock: LaneLock | undefined;
  /** Unix seconds: when it was decided. */
  now: number;
  /** Where the request comes from, for events and the history. */
  origin: EventOrigin;
  /** The page may lead to a recovery. */
  recoveryOffered?: boolean;
  /** What the host demands of a first set-up; absent where there is a factor, and where nobody has asked. */
  first?: FirstEnrolmentDemand;
}

/**
 * Who is signed in, by the host's word alone. What the session holds of anybody else is wiped.
 * @returns `undefined` when nobody is: logging in is the host's business
 * @throws TwoFactorError `MISCONFIGURED` when the host's answer is none (mounted too early, no id)
 */
export function callerOf(parts: HttpParts, exchange: Exchange): Awaitable<Caller | undefined> {
  const user = userOf(parts, exchange.req);
  return user instanceof Promise
    ? user.then((known) => withUser(parts, exchange, known))
    : withUser(parts, exchange, user);
}

/** A host that looks into a session which is not there fails, and is told that reason first. */
function userOf({ settings, keeper }: HttpParts, req: Request): unknown {
  const failed = (fault: unknown): never => {
    keeper.check(req);
    throw fault;
  };
  try {
    const user = hostAnswer(settings, "user", () => settings.user(req));
    return user instanceof Promise ? user.catch(failed) : user;
  } catch (fault) {
    return failed(fault);
  }
}

function withUser(parts: HttpParts, exchange: Exchange, user: unknown): Awaitable<Caller | undefined> {
  if (user === undefined || user === null) return nobody(parts, exchange.req);
  if (typeof user !== "object") throw new TwoFactorError("MISCONFIGURED", `user(req) gave a ${typeof user}, no user.`);
  const id = idOf(parts.settings, user);
  return id instanceof Promise
    ? id.then((known) => withId(parts, exchange, user, known))
    : withId(parts, exchange, user, id);
}

function withId({ settings, keeper }: HttpParts, exchange: Exchange, user: unknown, id: unknown): Awaitable<Caller> {
  const { req, res, base } = exchange;
  const subject = subjectOf(settings.scope, id);
  const kept = keeper.open(req, subject);
  const caller = { req, res, base, user, subject };
  return kept instanceof Promise
    ? kept.then((opened: Kept) => ({ ...caller, kept: opened, state: opened.read() }))
    : { ...caller, kept, state: kept.read() };
}

function nobody({ keeper }: HttpParts, req: Request): undefined {
  const { passport } = (hostSession(req).session ?? {}) as { passport?: { user?: unknown } };
  if (passport?.user !== undefined && !req.user) {
    throw new TwoFactorError(
      "MISCONFIGURED",
      "The session names a passport user, but req.user is empty: mount express-two-factor after passport.session().",
    );
  }
  keeper.wipe(req);
}

/** For methods that the host calls with a request alone; nothing they do answers it. */
export const callerWithout = async (parts: HttpParts, req: Request): Promise<Caller | undefined> =>
  callerOf(parts, { req, res: undefined as unknown as Response, base: parts.settings.path });

/** Awaited where it is a promise, so that the rejection of a function that was not to be asynchronous ends no process. */
function idOf(settings: Settings, user: object): unknown {
  const { secondFactorResourceId: id } = settings;
  if (typeof id !== "function") return (user as Record<string, unknown>)[id];
  return hostAnswer(settings, "secondFactorResourceId", () => id(user));
}

/**
 * Asks a function of the host. What it answers at once is there at once; else this waits for as long as for the store: mostly
 * it asks a database, too.
 * @throws TwoFactorError `MISCONFIGURED` when it throws or rejects, `STORE_UNAVAILABLE` when it does not answer
 */
export function hostAnswer<T>(
  { storeTimeoutSeconds: seconds }: Pick<Settings, "storeTimeoutSeconds">,
  name: string,
  ask: () => Awaitable<T>,
): Awaitable<T> {
  try {
    const answer = ask();
    return isThenable(answer) ? inDueTime(seconds, name, answer) : answer;
  } catch (cause) {
    throw failed(name, cause);
  }
}

/** Whatever promises an answer, of which library it may be. */
const isThenable = <T>(answer: T | PromiseLike<T>): answer is PromiseLike<T> =>
  typeof (answer as { then?: unknown } | null | undefined)?.then === "function";

async function inDueTime<T>(seconds: number, name: string, answer: PromiseLike<T>): Promise<T> {
  try {
    return await inTime(
      seconds * 1000,
      () => answer,
      () => tooLate(seconds, `The host's ${name}`),
    );
  } catch (cause) {
    throw failed(name, cause);
  }
}

const failed = (name: string, cause: unknown): TwoFactorError =>
  cause instanceof TwoFactorError
    ? cause
    : new TwoFactorError("MISCONFIGURED", `The host's ${name} failed.`, { cause });

/** What the predicate says of this user, now. The record can add to it: see `needAfterReset`. */
export function needOf({ settings }: HttpParts, { user, req }: Caller, now: number): Awaitable<Need> {
  const answer: unknown = hostAnswer(settings, "needTwoFactorAuthentication", () =>
    settings.needTwoFactorAuthentication(user, req),
  );
  return answer instanceof Promise ? answer.then((said) => needSaid(said, now)) : needSaid(answer, now);
}

function needSaid(answer: unknown, now: number): Need {
  const need = readNeed(answer, now);
  if ("is" in need) return need;
  throw new TwoFactorError(
    "MISCONFIGURED",
    `needTwoFactorAuthentication must answer true, false (or "optional"), "never" or { from: Date }; it answered ${need.wrong}`,
  );
}

const kindOf = (value: unknown): string =>
  typeof value === "string" ? "another text" : value === null ? "null" : typeof value;

/** Whether this user may turn the second factor off; some hosts keep that for themselves. */
export const mayTurnOff = ({ settings }: HttpParts, { user, need }: KnownCaller): Awaitable<boolean> =>
  hostDecision(settings, "mayTurnOff", () => settings.mayTurnOff(user, { required: need.is === "must" }));

/** @throws TwoFactorError for whatever is neither yes nor no, which fails closed */
export function hostDecision(settings: Settings, name: string, ask: () => unknown): Awaitable<boolean> {
  const answer = hostAnswer(settings, name, ask);
  return answer instanceof Promise ? answer.then((said) => yesOrNo(name, said)) : yesOrNo(name, answer);
}

function yesOrNo(name: string, answer: unknown): boolean {
  if (typeof answer === "boolean") return answer;
  throw new TwoFactorError("MISCONFIGURED", `${name} must answer true or false; it answered ${kindOf(answer)}.`);
}
