import { statusOfCode } from "../../errors";
import { isBeginningRecent, isPendingLive, type PendingEnrolment } from "../../core/enrolment";
import { epochOf, type Proof } from "../../core/proof";
import type { Presentations } from "../../service/factors";
import { canTypeCode, hasFactor, opensSetup } from "../../core/gate";
import { recentSeconds } from "../../service/submissions";
import { linksFor, sendPage, sendProblem, sendSetupClosed, sendSignInAgain } from "../answers/answers";
import { redirect } from "../answers/send";
import { sendRefusal } from "../answers/refusals";
import { wantsPage } from "../answers/negotiate";
import { endIfOutlived } from "../session/pending-login";
import type { PageProblem } from "../render/pages";
import type { HttpParts, KnownCaller } from "../caller";
import { sendKnownWithAnswer } from "../session/slots";
import { codeAuthority, recentProof } from "../facts";
import { confirmPage } from "./changes";
import { withEnrolmentCode } from "./enrolment-code";
import { isFirstUnconfirmed } from "./first-enrolment";
import { hasApp, sendKeysOnly } from "./keys-only";
import { newProof } from "../proofs";

type Allowed = readonly [replacing: boolean, proven: boolean, recovery?: string];
const nothing: Allowed = [false, false];
const another: Allowed = [false, true];
const replacement: Allowed = [true, true];

export interface Begun {
  pending: PendingEnrolment;
  secret: string;
}

/**
 * The set-up that this session may go on with. One begun without a proof ends where there is a factor to prove by now; one
 * begun with a proof ends with the session's proof, which a logout ends in the record: in a copy of the session, too. And
 * it waits for a new proof once that is no longer recent.
 */
export function pendingOf(parts: HttpParts, caller: KnownCaller): PendingEnrolment | undefined {
  const { state, facts } = caller;
  // It goes with its recovery: who has stopped that, or typed a later code elsewhere, has ended this.
  if (state.pending?.recovery !== undefined) return facts.recovering ? state.pending : undefined;
  // Whose time is up is told so by whoever is asked to confirm it.
  if (byProof(caller) !== undefined) return waitsForProof(parts, caller) ? undefined : state.pending;
  if (state.pending?.proven || state.pending?.replacing) return undefined;
  return facts.enrolled || !hasFactor(facts) ? state.pending : undefined;
}

/** What this session began with a proof that it still has. */
const byProof = ({ state: { pending }, access }: KnownCaller): PendingEnrolment | undefined =>
  access.proof !== undefined && (pending?.proven || pending?.replacing) ? pending : undefined;

/** It could go on, and a new proof is all that it wants: whoever scans slowly comes back to the same key. */
export function waitsForProof(parts: HttpParts, caller: KnownCaller): boolean {
  const pending = byProof(caller);
  const now = parts.service.clock();
  if (pending === undefined || !isPendingLive(pending, parts.settings.setupValidForSeconds, now)) return false;
  if (pending.epoch !== epochOf(caller.access.record)) return false;
  return !isBeginningRecent(pending, recentSeconds, now) && recentProof(parts, caller, "change") === undefined;
}

/**
 * The set-up that this session has begun and can still confirm, to be shown. Whose login is too old by now may confirm what
 * was scanned in time, and is not shown the key: nobody who has stolen that login since has seen it.
 */
export async function resume(parts: HttpParts, caller: KnownCaller): Promise<Begun | undefined> {
  if (isFirstUnconfirmed(parts, caller)) return undefined;
  const { service } = parts;
  const pending = pendingOf(parts, caller);
  const secret = await service.enrolments.resume(caller.subject, caller.access.record, pending);
  return pending === undefined || secret === undefined ? undefined : { pending, secret };
}

export interface Wish {
  /** A code that came with the request: it is proof enough. */
  code?: Presentations | undefined;
  /** Instead of the authenticator that there is. */
  replace?: boolean;
  /** What a reset demanded besides the password. */
  enrolmentCode?: string | undefined;
  /** Only a page was asked for: page loads at the same time begin one set-up. */
  byPageLoad?: boolean;
}

/**
 * The one place where a set-up begins, so the one that asks whether it may: nobody but this decides who is shown a key.
 * @returns `undefined` after another answer
 */
