import { epochOf } from "../../core/proof";
import { plainName } from "../../core/plain-name";
import { hasFactor } from "../../core/gate";
import { keysOf } from "../../service/status";
import { mayBegin, wantsPage } from "../answers/negotiate";
import { hostAnswer, type HttpParts, type KnownCaller } from "../caller";
import { recentProof } from "../facts";
import type { KeyPrompt, KeysPart } from "../render/pages";
import { needsEnrolmentCode } from "./enrolment-code";
import { hold } from "../session/challenges";
import type { Purpose } from "../session/state";

interface Asked {
  publicKey: object;
  expiresAt: number;
}

/** Asks the user's keys, and keeps what was asked. @returns `undefined` for who has none */
export function askKeys({ service }: HttpParts, caller: KnownCaller, purpose: Purpose): Asked | undefined {
  const { access, subject } = caller;
  const asked = service.ceremonies.ask(subject, access.record);
  if (asked === undefined) return undefined;
  hold(caller, { ...asked.challenge, purpose, epoch: epochOf(access.record) });
  return { publicKey: asked.options, expiresAt: asked.challenge.expiresAt };
}

/** Asks for a new key. Whether it may be asked is for the caller to know. */
export async function askNewKey(parts: HttpParts, caller: KnownCaller): Promise<Asked | undefined> {
  const { settings, service } = parts;
  const { access, facts } = caller;
  const about = { account: await accountName(parts, caller), issuer: plainName(settings.issuer) };
  const asked = service.ceremonies.askToAdd(access.record, about);
  if (asked === undefined) return undefined;
  const { challenge, epoch, handle } = asked.adding;
  hold(caller, { ...challenge, purpose: "add", epoch, handle, proven: hasFactor(facts) });
  return { publicKey: asked.options, expiresAt: challenge.expiresAt };
}

/** As authenticators and keys show it. */
export async function accountName({ settings }: HttpParts, { user }: KnownCaller): Promise<string> {
  const label: unknown = await hostAnswer(settings, "label", () => settings.label(user));
  return plainName(typeof label === "string" ? label : "") || plainName(settings.issuer);
}

/** What a browser loads ahead or another site asks for is asked nothing. */
const isLookedAt = ({ settings }: HttpParts, { req }: KnownCaller): boolean =>
  wantsPage(req) && (req.method === "POST" || mayBegin(req, settings));

const promptOf = ({ service }: HttpParts, asked: Asked | undefined, purpose: Purpose): { prompt?: KeyPrompt } =>
  asked === undefined
    ? {}
    : { prompt: { options: asked.publicKey, validForSeconds: asked.expiresAt - service.clock(), purpose } };

/** For a page on which a key does what a code does; who comes by a link in a mail asks at the click. */
export function keyPrompt(parts: HttpParts, caller: KnownCaller, purpose: Purpose): { prompt?: KeyPrompt } {
  if (!parts.service.factors.hasAsked(caller.access.record)) return {};
  const asked = isLookedAt(parts, caller) ? askKeys(parts, caller, purpose) : undefined;
  const { prompt } = asked ? promptOf(parts, asked, purpose) : { prompt: { validForSeconds: 0, purpose } };
  const second = purpose === "sign-in" && comesSecond(parts, caller);
  return { ...(prompt && { prompt: { ...prompt, ...(second && { second }) } }) };
}

/** This browser has last used a code, and the user has something to make one with. */
function comesSecond({ slots, service }: HttpParts, { req, access, facts, onlyKeys, lock }: KnownCaller): boolean {
  if (onlyKeys || lock !== undefined || slots.lastUsed.read(req) !== "code") return false;
  const usable = service.factors.usable(access.record, service.clock());
  return facts.directCodes || usable.some(({ rank, ceremony }) => rank === "strong" && ceremony === undefined);
}

/** For who has a choice. A recovery code is nobody's habit. */
export function noteLastUsed({ slots, service }: HttpParts, caller: KnownCaller, method: string): void {
  const { factors } = service;
  if (!factors.hasAsked(caller.access.record) || factors.isBackup(method)) return;
  slots.lastUsed.send(caller.req, caller.res, factors.isResistant(method) ? "key" : "code");
}

/** Whether this caller may be asked for a new key at once. */
function mayAddNow(parts: HttpParts, caller: KnownCaller): boolean {
  const { facts, access } = caller;
  if (facts.need === "never" || !parts.service.ceremonies.hasRoom(access.record)) return false;
  const isProven = !hasFactor(facts) || recentProof(parts, caller, "add-key") !== undefined;
  return isProven && !needsEnrolmentCode(parts, caller);
}

/** The keys of a page. @returns nothing where the host has loaded no such kind */
export async function keysPart(parts: HttpParts, caller: KnownCaller): Promise<{ keys?: KeysPart }> {
  const { service } = parts;
  const { access, onlyKeys, facts, state } = caller;
  if (service.factors.asked === undefined || facts.need === "never") return {};
  const asked = isLookedAt(parts, caller) && mayAddNow(parts, caller) ? await askNewKey(parts, caller) : undefined;
  return {
    keys: {
      list: keysOf(access.record, service.factors),
      hasRoom: service.ceremonies.hasRoom(access.record),
      required: onlyKeys,
      ...(facts.half && { onlyAdds: true as const }),
      ...promptOf(parts, asked, "add"),
      ...(state.signal && { signal: state.signal }),
    },
  };
}
