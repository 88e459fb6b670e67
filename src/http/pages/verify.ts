import { lockOf } from "../../core/attempts";
import { hasLiveCode, secondsUntilResend, sendingLimitedUntil } from "../../core/direct-code";
import { decideGate, hasFactor } from "../../core/gate";
import { issueProof, type Proof } from "../../core/proof";
import type { TwoFactorRecord } from "../../core/record";
import { randomToken } from "../../crypto/random";
import type { ProofMethod } from "../../events";
import type { SendResult } from "../../service/direct-codes";
import { linksFor, redirect, sendJson, sendLocked, sendPage, sendProblem, sendRefusal } from "../answers";
import { boxOf } from "../field-checks";
import { hasHungUp } from "../hung-up";
import { isNavigation, mayBegin, wantsPage } from "../negotiate";
import type { Handler } from "../routes";
import { keepProven, renewSession } from "../session";
import type { PageProblem, VerifyPage } from "../views";
import { originOf, type HttpParts, type KnownVisit } from "../visit";

/** What this user's code field takes. */
export function acceptedCodes({ standing, facts }: KnownVisit): VerifyPage["accepts"] {
  return {
    totp: facts.enrolled,
    recoveryCode: (standing.record?.recoveryCodes?.hashes.length ?? 0) > 0,
    directCode: facts.directCodes,
  };
}

function verifyPage(parts: HttpParts, visit: KnownVisit, problem?: PageProblem, send?: SendResult): VerifyPage {
  const { settings, service } = parts;
  const { facts, standing, state } = visit;
  const directCode = standing.record?.directCode;
  const wait =
    send !== undefined && "canSendAgainInSeconds" in send
      ? send.canSendAgainInSeconds
      : secondsUntilResend(directCode, settings, service.clock());
  const limited = sendingLimitedUntil(directCode, settings, service.clock());
  const sent =
    send === undefined
      ? hasLiveCode(directCode, service.clock())
      : send.is === "sent" || (send.is === "too-soon" && send.live);
  return {
    page: "verify",
    accepts: acceptedCodes(visit),
    ...(acceptedCodes(visit).recoveryCode && { withRecoveryCode: asksRecoveryCode(visit) }),
    otpLength: facts.enrolled ? settings.otpLength : settings.directOtpLength,
    askRemember: settings.rememberBrowser === "ask" && settings.rememberOtpSessionForSeconds > 0,
    rememberForSeconds: settings.rememberOtpSessionForSeconds,
    stepUp: facts.proven && state.stepUp === true,
    ...(facts.directCodes && {
      direct: {
        sent,
        canSendAgainInSeconds: wait,
        ...(limited !== undefined && { limitedUntil: new Date(limited * 1000) }),
      },
    }),
    ...(problem && { problem }),
  };
}

/** The page was asked for with the field for letters; its form keeps saying so. */
export const asksRecoveryCode = ({ req }: KnownVisit): boolean =>
  // Not `req.query`: how that is read is the host's setting, and it may be nothing.
  new URLSearchParams(req.url.split("?", 2)[1]).get("with") === "recovery-code";

const deliveryProblem = (send: SendResult | undefined): PageProblem | undefined =>
  send?.is === "not-delivered" ? { code: "STORE_UNAVAILABLE", reason: "delivery" } : undefined;

export const showVerify: Handler = async (parts, visit) => {
  const { facts, standing, state, req } = visit;
  const { settings, service } = parts;
  const links = linksFor(parts, visit);
  if (settings.pages?.verify !== undefined && isNavigation(req)) return redirect(visit, links.verify);
  if (!facts.enrolled && !facts.directCodes) {
    if (!wantsPage(req)) return sendProblem(parts, visit, "2FA_NOT_ENABLED");
    return redirect(visit, facts.need === "must" && !hasFactor(facts) ? links.setup : links.next);
  }
  // Nothing is owed: go on, unless the host asks for a fresh proof.
  if (facts.proven && state.stepUp !== true && wantsPage(req)) return redirect(visit, links.next);
  const lock = standing.record && lockOf(standing.record.attempts, service.clock());
  if (lock !== undefined) return sendLocked(parts, visit, lock);
  const send = await sendOnOpening(parts, visit);
  if (send?.is === "locked") return sendLocked(parts, visit, send.lock);
  const page = verifyPage(parts, visit, deliveryProblem(send), send);
  if (wantsPage(req)) return sendPage(parts, visit, 200, page);
  const direct = page.direct && { ...page.direct, ...(send?.is === "not-delivered" && { deliveryFailed: true }) };
  return sendJson(visit, 200, { accepts: page.accepts, next: links.next, ...(direct && { direct }) });
};

