import { statusOfCode } from "../../errors";
import type { Confirmation, Disabled, Forgotten, NewRecoveryCodes } from "../../client/data";
import { canTypeCode, hasFactor } from "../../core/gate";
import { epochOf, type Proof } from "../../core/proof";
import type { TwoFactorRecord } from "../../core/record";
import type { Presentations } from "../../service/factors";
import type { Authority, SubmissionResult } from "../../service/submissions";
import { linksFor, sendDisableClosed, sendPage, sendProblem, sendSignInAgain } from "../answers/answers";
import { redirect, sendJson } from "../answers/send";
import { sendRefusal } from "../answers/refusals";
import { wantsPage } from "../answers/negotiate";
import { heldCodes, holdsCodes, recoveryCodesPage, type NewCodes } from "./recovery-codes-page";
import type { Again, Handler } from "./route";
import type { Purpose, SessionState } from "../session/state";
import type { ConfirmPage, PageProblem } from "../render/pages";
import { mayTurnOff, type HttpParts, type KnownCaller } from "../caller";
import { sendKnownWithAnswer } from "../session/slots";
import { acceptedCodes, codeAuthority, recentProof } from "../facts";
import { accountPage, toldOf } from "./account";
import { keyPrompt } from "./prompts";
import { lastingName, newProof } from "../proofs";
import { asksRecoveryCode } from "./verify";

type Action = ConfirmPage["action"];

/** What a key is asked for on the page of each. */
const purposes: Readonly<Record<Action, Purpose>> = {
  disable: "disable",
  regenerate: "recovery-codes",
  replace: "setup",
  forget: "browsers",
  "remove-key": "keys",
};

/** Asks first, in words; with a code field unless the proof is recent. */
export function confirmPage(
  parts: HttpParts,
  caller: KnownCaller,
  action: Action,
  { problem, browserId, keyId }: { problem?: PageProblem | undefined; browserId?: string; keyId?: string } = {},
): ConfirmPage {
  const needsCode = recentProof(parts, caller, "change") === undefined;
  const accepts = acceptedCodes(parts, caller, "change");
  return {
    page: "confirm",
    action,
    needsCode,
    ...(needsCode && keyPrompt(parts, caller, purposes[action])),
    required: caller.need.is === "must",
    otpLength: parts.settings.otpLength,
    accepts: { ...accepts, directCode: !caller.facts.enrolled && caller.facts.directCodes },
    ...(keyId !== undefined && { keyId }),
    ...(accepts.recoveryCode && { withRecoveryCode: asksRecoveryCode(caller) }),
    ...(browserId !== undefined && { browserId }),
    ...((action === "regenerate" || action === "replace") && holdsCodes(caller) && { codesHeld: true as const }),
    ...(problem && { problem }),
  };
}

/** Whether there is anything to change: a form can be older than what it wants to change. */
async function nothingEnabled(parts: HttpParts, caller: KnownCaller): Promise<void> {
  const account = await accountPage(parts, caller);
  return sendProblem(parts, caller, "2FA_NOT_ENABLED", { page: (problem) => ({ ...account, problem }) });
}

const ask =
  (action: "disable" | "regenerate"): Handler =>
  async (parts, caller) => {
    if (!caller.facts.enrolled) return nothingEnabled(parts, caller);
    if (action === "disable" && !(await mayTurnOff(parts, caller))) return sendDisableClosed(parts, caller);
    if (wantsPage(caller.req)) return sendPage(parts, caller, 200, confirmPage(parts, caller, action));
    return sendJson<Confirmation>(caller, 200, { needsCode: recentProof(parts, caller, "change") === undefined });
  };

export const askDisable = ask("disable");
export const askRegenerate = ask("regenerate");

/** A code in the form, or a proof of the last minutes; `undefined` after the answer that asks for one. */
export async function authorityOf(
  parts: HttpParts,
  caller: KnownCaller,
  presented: Presentations | undefined,
  page: (problem?: PageProblem) => ConfirmPage,
): Promise<Authority | undefined> {
  if (presented !== undefined) return codeAuthority(parts, caller, presented, "change");
  const proof = recentProof(parts, caller, "change");
  if (proof !== undefined) return { proof };
  const bySignIn = hasFactor(caller.facts) && !canTypeCode(caller.facts);
  if (bySignIn) await sendSignInAgain(parts, caller);
  // Whoever has just clicked has made no mistake.
  else if (wantsPage(caller.req)) await sendPage(parts, caller, statusOfCode.TWO_FACTOR_REQUIRED, page());
  else await sendProblem(parts, caller, "TWO_FACTOR_REQUIRED", { reason: "recent", page });
  return undefined;
}

/** The change has been made; what the session holds follows. */
export async function keep(
  caller: KnownCaller,
  change: Partial<SessionState>,
  drop: readonly (keyof SessionState)[],
): Promise<void> {
  const state: SessionState = { ...caller.state, ...change };
  for (const name of drop) delete state[name];
  // A code has just proven a session that only a remembered browser let in.
  if (caller.access.proof === undefined && state.proof !== undefined) {
    return caller.kept.renew(state);
  }
  caller.kept.write(state);
  return caller.kept.save();
}

/** Nothing is left to prove, and this login may set up again. */
export const keepTurnedOff = (caller: KnownCaller, record: TwoFactorRecord, change: Partial<SessionState> = {}) =>
  keep(caller, { notice: "disabled", turnedOff: epochOf(record), ...change }, [
    "proof",
    "letIn",
    "pending",
    "stepUp",
    "codes",
  ]);

