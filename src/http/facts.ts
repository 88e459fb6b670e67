import type { Request } from "express";
import type { Factor } from "../factors/factor";
import { decide, type GateFacts } from "../core/gate";
import { laneLock } from "../core/attempts";
import { needAfterReset, type Need } from "../core/need";
import { isRecent, type Proof } from "../core/proof";
import { isOpenedBy } from "../core/recovery";
import { isEnrolled } from "../core/factor-entry";
import type { EventOrigin } from "../events";
import type { Awaitable } from "../options/values";
import type { Access, Claims } from "../service/access";
import type { Presentations } from "../service/factors";
import { recentSeconds, type CodeAuthority } from "../service/submissions";
import type { VerifyPage } from "./render/pages";
import { hostDecision, needOf, type Caller, type HttpParts, type KnownCaller } from "./caller";

import { lastingName, provenAs } from "./proofs";

/** What a request brings along; what it is worth is for the service to say. */
export function claimsOf({ slots }: HttpParts, caller: Caller): Claims {
  const { req, kept, state } = caller;
  const { proof, letIn, turnedOff } = state;
  const [cookie, known] = [slots.remember.read(req), slots.known.read(req)];
  return {
    proof,
    cookie,
    known,
    letIn,
    loginAt: kept.loginAt,
    ...(turnedOff && { turnedOff, login: lastingName(caller) }),
  };
}

export function originOf(req: Request): EventOrigin {
  const userAgent = req.get("user-agent")?.slice(0, 512);
  return { ...(req.ip !== undefined && { ip: req.ip }), ...(userAgent !== undefined && { userAgent }) };
}

/** Read from the store, for own routes. */
export async function know(parts: HttpParts, caller: Caller): Promise<KnownCaller> {
  const origin = originOf(caller.req);
  const access = await parts.service.access.read(caller.subject, claimsOf(parts, caller), origin);
  const now = parts.service.clock();
  const need = needAfterReset(await needOf(parts, caller, now), access.record);
  return knownAs(parts, caller, { access, need, now, origin });
}

/** Everything the decision depends on. `need` is what the predicate said, after a reset. */
export async function knownAs(
  parts: HttpParts,
  caller: Caller,
  { access, need, now, origin }: { access: Access; need: Need; now: number; origin: EventOrigin },
): Promise<KnownCaller> {
  const { record } = access;
  const enrolled = isEnrolled(record);
  if (need.is !== "never") caller.kept.demandLogin();
  const state = caller.kept.against(caller.state, record);
  const lock = laneLock(record, access.lane, now);
  const onlyKeys = await demandsKey(parts, caller);
  const proven = countsAs(parts, access, onlyKeys);
  const { factors } = parts.service;
  const hasKey = factors.asked !== undefined && factors.hasAsked(record);
  const facts: GateFacts = {
    need: need.is,
    enrolled,
    directCodes: await directCodesServe(parts, caller.user, enrolled),
    identityProvider: record?.identityProvider !== undefined && parts.settings.acceptedAcr.length > 0,
    proven,
    // A lock stops guesses, and a key is none.
    locked: lock !== undefined && !hasKey,
    refused: state.refused === true,
    recovering: isOpenedBy(record, state.recoveryMark, now) && (await mayRecover(parts, caller.user, onlyKeys)),
    half: !proven && isAny(access) && (!hasKey || factors.isBackup(access.proof?.method ?? "")),
  };
  return { ...caller, state, access, need, onlyKeys, facts, decided: decide(facts), lock, now, origin };
}

/** For whom a recovery is: not for those of whom only keys are taken, and for whom the host allows it, whenever it is asked. */
export async function mayRecover({ settings }: HttpParts, user: unknown, onlyKeys: boolean): Promise<boolean> {
  const { recovery } = settings;
  if (recovery === undefined || onlyKeys) return false;
  return hostDecision(settings, "recovery.allow", () => recovery.allow(user));
}

