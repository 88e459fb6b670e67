import { lockOf } from "../../core/attempts";
import { hasLiveCode, secondsUntilResend, sendingLimitedUntil } from "../../core/direct-code";
import { decideGate, hasFactor } from "../../core/gate";
import { issueProof, type Proof } from "../../core/proof";
import type { TwoFactorRecord } from "../../core/record";
import { randomToken } from "../../crypto/random";
import type { ProofMethod } from "../../events";
import type { SendResult } from "../../service/direct-codes";
import { linksFor, redirect, sendJson, sendLocked, sendPage, sendProblem, sendRefusal } from "../answers/answers";
import { boxOf } from "../input/field-checks";
import { hasHungUp } from "../answers/hung-up";
import { isNavigation, mayBegin, wantsPage } from "../answers/negotiate";
import type { Handler } from "./table";
import { keepProven, renewSession } from "../session/state";
import type { PageProblem, VerifyPage } from "../render/pages";
import { originOf, type HttpParts, type KnownCaller } from "../caller";

/** What this user's code field takes. */
export function acceptedCodes({ access, facts }: KnownCaller): VerifyPage["accepts"] {
  return {
    totp: facts.enrolled,
    recoveryCode: (access.record?.recoveryCodes?.hashes.length ?? 0) > 0,
    directCode: facts.directCodes,
  };
}