interface WithCode {
  code: Presentations | undefined;
}

/** The form of a change, unless there is nothing to change any more. */
const again =
  (action: Action, { browserId }: { browserId?: unknown } = {}) =>
  (parts: HttpParts, caller: KnownCaller) => {
    if (!caller.facts.enrolled) return undefined;
    const of = typeof browserId === "string" ? { browserId } : {};
    return (problem: PageProblem) => confirmPage(parts, caller, action, { problem, ...of });
  };

export const againDisable: Again = async (parts, caller) =>
  (await mayTurnOff(parts, caller)) ? again("disable")(parts, caller) : undefined;
export const againRegenerate: Again = again("regenerate");
/** Of the same one: without it, the form would be for all. */
export const againForget: Again = (parts, caller, { id }) => again("forget", { browserId: id })(parts, caller);

export const disable: Handler<WithCode> = async (parts, caller, { code }) => {
  if (!caller.facts.enrolled) return nothingEnabled(parts, caller);
  // Before the code is looked at: it is neither counted nor used up.
  if (!(await mayTurnOff(parts, caller))) return sendDisableClosed(parts, caller);
  const page = (problem?: PageProblem) => confirmPage(parts, caller, "disable", { problem });
  const by = await authorityOf(parts, caller, code, page);
  if (by === undefined) return;
  const result = await parts.service.changes.disable(caller.subject, by, caller.origin, lastingName(caller));
  if (result.is !== "passed") return sendRefusal(parts, caller, result, page);
  sendKnownWithAnswer(parts.slots, caller, result.known);
  parts.slots.remember.clear(caller.req, caller.res);
  await keepTurnedOff(caller, result.record);
  if (wantsPage(caller.req)) return redirect(caller, linksFor(parts, caller).account);
  return sendJson<Disabled>(caller, 200, { success: true, enabled: false, required: caller.need.is === "must" });
};

export const regenerate: Handler<WithCode> = async (parts, caller, { code }) => {
  if (!caller.facts.enrolled) return nothingEnabled(parts, caller);
  const page = (problem?: PageProblem) => confirmPage(parts, caller, "regenerate", { problem });
  const by = await authorityOf(parts, caller, code, page);
  if (by === undefined) return;
  const { result, recoveryCodes } = await parts.service.changes.regenerateRecoveryCodes(
    caller.subject,
    caller.access.record,
    { ...by, connection: caller.req.socket },
    caller.origin,
  );
  if (result.is !== "passed") return sendRefusal(parts, caller, result, page);
  sendKnownWithAnswer(parts.slots, caller, result.known);
  if (!wantsPage(caller.req))
    return sendJson<NewRecoveryCodes>(caller, 200, { recoveryCodes, next: linksFor(parts, caller).account });
  const made = { record: result.record, codes: recoveryCodes, occasion: "regenerated" } as const;
  const held = await keepCodes(parts, caller, made);
  const { state: _, ...exchange } = caller;
  return sendPage(parts, exchange, 200, await recoveryCodesPage(parts, caller, made, held));
};

/** The old codes are void: a session that cannot be saved is no reason to keep the new ones back. */
async function keepCodes(parts: HttpParts, caller: KnownCaller, made: NewCodes): Promise<SessionState["codes"]> {
  const { codes } = await heldCodes(parts, caller, made);
  if (codes === undefined) return undefined;
  caller.kept.write({ ...caller.state, codes });
  return caller.kept.save().then(
    () => codes,
    () => undefined,
  );
}

export const forgetBrowsers: Handler<WithCode & { id: string | undefined }> = async (parts, caller, input) => {
  const { code, id: one } = input;
  const page = (problem?: PageProblem) =>
    confirmPage(parts, caller, "forget", { problem, ...(one !== undefined && { browserId: one }) });
  if (caller.access.record === undefined) return nothingEnabled(parts, caller);
  const by = await authorityOf(parts, caller, code, page);
  if (by === undefined) return;
  const { changes } = parts.service;
  const origin = caller.origin;
  const result = await (one === undefined
    ? changes.forgetAllBrowsers(caller.subject, by, origin)
    : changes.forgetBrowser(caller.subject, by, one, origin));
  if (result.is !== "passed") return sendRefusal(parts, caller, result, page);
  sendKnownWithAnswer(parts.slots, caller, result.known);
  const gone = one === undefined || one === caller.access.browser?.id;
  if (gone) parts.slots.remember.clear(caller.req, caller.res);
  await keep(
    caller,
    {
      notice: one === undefined ? "browsers-forgotten" : "browser-forgotten",
      ...stillProven(caller, result, "presented" in by ? newProof(caller, result) : undefined),
    },
    [],
  );
  if (wantsPage(caller.req)) return redirect(caller, linksFor(parts, caller).account);
  return sendJson<Forgotten>(caller, 200, { browsers: await accountPageBrowsers(parts, caller, result) });
};

type Passed = Extract<SubmissionResult, { is: "passed" }>;

/** Who forgets all browsers has just proven it: this session moves into the new epoch, no other does. */
export function stillProven({ access }: KnownCaller, { record }: Passed, byCode: Proof | undefined): { proof?: Proof } {
  const proof = byCode ?? access.proof;
  return proof === undefined ? {} : { proof: { ...proof, epoch: record.epoch } };
}

async function accountPageBrowsers(parts: HttpParts, caller: KnownCaller, { record }: Passed) {
  return (await accountPage(parts, { ...caller, access: { ...caller.access, record } })).browsers.map(toldOf);
}
