import type { Challenge, Proven, Sent } from "../../client/data";
import { hasFactor } from "../../core/gate";
import type { LaneLock } from "../../core/attempts";
import type { SendResult } from "../../service/deliveries";
import type { Presentations } from "../../service/factors";
import type { SubmissionResult } from "../../service/submissions";
import { linksFor, sendPage, sendProblem } from "../answers/answers";
import { redirect, sendJson } from "../answers/send";
import { sendLocked, sendRefusal, unlockTold } from "../answers/refusals";
import { wayOn } from "../paths/links";
import { isNavigation, mayBegin, wantsPage } from "../answers/negotiate";
import { heldCodes, holdsCodes, recoveryCodesPage } from "./recovery-codes-page";
import type { Again, Handler } from "./route";
import { giveToUnlock, noteWrongCode } from "./unlock";
import type { PageProblem, VerifyPage } from "../render/pages";
import type { HttpParts, KnownCaller } from "../caller";
import { acceptedCodes, codeAuthority } from "../facts";
import { keepProof, newProof } from "../proofs";
import { finishBy } from "../session/pending-login";
import { keyPrompt, noteLastUsed } from "./prompts";

/** How many digits the field asks for: of what the user has, first what is strong. */
function digitsOf({ service }: HttpParts, { access, facts }: KnownCaller): number {
  const strong = service.factors.usable(access.record, service.clock()).filter(({ rank }) => rank === "strong");
  const asked = facts.enrolled
    ? (strong.find(({ digits }) => digits !== undefined) ?? service.factors.setUp)
    : undefined;
  return (asked ?? service.factors.sent).digits ?? 0;
}

function verifyPage(parts: HttpParts, caller: KnownCaller, problem?: PageProblem, send?: SendResult): VerifyPage {
  const { settings, service } = parts;
  const { facts, access, state } = caller;
  const { limitedUntil, ...waiting } = service.deliveries.waiting(access.record);
  const canSendAgainInSeconds =
    send !== undefined && "canSendAgainInSeconds" in send ? send.canSendAgainInSeconds : waiting.seconds;
  const sent =
    send === undefined
      ? service.deliveries.hasLive(access.record)
      : send.is === "sent" || (send.is === "too-soon" && send.live);
  const unlock = unlockAsked(parts, caller);
  const loginEnds = finishBy(parts, caller);
  const accepted = acceptedCodes(parts, caller);
  const accepts = unlock ? { ...accepted, recoveryCode: false, directCode: false } : accepted;
  return {
    page: "verify",
    accepts,
    ...(unlock && { unlock }),
    ...(accepts.recoveryCode && { withRecoveryCode: asksRecoveryCode(caller) }),
    otpLength: digitsOf(parts, caller),
    askRemember: settings.rememberBrowser === "ask" && settings.rememberOtpSessionForSeconds > 0,
    rememberForSeconds: settings.rememberOtpSessionForSeconds,
    ...(settings.rememberBrowser === "always" &&
      settings.rememberOtpSessionForSeconds > 0 &&
      !unlock && { remembers: true as const }),
    ...(loginEnds && { finishBy: loginEnds }),
    stepUp: facts.proven && state.stepUp === true,
    ...(!unlock && keyPrompt(parts, caller, "sign-in")),
    ...(facts.directCodes &&
      !unlock && {
        sentCodeValidForSeconds: settings.directOtpValidForSeconds,
        direct: {
          sent,
          canSendAgainInSeconds,
          ...(limitedUntil !== undefined && { limitedUntil: new Date(limitedUntil * 1000) }),
        },
      }),
    ...(caller.recoveryOffered && { recovery: true as const }),
    ...(problem && { problem }),
  };
}

export const againVerify: Again = (parts, caller) => (problem) => verifyPage(parts, caller, problem);

/** The page was asked for with the field for letters; its form keeps saying so. */
export const asksRecoveryCode = (caller: KnownCaller): boolean => asksWith(caller) === "recovery-code";

const asksWith = ({ req }: KnownCaller): string | null =>
  // Not `req.query`: how that is read is the host's setting, and it may be nothing.
  new URLSearchParams(req.url.split("?", 2)[1]).get("with");

/** The page was asked for to end a lock with three codes. */
const unlockAsked = (parts: HttpParts, caller: KnownCaller): VerifyPage["unlock"] =>
  asksWith(caller) === "three-codes" && caller.lock !== undefined ? unlockTold(parts, caller) : undefined;

const deliveryProblem = (send: SendResult | undefined): PageProblem | undefined =>
  send?.is === "not-delivered" ? { code: "STORE_UNAVAILABLE", reason: "delivery" } : undefined;

export const showVerify: Handler = async (parts, caller) => {
  const { facts, state, req } = caller;
  const links = linksFor(parts, caller);
  if (parts.settings.pages?.verify !== undefined && isNavigation(req)) return redirect(caller, links.verify);
  if (!facts.enrolled && !facts.directCodes) {
    if (!wantsPage(req)) return sendProblem(parts, caller, "2FA_NOT_ENABLED");
    return redirect(caller, facts.need === "must" && !hasFactor(facts) ? links.setup : links.next);
  }
  // Nothing is owed: go on, unless the host asks for a fresh proof.
  if (facts.proven && state.stepUp !== true && wantsPage(req)) {
    // The page with new codes has this address.
    const isReloaded = state.codes?.occasion === "last-used" && holdsCodes(caller);
    return redirect(caller, isReloaded ? links.codesAgain : links.next);
  }
  if (caller.lock !== undefined) return sendLockedPage(parts, caller, caller.lock);
  const send = await sendOnOpening(parts, caller);
  if (send?.is === "locked") return sendLocked(parts, caller, send.lock);
  const page = verifyPage(parts, caller, deliveryProblem(send), send);
  if (wantsPage(req)) return sendPage(parts, caller, 200, page);
  const direct = page.direct && {
    ...page.direct,
    ...(send?.is === "not-delivered" && { deliveryFailed: true as const }),
  };
  return sendJson<Challenge>(caller, 200, { accepts: page.accepts, next: links.next, ...(direct && { direct }) });
};

