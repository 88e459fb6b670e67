import type { KeyAdded, KeyOptions, KeysChanged, SecurityKeys } from "../../client/data";
import { canTypeCode, hasFactor } from "../../core/gate";
import type { Presentations } from "../../service/factors";
import { keyOf, keysOf } from "../../service/status";
import { linksFor, sendPage, sendProblem, sendSetupClosed, sendSignInAgain } from "../answers/answers";
import { redirect, sendJson } from "../answers/send";
import { sendRefusal } from "../answers/refusals";
import { wantsPage } from "../answers/negotiate";
import { mayTurnOff, type HttpParts, type KnownCaller } from "../caller";
import { sendKnownWithAnswer } from "../session/slots";
import { codeAuthority, recentProof } from "../facts";
import { keepOrUndo, keepProof, lastingName, newProof, provenAs } from "../proofs";
import type { PageProblem } from "../render/pages";
import { endIfOutlived } from "../session/pending-login";
import type { Purpose, SessionState } from "../session/state";
import type { AnsweredKey } from "./answered";
import { needsEnrolmentCode, withEnrolmentCode } from "./enrolment-code";
import { askKeys, askNewKey } from "./prompts";
import { authorityOf, confirmPage, keep, keepTurnedOff, stillProven } from "./changes";
import { keysPage } from "./keys-page";
import { heldCodes, recoveryCodesPage, type NewCodes } from "./recovery-codes-page";
import type { Handler } from "./route";

interface WithCode {
  code: Presentations | undefined;
}

export const showKeys: Handler = async (parts, caller) => {
  const { facts, access } = caller;
  if (facts.need === "never") return sendSetupClosed(parts, caller);
  if (needsEnrolmentCode(parts, caller)) return void (await withEnrolmentCode(parts, caller, undefined));
  if (wantsPage(caller.req)) return sendPage(parts, caller, 200, (await keysPage(parts, caller))());
  const { factors } = parts.service;
  return sendJson<SecurityKeys>(caller, 200, {
    keys: keysOf(access.record, factors),
    max: factors.asked?.ceremony.most ?? 0,
    needsProof: hasFactor(facts) && recentProof(parts, caller, "add-key") === undefined,
  });
};

/** What the session says of the way back, with a fresh proof asked. */
async function askToProveAnew(parts: HttpParts, caller: KnownCaller): Promise<void> {
  const { req, kept, state, facts } = caller;
  if (!canTypeCode(facts)) return sendSignInAgain(parts, caller);
  const links = linksFor(parts, caller);
  if (!wantsPage(req)) return sendProblem(parts, caller, "TWO_FACTOR_REQUIRED", { reason: "recent" });
  kept.write({ ...state, stepUp: true, next: links.keys });
  await kept.save();
  return redirect(caller, links.verify);
}

/** Who has a factor proves it, by a code, a key, or a proof of the last minutes. @returns `undefined` after another answer */
async function provesToAdd(
  parts: HttpParts,
  caller: KnownCaller,
  code: Presentations | undefined,
): Promise<KnownCaller | undefined> {
  const { service } = parts;
  const { req, subject, kept, access, state } = caller;
  if (code === undefined) {
    if (recentProof(parts, caller, "add-key") !== undefined) return caller;
    await askToProveAnew(parts, caller);
    return undefined;
  }
  const by = { ...codeAuthority(parts, caller, code, "add-key"), connection: req.socket };
  const result = await service.submissions.submit(subject, by, caller.origin);
  if (result.is !== "passed") {
    await sendRefusal(parts, caller, result, await keysPage(parts, caller));
    return undefined;
  }
  sendKnownWithAnswer(parts.slots, caller, result.known);
  const proof = newProof(caller, result);
  const next = { ...state, proof };
  await (access.proof === undefined ? kept.renew(next) : kept.keepProven(next));
  return { ...caller, state: next, access: { ...access, proof, record: result.record } };
}

