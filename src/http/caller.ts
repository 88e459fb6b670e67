import type { Request, Response } from "express";
import { decide, type Decisions, type GateFacts } from "../core/gate";
import { laneLock, type LaneLock } from "../core/lanes";
import { needAfterReset, readNeed, type Need } from "../core/need";
import { isRecent, type Proof } from "../core/proof";
import { isEnrolled } from "../core/factor-entry";
import { subjectOf, type Subject } from "../core/user-id";
import { TwoFactorError } from "../errors";
import type { EventOrigin } from "../events";
import type { Settings } from "../options";
import { inTime, tooLate } from "../service/patience";
import type { Service } from "../service/service";
import type { Claims, Access } from "../service/access";
import type { Presentations } from "../service/factors";
import { recentSeconds, type CodeAuthority } from "../service/submissions";
import { hostSession } from "./session/host-session";
import type { createKnownCookie } from "./session/known-cookie";
import type { createLastUsedCookie } from "./session/last-used-cookie";
import type { createRememberCookie } from "./session/remember-cookie";
import type { createLookout } from "./host-mistakes";
import type { Renderer } from "./render/renderer";
import { countsAs, isAny, takesOf } from "./counts";
import type { Keeper, Kept } from "./session/kept";
import type { SessionState } from "./session/state";
import type { Warn } from "./warnings";

export { countsAs, takesOf } from "./counts";

/** What all HTTP code of one instance shares. */
export interface HttpParts {
  settings: Settings;
  service: Service;
  renderer: Renderer;
  keeper: Keeper;
  cookie: ReturnType<typeof createRememberCookie>;
  knownCookie: ReturnType<typeof createKnownCookie>;
  lastUsed: ReturnType<typeof createLastUsedCookie>;
  warn: Warn;
  lookout: ReturnType<typeof createLookout>;
  underway: Underway;
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
}

/**
 * Who is signed in, by the host's word alone. What the session holds of anybody else is wiped.
 * @returns `undefined` when nobody is: logging in is the host's business
 * @throws TwoFactorError `MISCONFIGURED` when the host's answer is none (mounted too early, no id)
 */
export async function callerOf({ settings, keeper }: HttpParts, exchange: Exchange): Promise<Caller | undefined> {
  const { req } = exchange;
  keeper.check(req);
  const user = await hostAnswer(settings, "user", () => settings.user(req));
  if (user === undefined || user === null) {
    const { passport } = (hostSession(req).session ?? {}) as { passport?: { user?: unknown } };
    if (passport?.user !== undefined && !req.user) {
      throw new TwoFactorError(
        "MISCONFIGURED",
        "The session names a passport user, but req.user is empty: mount express-two-factor after passport.session().",
      );
    }
    keeper.wipe(req);
    return undefined;
  }
  if (typeof user !== "object") throw new TwoFactorError("MISCONFIGURED", `user(req) gave a ${typeof user}, no user.`);
  const subject = subjectOf(settings.scope, await idOf(settings, user));
  const kept = await keeper.open(req, subject);
  return { ...exchange, user, subject, kept, state: kept.read() };
}

/** For methods that the host calls with a request alone; nothing they do answers it. */
export const callerWithout = (parts: HttpParts, req: Request): Promise<Caller | undefined> =>
  callerOf(parts, { req, res: undefined as unknown as Response, base: parts.settings.path });

/** Awaited, so that the rejection of a function that was not to be asynchronous ends no process. */
async function idOf(settings: Settings, user: object): Promise<unknown> {
  const { secondFactorResourceId: id } = settings;
  if (typeof id !== "function") return (user as Record<string, unknown>)[id];
  return hostAnswer(settings, "secondFactorResourceId", () => id(user));
}

/**
 * Asks a function of the host, and waits for as long as for the store: mostly it asks a database, too.
 * @throws TwoFactorError `MISCONFIGURED` when it throws or rejects, `STORE_UNAVAILABLE` when it does not answer
 */
export async function hostAnswer<T>(
  { storeTimeoutSeconds: seconds }: Pick<Settings, "storeTimeoutSeconds">,
  name: string,
  ask: () => T | Promise<T>,
): Promise<T> {
  try {
    return await inTime(seconds * 1000, ask, () => tooLate(seconds, `The host's ${name}`));
  } catch (cause) {
    if (cause instanceof TwoFactorError) throw cause;
    throw new TwoFactorError("MISCONFIGURED", `The host's ${name} failed.`, { cause });
  }
}

/** What the predicate says of this user, now. The record can add to it: see `needAfterReset`. */
export async function needOf({ settings }: HttpParts, { user, req }: Caller, now: number): Promise<Need> {
  const answer: unknown = await hostAnswer(settings, "needTwoFactorAuthentication", () =>
    settings.needTwoFactorAuthentication(user, req),
  );
  const need = readNeed(answer, now);
  if ("is" in need) return need;
  throw new TwoFactorError(
    "MISCONFIGURED",
    `needTwoFactorAuthentication must answer true, false (or "optional"), "never" or { from: Date }; it answered ${need.wrong}`,
  );
}