export async function begin(
  parts: HttpParts,
  caller: KnownCaller,
  { code, replace, byPageLoad, enrolmentCode }: Wish,
): Promise<Begun | undefined> {
  const { facts } = caller;
  if (facts.need === "never") {
    await sendSetupClosed(parts, caller);
    return undefined;
  }
  if (caller.onlyKeys && hasFactor(facts)) {
    await sendKeysOnly(parts, caller);
    return undefined;
  }
  const { recoveryMark } = caller.state;
  if (opensSetup(facts) && recoveryMark !== undefined) {
    const allowed: Allowed = [true, false, recoveryMark];
    return byPageLoad ? newKeyOnce(parts, caller, allowed) : newKey(parts, caller, allowed);
  }
  if (!hasFactor(facts)) {
    if (await endIfOutlived(parts, caller)) return undefined;
    const opened = await withEnrolmentCode(parts, caller, enrolmentCode, code);
    if (opened === undefined) return undefined;
    if (caller.onlyKeys) {
      await caller.kept.save();
      await sendKeysOnly(parts, opened);
      return undefined;
    }
    return byPageLoad ? newKeyOnce(parts, opened, nothing) : newKey(parts, opened, nothing);
  }
  if (facts.enrolled && !hasApp(parts, caller) && code !== undefined) {
    const proof = await provesToReplace(parts, caller, code);
    return proof && newKey(parts, caller, another, proof);
  }
  if (facts.enrolled && hasApp(parts, caller)) {
    if (replace !== true) await sendReplaceOnly(parts, caller);
    const proof = replace === true ? await provesToReplace(parts, caller, code) : undefined;
    return proof && newKey(parts, caller, replacement, proof);
  }
  if (recentProof(parts, caller, "change") === undefined) {
    await askToProveAnew(parts, caller);
    return undefined;
  }
  const opened = await withEnrolmentCode(parts, caller, enrolmentCode);
  if (opened === undefined) return undefined;
  return byPageLoad ? newKeyOnce(parts, opened, another) : newKey(parts, opened, another);
}

export const confirmReplace = (parts: HttpParts, caller: KnownCaller) => (problem?: PageProblem) =>
  confirmPage(parts, caller, "replace", { problem });

const sendReplaceOnly = (parts: HttpParts, caller: KnownCaller) =>
  sendProblem(parts, caller, "TOTP_ALREADY_ENABLED", { page: confirmReplace(parts, caller) });

/** People are asked, without a reproach: whoever clicks "Change authenticator app" has made no mistake. */
const askToReplace = (parts: HttpParts, caller: KnownCaller) =>
  wantsPage(caller.req)
    ? sendPage(parts, caller, statusOfCode.TOTP_ALREADY_ENABLED, confirmReplace(parts, caller)())
    : sendProblem(parts, caller, "TOTP_ALREADY_ENABLED");

/** By a right code, or by a proof of the last minutes. @returns `undefined` after another answer */
async function provesToReplace(
  parts: HttpParts,
  caller: KnownCaller,
  presented: Presentations | undefined,
): Promise<Proof | undefined> {
  const { service } = parts;
  const { subject, req } = caller;
  const page = confirmReplace(parts, caller);
  if (presented === undefined) {
    const proof = recentProof(parts, caller, "change");
    if (proof === undefined) await askToReplace(parts, caller);
    return proof;
  }
  const by = { ...codeAuthority(parts, caller, presented, "change"), connection: req.socket };
  const result = await service.submissions.submit(subject, by, caller.origin);
  if (result.is === "passed") {
    sendKnownWithAnswer(parts.slots, caller, result.known);
    return newProof(caller, result);
  }
  await sendRefusal(parts, caller, result, page);
  return undefined;
}

/** A new key, which lives in this session alone. `proof`: what allowed it; the session keeps a fresh one. */
async function newKey({ service }: HttpParts, caller: KnownCaller, allowed: Allowed, proof?: Proof): Promise<Begun> {
  const { subject, kept, state, access } = caller;
  const begun = await service.enrolments.begin(subject, access.record, ...allowed);
  const next = { ...state, pending: begun.pending, ...(proof && { proof }) };
  // A code has just proven a session that only a remembered browser let in.
  if (proof !== undefined && access.proof === undefined) await kept.renew(next);
  else {
    kept.write(next);
    await kept.save();
  }
  return begun;
}

/** Page loads of one session at the same time begin one set-up: none of them sees in the session what another does. */
async function newKeyOnce(parts: HttpParts, caller: KnownCaller, allowed: Allowed): Promise<Begun> {
  const { kept, subject, state } = caller;
  const key = `${kept.id} ${subject.key}`;
  const { setups } = parts.underway;
  const other = kept.id === undefined ? undefined : ((await setups.get(key)) as Begun | undefined);
  if (other !== undefined) {
    kept.write({ ...state, pending: other.pending });
    await kept.save();
    return other;
  }
  const begun = newKey(parts, caller, allowed).finally(() => setups.delete(key));
  if (kept.id !== undefined) setups.set(key, begun);
  return begun;
}

/** A change of factors takes a recent proof: to the code page and back to this one, or to the identity provider. */
export async function askToProveAnew(parts: HttpParts, caller: KnownCaller): Promise<void> {
  const { req, kept, state, facts } = caller;
  if (!canTypeCode(facts)) return sendSignInAgain(parts, caller);
  const links = linksFor(parts, caller);
  kept.write({ ...state, stepUp: true, next: links.setup });
  await kept.save();
  if (wantsPage(req)) return redirect(caller, links.verify);
  return sendProblem(parts, caller, "TWO_FACTOR_REQUIRED", { reason: "recent" });
}