export const newKeyOptions: Handler<WithCode & { enrolmentCode: string | undefined }> = async (
  parts,
  caller,
  input,
) => {
  const { code, enrolmentCode } = input;
  const { facts, access } = caller;
  if (facts.need === "never") return sendSetupClosed(parts, caller);
  if (!parts.service.ceremonies.hasRoom(access.record)) {
    return sendProblem(parts, caller, "KEY_LIMIT", { page: await keysPage(parts, caller) });
  }
  if (!hasFactor(facts) && (await endIfOutlived(parts, caller))) return;
  const proven = hasFactor(facts) ? await provesToAdd(parts, caller, code) : caller;
  const opened = proven && (await withEnrolmentCode(parts, proven, enrolmentCode, code));
  if (opened === undefined) return;
  await caller.kept.save();
  if (wantsPage(caller.req)) return redirect(caller, linksFor(parts, caller).keys);
  return sendAsked(parts, opened, await askNewKey(parts, opened));
};

export const verifyOptions: Handler<{ for: Purpose }> = async (parts, caller, { for: purpose }) => {
  const asked = askKeys(parts, caller, purpose);
  return sendAsked(parts, caller, asked);
};

async function sendAsked(parts: HttpParts, caller: KnownCaller, asked: ReturnType<typeof askKeys>): Promise<void> {
  if (asked === undefined) return sendProblem(parts, caller, "2FA_NOT_ENABLED");
  await caller.kept.save();
  const { publicKey, expiresAt } = asked;
  return sendJson<KeyOptions>(caller, 200, { publicKey, expiresAt: new Date(expiresAt * 1000).toISOString() });
}

export const addKey: Handler<{ response: AnsweredKey; name: string | undefined }> = async (parts, caller, input) => {
  const { service, renderer } = parts;
  const { req, subject, state, access, facts } = caller;
  if (facts.need === "never") return sendSetupClosed(parts, caller);
  const { added, held } = input.response;
  // Asked by somebody who had no factor, it is not answered by somebody who has one; and what was proven holds still. A
  // code that a reset demands was given before it was asked, and a reset since has begun another epoch.
  if (hasFactor(facts) && !(held.proven && access.proof)) {
    return sendProblem(parts, caller, "KEY_CHALLENGE_EXPIRED", { page: await keysPage(parts, caller) });
  }
  if (!hasFactor(facts) && (await endIfOutlived(parts, caller))) return;
  const name = input.name ?? renderer.say(renderer.localeOf(req), "keys.unnamed");
  const adding = {
    challenge: held,
    epoch: held.epoch,
    handle: held.handle ?? "",
    name,
    lane: access.lane,
    login: provenAs(caller),
  };
  const result = await service.ceremonies.add(subject, added, adding, caller.origin, req.socket);
  switch (result.is) {
    case "refused":
      return sendProblem(parts, caller, "KEY_REFUSED", { refused: result.reason, page: await keysPage(parts, caller) });
    case "expired":
      return sendProblem(parts, caller, "KEY_CHALLENGE_EXPIRED", { page: await keysPage(parts, caller) });
    case "limit":
      return sendProblem(parts, caller, "KEY_LIMIT", { page: await keysPage(parts, caller) });
    case "gone":
      return void caller.res.destroy();
    case "added": {
      const { record, entry, recoveryCodes, first, known } = result;
      sendKnownWithAnswer(parts.slots, caller, known);
      const links = linksFor(parts, caller);
      const isNew = first || caller.facts.half;
      const { pending: _, ...rest } = state;
      const made = { record, codes: recoveryCodes, occasion: "enabled" } as const;
      const keepNew = () => keepNewProof(parts, { ...caller, state: rest }, made);
      const held = isNew ? await keepOrUndo(result.undo, keepNew) : undefined;
      if (!isNew) await keep(caller, { notice: "key-added" }, []);
      const next = isNew ? links.next : backTo(parts, caller);
      if (!wantsPage(req)) {
        const key = keyOf(entry, service.factors);
        return sendJson<KeyAdded>(caller, 201, { key, ...(first && { recoveryCodes }), next });
      }
      if (!first) return redirect(caller, next);
      return sendPage(parts, caller, 200, await recoveryCodesPage(parts, caller, made, held));
    }
  }
};