function verifyPage(parts: HttpParts, caller: KnownCaller, problem?: PageProblem, send?: SendResult): VerifyPage {
  const { settings, service } = parts;
  const { facts, access, state } = caller;
  const directCode = access.record?.directCode;
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
    accepts: acceptedCodes(caller),
    ...(acceptedCodes(caller).recoveryCode && { withRecoveryCode: asksRecoveryCode(caller) }),
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
export const asksRecoveryCode = ({ req }: KnownCaller): boolean =>
  // Not `req.query`: how that is read is the host's setting, and it may be nothing.
  new URLSearchParams(req.url.split("?", 2)[1]).get("with") === "recovery-code";

const deliveryProblem = (send: SendResult | undefined): PageProblem | undefined =>
  send?.is === "not-delivered" ? { code: "STORE_UNAVAILABLE", reason: "delivery" } : undefined;

export const showVerify: Handler = async (parts, caller) => {
  const { facts, access, state, req } = caller;
  const { settings, service } = parts;
  const links = linksFor(parts, caller);
  if (settings.pages?.verify !== undefined && isNavigation(req)) return redirect(caller, links.verify);
  if (!facts.enrolled && !facts.directCodes) {
    if (!wantsPage(req)) return sendProblem(parts, caller, "2FA_NOT_ENABLED");
    return redirect(caller, facts.need === "must" && !hasFactor(facts) ? links.setup : links.next);
  }
  // Nothing is owed: go on, unless the host asks for a fresh proof.
  if (facts.proven && state.stepUp !== true && wantsPage(req)) return redirect(caller, links.next);
  const lock = access.record && lockOf(access.record.attempts, service.clock());
  if (lock !== undefined) return sendLocked(parts, caller, lock);
  const send = await sendOnOpening(parts, caller);
  if (send?.is === "locked") return sendLocked(parts, caller, send.lock);
  const page = verifyPage(parts, caller, deliveryProblem(send), send);
  if (wantsPage(req)) return sendPage(parts, caller, 200, page);
  const direct = page.direct && { ...page.direct, ...(send?.is === "not-delivered" && { deliveryFailed: true }) };
  return sendJson(caller, 200, { accepts: page.accepts, next: links.next, ...(direct && { direct }) });
};

/** The code page sends a code by itself to those who owe a proof and have nothing else; further ones take a POST. */
async function sendOnOpening(parts: HttpParts, caller: KnownCaller): Promise<SendResult | undefined> {
  const { facts, access, state, req } = caller;
  if (!facts.directCodes || facts.enrolled || !mayBegin(req)) return undefined;
  if (decideGate(facts) === "pass" && state.stepUp !== true) return undefined;
  if (hasLiveCode(access.record?.directCode, parts.service.clock())) return undefined;
  return deliver(parts, caller, { opening: true });
}

function deliver(
  { service, settings }: HttpParts,
  { subject, user, req }: KnownCaller,
  occasion: { opening: boolean },
): Promise<SendResult> {
  return service.directCodes.send(
    subject,
    async (code) => settings.sendTwoFactorAuthenticationCode?.(user, code, req),
    originOf(req),
    occasion,
  );
}

export const sendCode: Handler = async (parts, caller) => {
  if (!caller.facts.directCodes) return sendProblem(parts, caller, "2FA_NOT_ENABLED");
  const send = await deliver(parts, caller, { opening: false });
  const page = (problem?: PageProblem) => verifyPage(parts, caller, problem, send);
  switch (send.is) {
    case "locked":
      return sendLocked(parts, caller, send.lock);
    case "sent":
      if (!wantsPage(caller.req))
        return sendJson(caller, 200, { sent: true, canSendAgainInSeconds: send.canSendAgainInSeconds });
      return redirect(caller, linksFor(parts, caller).verify);
    case "too-soon":
      return sendProblem(parts, caller, "TOO_MANY_ATTEMPTS", {
        reason: "too-soon",
        retryAfterSeconds: send.canSendAgainInSeconds,
        page,
      });
    case "not-delivered":
      return sendProblem(parts, caller, "STORE_UNAVAILABLE", {
        reason: "delivery",
        retryAfterSeconds: Math.max(1, send.canSendAgainInSeconds),
        page,
      });
  }
};

export const verify: Handler = async (parts, caller, fields) => {
  const { service, settings, cookie } = parts;
  const { subject, req, res, access, facts } = caller;
  const page = (problem: PageProblem) => verifyPage(parts, caller, problem);
  const shape = service.submissions.shapeOf(fields["code"]);
  if (shape === undefined)
    return sendProblem(parts, caller, "VALIDATION_ERROR", { field: "code", reason: "malformed", page });
  const wish = boxOf(fields["remember"]);
  if (wish === undefined) return sendProblem(parts, caller, "VALIDATION_ERROR", { field: "remember", page });

  const code = { shape, directCodes: facts.directCodes, isThere: () => !hasHungUp(req) };
  const remember =
    settings.rememberOtpSessionForSeconds > 0 &&
    (settings.rememberBrowser === "always" || (settings.rememberBrowser === "ask" && wish));
  const { result, browser } = remember
    ? await service.submissions.submitAndRemember(subject, code, originOf(req), access.browser)
    : { result: await service.submissions.submit(subject, code, originOf(req)), browser: undefined };
  if (result.is !== "passed") return sendRefusal(parts, caller, result, page);

  const { next } = linksFor(parts, caller);
  await keepProof(caller, newProof(parts, caller, result.record, result.method));
  if (browser !== undefined) cookie.send(req, res, browser);
  if (wantsPage(req)) return redirect(caller, next);
  const recoveryCodesRemaining = result.record.recoveryCodes?.hashes.length ?? 0;
  return sendJson(caller, 200, { next, method: result.method, recoveryCodesRemaining });
};

/**
 * What this session has just proven, in the epoch of the record that says so. A session has one proof, which goes by one
 * name however often it is renewed: a logout then ends it in every copy that a cookie may have left.
 */
export function newProof(
  { service }: HttpParts,
  { access }: KnownCaller,
  record: TwoFactorRecord,
  method: ProofMethod,
): Proof {
  const now = service.clock();
  return issueProof(record, { id: access.proof?.id ?? randomToken(), method, at: now }, now);
}

/** The way back and what was owed are settled; the session gets a new id where it becomes proven. */
export async function keepProof(caller: KnownCaller, proof: Proof): Promise<void> {
  const { req, subject, access, state } = caller;
  const settled = { user: subject.key, proof };
  const next = state.pending === undefined ? settled : { ...settled, pending: state.pending };
  return access.proof === undefined ? renewSession(req, subject, next) : keepProven(req, subject, next);
}