/** The code page sends a code by itself to those who owe a proof and have nothing else; further ones take a POST. */
async function sendOnOpening(parts: HttpParts, visit: KnownVisit): Promise<SendResult | undefined> {
  const { facts, standing, state, req } = visit;
  if (!facts.directCodes || facts.enrolled || !mayBegin(req)) return undefined;
  if (decideGate(facts) === "pass" && state.stepUp !== true) return undefined;
  if (hasLiveCode(standing.record?.directCode, parts.service.clock())) return undefined;
  return deliver(parts, visit, { opening: true });
}

function deliver(
  { service, settings }: HttpParts,
  { subject, user, req }: KnownVisit,
  occasion: { opening: boolean },
): Promise<SendResult> {
  return service.directCodes.send(
    subject,
    async (code) => settings.sendTwoFactorAuthenticationCode?.(user, code, req),
    originOf(req),
    occasion,
  );
}

export const sendCode: Handler = async (parts, visit) => {
  if (!visit.facts.directCodes) return sendProblem(parts, visit, "2FA_NOT_ENABLED");
  const send = await deliver(parts, visit, { opening: false });
  const page = (problem?: PageProblem) => verifyPage(parts, visit, problem, send);
  switch (send.is) {
    case "locked":
      return sendLocked(parts, visit, send.lock);
    case "sent":
      if (!wantsPage(visit.req))
        return sendJson(visit, 200, { sent: true, canSendAgainInSeconds: send.canSendAgainInSeconds });
      return redirect(visit, linksFor(parts, visit).verify);
    case "too-soon":
      return sendProblem(parts, visit, "TOO_MANY_ATTEMPTS", {
        reason: "too-soon",
        retryAfterSeconds: send.canSendAgainInSeconds,
        page,
      });
    case "not-delivered":
      return sendProblem(parts, visit, "STORE_UNAVAILABLE", {
        reason: "delivery",
        retryAfterSeconds: Math.max(1, send.canSendAgainInSeconds),
        page,
      });
  }
};

export const verify: Handler = async (parts, visit, fields) => {
  const { service, settings, cookie } = parts;
  const { subject, req, res, standing, facts } = visit;
  const page = (problem: PageProblem) => verifyPage(parts, visit, problem);
  const shape = service.submissions.shapeOf(fields["code"]);
  if (shape === undefined)
    return sendProblem(parts, visit, "VALIDATION_ERROR", { field: "code", reason: "malformed", page });
  const wish = boxOf(fields["remember"]);
  if (wish === undefined) return sendProblem(parts, visit, "VALIDATION_ERROR", { field: "remember", page });

  const code = { shape, directCodes: facts.directCodes, isThere: () => !hasHungUp(req) };
  const remember =
    settings.rememberOtpSessionForSeconds > 0 &&
    (settings.rememberBrowser === "always" || (settings.rememberBrowser === "ask" && wish));
  const { result, browser } = remember
    ? await service.submissions.submitAndRemember(subject, code, originOf(req), standing.browser)
    : { result: await service.submissions.submit(subject, code, originOf(req)), browser: undefined };
  if (result.is !== "passed") return sendRefusal(parts, visit, result, page);

  const { next } = linksFor(parts, visit);
  await keepProof(visit, newProof(parts, visit, result.record, result.method));
  if (browser !== undefined) cookie.send(req, res, browser);
  if (wantsPage(req)) return redirect(visit, next);
  const recoveryCodesRemaining = result.record.recoveryCodes?.hashes.length ?? 0;
  return sendJson(visit, 200, { next, method: result.method, recoveryCodesRemaining });
};

/**
 * What this session has just proven, in the epoch of the record that says so. A session has one proof, which goes by one
 * name however often it is renewed: a logout then ends it in every copy that a cookie may have left.
 */
export function newProof(
  { service }: HttpParts,
  { standing }: KnownVisit,
  record: TwoFactorRecord,
  method: ProofMethod,
): Proof {
  const now = service.clock();
  return issueProof(record, { id: standing.proof?.id ?? randomToken(), method, at: now }, now);
}

/** The way back and what was owed are settled; the session gets a new id where it becomes proven. */
export async function keepProof(visit: KnownVisit, proof: Proof): Promise<void> {
  const { req, subject, standing, state } = visit;
  const settled = { user: subject.key, proof };
  const next = state.pending === undefined ? settled : { ...settled, pending: state.pending };
  return standing.proof === undefined ? renewSession(req, subject, next) : keepProven(req, subject, next);
}
