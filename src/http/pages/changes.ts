import { canTypeCode, hasFactor } from "../../core/gate";
import type { Proof } from "../../core/proof";
import type { Authority, SubmissionResult } from "../../service/submissions";
import { linksFor, redirect, sendJson, sendPage, sendProblem, sendRefusal, sendSignInAgain } from "../answers";
import type { Fields } from "../body";
import { hasHungUp } from "../hung-up";
import { wantsPage } from "../negotiate";
import type { Handler } from "../routes";
import { renewSession, saveSession, writeState, type SessionState } from "../session";
import type { ConfirmPage, PageProblem } from "../views";
import { originOf, recentProof, type HttpParts, type KnownVisit } from "../visit";
import { accountPage } from "./account";
import { acceptedCodes, asksRecoveryCode, newProof } from "./verify";

type Action = ConfirmPage["action"];

/** Asks first, in words; with a code field unless the proof is recent. */
export function confirmPage(
  parts: HttpParts,
  visit: KnownVisit,
  action: Action,
  problem?: PageProblem,
  browserId?: string,
): ConfirmPage {
  const switchable = (action === "disable" || action === "regenerate") && acceptedCodes(visit).recoveryCode;
  return {
    page: "confirm",
    action,
    needsCode: recentProof(parts, visit) === undefined,
    required: visit.need.is === "must",
    otpLength: parts.settings.otpLength,
    accepts: { ...acceptedCodes(visit), directCode: !visit.facts.enrolled && visit.facts.directCodes },
    ...(switchable && { withRecoveryCode: asksRecoveryCode(visit) }),
    ...(browserId !== undefined && { browserId }),
    ...(problem && { problem }),
  };
}

/** Whether there is anything to change: a form can be older than what it wants to change. */
const nothingEnabled = (parts: HttpParts, visit: KnownVisit): Promise<void> =>
  sendProblem(parts, visit, "2FA_NOT_ENABLED", { page: (problem) => ({ ...accountPage(parts, visit), problem }) });

const ask =
  (action: "disable" | "regenerate"): Handler =>
  async (parts, visit) => {
    if (!visit.facts.enrolled) return nothingEnabled(parts, visit);
    if (wantsPage(visit.req)) return sendPage(parts, visit, 200, confirmPage(parts, visit, action));
    return sendJson(visit, 200, { needsCode: recentProof(parts, visit) === undefined });
  };

export const askDisable = ask("disable");
export const askRegenerate = ask("regenerate");

/** A code in the form, or a proof of the last minutes; `undefined` after the answer that asks for one. */
async function authorityOf(
  parts: HttpParts,
  visit: KnownVisit,
  fields: Fields,
  page: (problem?: PageProblem) => ConfirmPage,
): Promise<Authority | undefined> {
  const { code } = fields;
  if (code !== undefined && code !== "") {
    const shape = parts.service.submissions.shapeOf(code);
    if (shape !== undefined) return { shape, directCodes: visit.facts.directCodes, change: true };
    await sendProblem(parts, visit, "VALIDATION_ERROR", { field: "code", reason: "malformed", page });
    return undefined;
  }
  const proof = recentProof(parts, visit);
  if (proof !== undefined) return { proof };
  const bySignIn = hasFactor(visit.facts) && !canTypeCode(visit.facts);
  if (bySignIn) await sendSignInAgain(parts, visit);
  else await sendProblem(parts, visit, "TWO_FACTOR_REQUIRED", { reason: "recent", page });
  return undefined;
}

/** The change has been made; what the session holds follows. */
async function keep(
  visit: KnownVisit,
  change: Partial<SessionState>,
  drop: readonly (keyof SessionState)[],
): Promise<void> {
  const state: SessionState = { ...visit.state, ...change };
  for (const name of drop) delete state[name];
  // A code has just proven a session that only a remembered browser let in.
  if (visit.standing.proof === undefined && state.proof !== undefined) {
    return renewSession(visit.req, visit.subject, state);
  }
  writeState(visit.req, visit.subject, state);
  return saveSession(visit.req);
}