const kindOf = (value: unknown): string =>
  typeof value === "string" ? "another text" : value === null ? "null" : typeof value;

/** Whether codes by mail or SMS serve this user. */
async function directCodesServe({ settings }: HttpParts, user: unknown, enrolled: boolean): Promise<boolean> {
  if (settings.sendTwoFactorAuthenticationCode === undefined) return false;
  return hostDecision(settings, "directOtp", () => settings.directOtp(user, { enrolled }));
}

/** Whether this user may turn the second factor off; some hosts keep that for themselves. */
export const mayTurnOff = ({ settings }: HttpParts, { user, need }: KnownCaller): Promise<boolean> =>
  hostDecision(settings, "mayTurnOff", () => settings.mayTurnOff(user, { required: need.is === "must" }));

/** @throws TwoFactorError for whatever is neither yes nor no, which fails closed */
async function hostDecision(settings: Settings, name: string, ask: () => unknown): Promise<boolean> {
  const answer = await hostAnswer(settings, name, ask);
  if (typeof answer === "boolean") return answer;
  throw new TwoFactorError("MISCONFIGURED", `${name} must answer true or false; it answered ${kindOf(answer)}.`);
}

export function claimsOf({ cookie, knownCookie }: HttpParts, { req, state }: Caller): Claims {
  return { proof: state.proof, cookie: cookie.read(req), known: knownCookie.read(req), letIn: state.letIn };
}

export function originOf(req: Request): EventOrigin {
  const userAgent = req.get("user-agent")?.slice(0, 512);
  return { ...(req.ip !== undefined && { ip: req.ip }), ...(userAgent !== undefined && { userAgent }) };
}

/** Everything the decision depends on. `said` is what the predicate said. */
export async function knownAs(
  parts: HttpParts,
  caller: Caller,
  { access, said, now }: { access: Access; said: Need; now: number },
): Promise<KnownCaller> {
  const { record } = access;
  const enrolled = isEnrolled(record);
  const need = needAfterReset(said, record);
  const lock = laneLock(record, access.lane, now);
  const onlyKeys = await demandsKey(parts, caller);
  const proven = countsAs(parts, access, onlyKeys);
  const { factors } = parts.service;
  const hasKey = factors.hasAsked(record);
  const facts: GateFacts = {
    need: need.is,
    enrolled,
    directCodes: await directCodesServe(parts, caller.user, enrolled),
    identityProvider: record?.identityProvider !== undefined && parts.settings.acceptedAcr.length > 0,
    proven,
    // A lock stops guesses, and a key is none.
    locked: lock !== undefined && !hasKey,
    refused: caller.state.refused === true,
    half: !proven && isAny(access) && (!hasKey || factors.isBackup(access.proof?.method ?? "")),
  };
  return { ...caller, access, need, onlyKeys, facts, decided: decide(facts), lock, now };
}

/** @throws TwoFactorError for whatever is neither yes nor no, which fails closed */
export async function demandsKey({ settings, service }: HttpParts, { user, req }: Caller): Promise<boolean> {
  const ceremony = service.factors.asked?.ceremony;
  if (ceremony?.requiredFor === undefined) return false;
  return hostDecision(settings, "requiredFor", () => ceremony.requiredFor?.(user, req));
}

/** What a form brings, for a submission. `change`: for a change of factors. */
export function codeAuthority(
  parts: HttpParts,
  caller: KnownCaller,
  presented: Presentations,
  { change = false } = {},
): CodeAuthority {
  return {
    presented,
    weak: caller.facts.directCodes,
    change,
    lane: caller.access.lane,
    takes: takesOf(parts, caller),
    onKnown: (cookie) => parts.knownCookie.sendWithAnswer(caller, cookie),
  };
}

/** Read from the store, for own routes. */
export async function know(parts: HttpParts, caller: Caller): Promise<KnownCaller> {
  const access = await parts.service.access.read(caller.subject, claimsOf(parts, caller), originOf(caller.req));
  const now = parts.service.clock();
  return knownAs(parts, caller, { access, said: await needOf(parts, caller, now), now });
}

/** A proof that allows a change without a code. */
export function recentProof({ service }: HttpParts, { access, facts, onlyKeys, now }: KnownCaller): Proof | undefined {
  const { proof } = access;
  const { factors } = service;
  if (proof !== undefined && onlyKeys && factors.hasAsked(access.record)) {
    if (!factors.isResistant(proof.method) && !factors.isBackup(proof.method)) return undefined;
  }
  return isRecent(proof, recentSeconds, facts.enrolled, now) ? proof : undefined;
}