/** Whoever has just made a key has shown it: the session is proven by it. */
async function keepNewProof(parts: HttpParts, caller: KnownCaller, made: NewCodes): Promise<SessionState["codes"]> {
  const method = parts.service.factors.asked?.method ?? "enrolment";
  const proof = newProof(caller, { record: made.record, method });
  const held = await heldCodes(parts, caller, made, proof);
  const { pending: _, ...rest } = caller.state;
  await keepProof({ ...caller, state: rest }, proof, held);
  return held.codes;
}

/** To the page that shows keys: where the host has an account page of its own, ours of keys alone. */
function backTo(parts: HttpParts, caller: KnownCaller): string {
  const links = linksFor(parts, caller);
  return parts.settings.pages?.account === undefined ? links.account : links.keys;
}

/** Taken away meanwhile, perhaps in another tab: people are shown what there is. */
async function sendGone(parts: HttpParts, caller: KnownCaller): Promise<void> {
  const page = await keysPage(parts, caller);
  return sendProblem(parts, caller, "NOT_FOUND", { page: () => page({ code: "CONFLICT" }) });
}

/** By their names an owner knows which key was lost, and takes that one away: so a name is a change, too. */
export const renameKey: Handler<{ id: string; name: string }> = async (parts, caller, { id, name }) => {
  const { service } = parts;
  const { req, subject } = caller;
  if (service.ceremonies.signal(caller.access.record, id) === undefined) return sendGone(parts, caller);
  if (recentProof(parts, caller, "change") === undefined) return askToProveAnew(parts, caller);
  const record = await service.ceremonies.rename(subject, id, name, caller.origin);
  if (record === undefined) return sendGone(parts, caller);
  await keep(caller, { notice: "key-renamed" }, []);
  if (wantsPage(req)) return redirect(caller, backTo(parts, caller));
  return sendJson<KeysChanged>(caller, 200, { keys: keysOf(record, service.factors) });
};

export const removeKey: Handler<WithCode & { id: string }> = async (parts, caller, { code, id }) => {
  const { service, slots } = parts;
  const { req, res, subject, access, onlyKeys, need } = caller;
  const page = (problem?: PageProblem) => confirmPage(parts, caller, "remove-key", { problem, keyId: id });
  const signal = service.ceremonies.signal(access.record, id);
  if (signal === undefined) return sendGone(parts, caller);
  // Where only keys count, something else that is left would open nothing.
  const endsAll = access.record?.factors.filter(({ strong }) => strong).length === 1;
  const mayEnd = need.is !== "must" && (!onlyKeys || endsAll) && (await mayTurnOff(parts, caller));
  // Before the code is looked at: it is neither counted nor used up.
  if (!mayEnd && service.ceremonies.isLast(access.record, id, onlyKeys)) {
    return sendProblem(parts, caller, "LAST_FACTOR", { page: await keysPage(parts, caller) });
  }
  const by = await authorityOf(parts, caller, code, page);
  if (by === undefined) return;
  const wish = { id, mayEnd, onlySuchCount: onlyKeys, login: lastingName(caller) };
  const result = await service.ceremonies.remove(subject, by, wish, caller.origin);
  if (result.is !== "passed") return sendRefusal(parts, caller, result, page);
  sendKnownWithAnswer(parts.slots, caller, result.known);
  slots.remember.clear(req, res);
  const left = keysOf(result.record, service.factors);
  const ended = !result.record.factors.some(({ strong }) => strong === true);
  if (ended) await keepTurnedOff(caller, result.record, { signal });
  else {
    const byCode = "presented" in by ? newProof(caller, result) : undefined;
    await keep(caller, { notice: "key-removed", signal, ...stillProven(caller, result, byCode) }, []);
  }
  if (wantsPage(req)) return redirect(caller, backTo(parts, caller));
  return sendJson<KeysChanged>(caller, 200, { keys: left, signal });
};