export const disable: Handler = async (parts, visit, fields) => {
  if (!visit.facts.enrolled) return nothingEnabled(parts, visit);
  const page = (problem?: PageProblem) => confirmPage(parts, visit, "disable", problem);
  const by = await authorityOf(parts, visit, fields, page);
  if (by === undefined) return;
  const result = await parts.service.changes.disable(visit.subject, by, originOf(visit.req));
  if (result.is !== "passed") return sendRefusal(parts, visit, result, page);
  parts.cookie.clear(visit.req, visit.res);
  await keep(visit, { notice: "disabled" }, ["proof", "letIn", "pending", "stepUp"]);
  if (wantsPage(visit.req)) return redirect(visit, linksFor(parts, visit).account);
  return sendJson(visit, 200, { success: true, enabled: false, required: visit.need.is === "must" });
};

export const regenerate: Handler = async (parts, visit, fields) => {
  if (!visit.facts.enrolled) return nothingEnabled(parts, visit);
  const page = (problem?: PageProblem) => confirmPage(parts, visit, "regenerate", problem);
  const by = await authorityOf(parts, visit, fields, page);
  if (by === undefined) return;
  const { result, recoveryCodes } = await parts.service.changes.regenerateRecoveryCodes(
    visit.subject,
    { ...by, isThere: () => !hasHungUp(visit.req) },
    originOf(visit.req),
  );
  if (result.is !== "passed") return sendRefusal(parts, visit, result, page);
  if (!wantsPage(visit.req)) return sendJson(visit, 200, { recoveryCodes, next: linksFor(parts, visit).account });
  const { state: _, ...exchange } = visit;
  return sendPage(parts, exchange, 200, { page: "recovery-codes", codes: recoveryCodes, occasion: "regenerated" });
};

export const forgetBrowsers: Handler = async (parts, visit, fields) => {
  const { id } = fields;
  if (id !== undefined && typeof id !== "string") return sendProblem(parts, visit, "VALIDATION_ERROR", { field: "id" });
  const one = id === "" ? undefined : id;
  const page = (problem?: PageProblem) => confirmPage(parts, visit, "forget", problem, one);
  if (visit.standing.record === undefined) return nothingEnabled(parts, visit);
  const by = await authorityOf(parts, visit, fields, page);
  if (by === undefined) return;
  const { changes } = parts.service;
  const origin = originOf(visit.req);
  const result = await (one === undefined
    ? changes.forgetAllBrowsers(visit.subject, by, origin)
    : changes.forgetBrowser(visit.subject, by, one, origin));
  if (result.is !== "passed") return sendRefusal(parts, visit, result, page);
  const gone = one === undefined || one === visit.standing.browser?.id;
  if (gone) parts.cookie.clear(visit.req, visit.res);
  await keep(
    visit,
    {
      notice: one === undefined ? "browsers-forgotten" : "browser-forgotten",
      ...stillProven(visit, result, "shape" in by ? newProof(parts, visit, result.record, result.method) : undefined),
    },
    [],
  );
  if (wantsPage(visit.req)) return redirect(visit, linksFor(parts, visit).account);
  return sendJson(visit, 200, { browsers: accountPageBrowsers(parts, visit, result) });
};

type Passed = Extract<SubmissionResult, { is: "passed" }>;

/** Who forgets all browsers has just proven it: this session moves into the new epoch, no other does. */
function stillProven({ standing }: KnownVisit, { record }: Passed, byCode: Proof | undefined): { proof?: Proof } {
  const proof = byCode ?? standing.proof;
  return proof === undefined ? {} : { proof: { ...proof, epoch: record.epoch } };
}

function accountPageBrowsers(parts: HttpParts, visit: KnownVisit, { record }: Passed) {
  return accountPage(parts, { ...visit, standing: { ...visit.standing, record } }).browsers;
}