/** @throws TwoFactorError for whatever is neither yes nor no, which fails closed */
export function demandsKey({ settings, service }: HttpParts, { user, req }: Caller): Awaitable<boolean> {
  const ceremony = service.factors.asked?.ceremony;
  if (ceremony?.requiredFor === undefined) return false;
  return hostDecision(settings, "requiredFor", () => ceremony.requiredFor?.(user, req));
}

/** Whether codes by mail or SMS serve this user. */
function directCodesServe({ settings }: HttpParts, user: unknown, enrolled: boolean): Awaitable<boolean> {
  if (settings.sendTwoFactorAuthenticationCode === undefined) return false;
  return hostDecision(settings, "directOtp", () => settings.directOtp(user, { enrolled }));
}

const isAny = ({ proof, browser }: Access): boolean => proof !== undefined || browser !== undefined;

/** Whether what the claims are worth opens the gate for this user. */
export function countsAs({ service }: HttpParts, access: Access, onlyKeys: boolean): boolean {
  if (!onlyKeys) return isAny(access);
  const { proof, browser } = access;
  return browser?.resistant === true || (proof !== undefined && service.factors.isResistant(proof.method));
}

/** What a code is given for. Where only keys count, a code to fall back on leads to another key, and changes nothing else. */
export type Use = "sign-in" | "add-key" | "change";

/** What of a form is proof for this user: where only keys are, a code to fall back on, too, which leads to another key. */
function takesOf({ service }: HttpParts, caller: KnownCaller, use: Use = "sign-in") {
  const { onlyKeys, access, state, facts } = caller;
  const { method } = state;
  const hasKey = service.factors.asked !== undefined && service.factors.hasAsked(access.record);
  return (factor: Factor): boolean => {
    if (method !== undefined && state.stepUp === true && facts.proven) return factor.method === method;
    if (!(onlyKeys && hasKey) || factor.ceremony !== undefined) return true;
    return use !== "change" && factor.rank === "backup";
  };
}

/** What this user's code field takes. */
export function acceptedCodes(parts: HttpParts, caller: KnownCaller, use: Use = "sign-in"): VerifyPage["accepts"] {
  const { service } = parts;
  const { access, facts } = caller;
  const usable = service.factors.usable(access.record, service.clock());
  const taken = usable.filter(takesOf(parts, caller, use));
  const others = taken.filter(({ rank, words }) => rank === "strong" && words !== undefined);
  return {
    totp: taken.some(({ setUp }) => setUp !== undefined),
    recoveryCode: taken.some(({ rank }) => rank === "backup"),
    directCode: facts.directCodes && takesOf(parts, caller, use)(service.factors.sent),
    ...(taken.some(({ ceremony }) => ceremony !== undefined) && { key: true as const }),
    ...(others.length > 0 && { others: others.map(({ method }) => method) }),
  };
}

/** What a form brings, for a submission. */
export function codeAuthority(
  parts: HttpParts,
  caller: KnownCaller,
  presented: Presentations,
  use: Use = "sign-in",
): CodeAuthority {
  return {
    presented,
    weak: caller.facts.directCodes,
    takes: takesOf(parts, caller, use),
    // An older one lets no hint out: of a session that was stolen it would tell a code that will be right soon.
    provenBy: recentProof(parts, caller, "change")?.method,
    now: caller.now,
    change: use !== "sign-in",
    lane: caller.access.lane,
    login: provenAs(caller),
  };
}

/**
 * A proof that allows it without a code. Where only keys count, a code to fall back on allows another key and no change, as
 * in `takesOf`: not even in a session that a remembered browser has let in besides.
 */
export function recentProof(
  { service }: HttpParts,
  { access, facts, onlyKeys, now }: KnownCaller,
  use: Exclude<Use, "sign-in">,
): Proof | undefined {
  const { proof } = access;
  if (proof === undefined) return undefined;
  const { factors } = service;
  if (onlyKeys && !factors.isResistant(proof.method)) {
    const leadsToKey = factors.isBackup(proof.method) || !factors.hasAsked(access.record);
    if (use === "change" || !leadsToKey) return undefined;
  }
  return isRecent(proof, recentSeconds, facts.enrolled, now) ? proof : undefined;
}