/** What a lock does not stop is still taken: a recovery code, and the three codes that end it. */
async function sendLockedPage(parts: HttpParts, caller: KnownCaller, lock: LaneLock): Promise<void> {
  const page = verifyPage(parts, caller);
  const takesCode = (page.withRecoveryCode && page.accepts.recoveryCode) || page.unlock !== undefined;
  if (wantsPage(caller.req) && takesCode) return sendPage(parts, caller, 200, page);
  return sendLocked(parts, caller, lock, page.prompt && { prompt: page.prompt });
}

/** The code page sends a code by itself to those who owe a proof and have nothing else; further ones take a POST. */
async function sendOnOpening(parts: HttpParts, caller: KnownCaller): Promise<SendResult | undefined> {
  const { facts, access, state, req } = caller;
  if (!facts.directCodes || facts.enrolled || !mayBegin(req, parts.settings)) return undefined;
  if (caller.decided.gate === "pass" && state.stepUp !== true) return undefined;
  if (parts.service.deliveries.hasLive(access.record)) return undefined;
  return deliver(parts, caller, { opening: true });
}

function deliver(
  { service, settings }: HttpParts,
  { subject, user, req, access, origin }: KnownCaller,
  occasion: { opening: boolean },
): Promise<SendResult> {
  return service.deliveries.send(
    subject,
    async (code) => settings.sendTwoFactorAuthenticationCode?.(user, code, req),
    origin,
    { ...occasion, lane: access.lane },
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
        return sendJson<Sent>(caller, 200, { sent: true, canSendAgainInSeconds: send.canSendAgainInSeconds });
      return redirect(caller, linksFor(parts, caller).verify);
    case "too-soon":
      return sendProblem(parts, caller, "TOO_MANY_ATTEMPTS", {
        reason: "too-soon",
        ...(!send.live && { about: "page" as const }), // There is none to use.
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

interface VerifyInput {
  code: Presentations;
  remember: boolean;
  /** A program shows the codes that come with the use of the last one. */
  newRecoveryCodes: boolean;
}

export const verify: Handler<VerifyInput> = async (parts, caller, input) => {
  const { service, settings } = parts;
  const { subject, req, access, lock } = caller;
  let newCodes: readonly string[] | undefined;
  const asPage = wantsPage(req);
  const code = {
    ...codeAuthority(parts, caller, input.code),
    connection: req.socket,
    // A program that knows nothing of them would lose them.
    ...((asPage || input.newRecoveryCodes) && {
      onNewBackups: (texts: readonly string[]) => void (newCodes = texts),
    }),
  };
  if (lock !== undefined && service.unlocking.takes(access.record, input.code)) {
    const unlocked = await giveToUnlock(parts, caller, input.code, lock, (known) => {
      const page = verifyPage(parts, known);
      return page.unlock && page;
    });
    if (unlocked === undefined) return;
    if (unlocked !== "not-locked") return sendProven(parts, caller, unlocked, asPage);
  }
  const remember =
    settings.rememberOtpSessionForSeconds > 0 &&
    (settings.rememberBrowser === "always" || (settings.rememberBrowser === "ask" && input.remember));
  const { result, browser } = remember
    ? await service.submissions.submitAndRemember(subject, code, caller.origin, access.browser)
    : { result: await service.submissions.submit(subject, code, caller.origin), browser: undefined };
  if (result.is !== "passed") {
    if (result.is === "wrong" || result.is === "locked") await noteWrongCode(parts, caller);
    return sendRefusal(parts, caller, result, (problem) => verifyPage(parts, caller, problem));
  }
  await sendProven(parts, caller, result, asPage, { browser, newCodes });
};

/** A right factor: the session is proven, and goes on to where it was headed. */
async function sendProven(
  parts: HttpParts,
  caller: KnownCaller,
  { record, method, about, known }: Omit<Extract<SubmissionResult, { is: "passed" }>, "is">,
  asPage: boolean,
  { browser, newCodes }: { browser?: string | undefined; newCodes?: readonly string[] | undefined } = {},
): Promise<void> {
  const { req, res, state } = caller;
  const proof = newProof(caller, { record, method, ...(about && { about }) });
  const made = { record, codes: newCodes ?? [], occasion: "last-used" } as const;
  const held = await heldCodes(parts, caller, made, proof);
  await keepProof(caller, proof, held);
  // What could not be kept in the session has changed nothing in the browser either.
  if (browser !== undefined) parts.slots.remember.send(req, res, browser);
  if (known !== undefined) parts.slots.known.send(req, res, known);
  if (parts.service.factors.asked !== undefined) noteLastUsed(parts, caller, method);
  const next = wayOn(parts.settings, state.next);
  if (!asPage) {
    const recoveryCodesRemaining = parts.service.factors.backupsLeft(record);
    const more = newCodes && { recoveryCodes: newCodes };
    return sendJson<Proven>(caller, 200, { next, method, recoveryCodesRemaining, ...more });
  }
  // The last recovery code is used: the page that follows shows new ones, and leads on to where this was headed.
  if (newCodes === undefined) return redirect(caller, next);
  return sendPage(parts, caller, 200, await recoveryCodesPage(parts, caller, made, held.codes));
}
