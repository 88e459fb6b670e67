import { isYoung, readFirstEnrolment } from "../../core/first-enrolment";
import { hasFactor } from "../../core/gate";
import { epochOf } from "../../core/proof";
import { TwoFactorError } from "../../errors";
import { noFirstDemand } from "../../options/host-user";
import type { SendResult } from "../../service/deliveries";
import type { Presentations } from "../../service/factors";
import { sendPage, sendProblem } from "../answers/answers";
import { sendLocked, sendRefusal } from "../answers/refusals";
import { wantsPage } from "../answers/negotiate";
import { hostAnswer, type HttpParts, type KnownCaller } from "../caller";
import type { Page, PageProblem } from "../render/pages";
import { endLogin } from "../session/pending-login";

/**
 * What the host demands of a first set-up, asked once a request, and of who has nothing alone. A reset that has demanded
 * its own code is proof of more.
 * @throws TwoFactorError `MISCONFIGURED` for an answer that is none: nobody is shown a key then
 */
export async function withFirstEnrolment(parts: HttpParts, caller: KnownCaller): Promise<KnownCaller> {
  const { settings } = parts;
  const { facts, access, user, req } = caller;
  if (settings.confirmFirstEnrolment === noFirstDemand || hasFactor(facts)) return caller;
  if (facts.need === "never" || access.record?.enrolmentCode !== undefined) return caller;
  const answer: unknown = await hostAnswer(settings, "confirmFirstEnrolment", () =>
    settings.confirmFirstEnrolment(user, req),
  );
  const first = readFirstEnrolment(answer);
  if ("wrong" in first) throw new TwoFactorError("MISCONFIGURED", `confirmFirstEnrolment ${first.wrong}`);
  if (first.is === "code" && settings.sendTwoFactorAuthenticationCode === undefined) {
    throw new TwoFactorError("MISCONFIGURED", '"code" of confirmFirstEnrolment needs sendTwoFactorAuthenticationCode.');
  }
  return first.is === "young-login" ? withAge(parts, { ...caller, first }) : { ...caller, first };
}

/** When the login was made, as the host says it: in its answer, or by its option. */
const loginAtOf = ({ first, kept }: KnownCaller): number | undefined =>
  (first?.is === "young-login" ? first.loginAt : undefined) ?? kept.loginAt;

/**
 * Where nobody says when the login was, it is as old as our knowledge of it.
 * @throws TwoFactorError `MISCONFIGURED` where that knowledge is the client's to leave out
 */
async function withAge({ service, warn }: HttpParts, caller: KnownCaller): Promise<KnownCaller> {
  const { kept, state } = caller;
  if (loginAtOf(caller) !== undefined) return caller;
  if (!kept.holdsMarks) {
    throw new TwoFactorError(
      "MISCONFIGURED",
      "{ loginWithinSeconds } of confirmFirstEnrolment needs the option loginAt without sessions, or loginAt beside it: what a client carries it can leave out, and its login would be new.",
    );
  }
  if (state.seenAt !== undefined) return caller;
  warn(
    "LOGIN_AGE_UNKNOWN",
    "confirmFirstEnrolment asks for a young login, and nobody says when it was: it counts from the first page of ours. Call tfa.pending(req) in the login answer, or answer { loginWithinSeconds, loginAt }.",
  );
  const seen = { ...state, seenAt: service.clock() };
  kept.write(seen);
  await kept.save();
  return { ...caller, state: seen };
}

/** Whether this session has yet to do what the host demands. */
export function isFirstUnconfirmed(parts: HttpParts, caller: KnownCaller): boolean {
  const { first, state, access, now } = caller;
  if (first?.is === "young-login") return !isYoung(loginAtOf(caller) ?? state.seenAt ?? 0, first.withinSeconds, now);
  if (first?.is !== "code") return false;
  const { firstConfirmed: given } = state;
  return given?.epoch !== epochOf(access.record) || !isYoung(given.at, parts.settings.setupValidForSeconds, now);
}

/** The page that asks for the code that was sent. */
export const firstCodePage =
  ({ service }: HttpParts, { access }: KnownCaller, send?: SendResult) =>
  (problem?: PageProblem): Page => ({
    page: "enrolment-code",
    sent: {
      otpLength: service.factors.sent.digits ?? 0,
      canSendAgainInSeconds:
        send !== undefined && "canSendAgainInSeconds" in send
          ? send.canSendAgainInSeconds
          : service.deliveries.waiting(access.record).seconds,
    },
    ...(problem && { problem }),
  });

/** @returns the caller that may see a key; `undefined` after another answer */
export async function confirmFirst(
  parts: HttpParts,
  caller: KnownCaller,
  presented: Presentations | undefined,
): Promise<KnownCaller | undefined> {
  if (!isFirstUnconfirmed(parts, caller)) return caller;
  if (caller.first?.is === "young-login") {
    await endLogin(parts, caller);
    return undefined;
  }
  if (presented === undefined) {
    await sendFirstCode(parts, caller);
    return undefined;
  }
  const { subject, access, kept, state } = caller;
  const authority = {
    presented,
    weak: true,
    lane: access.lane,
    takes: ({ rank }: { rank: string }) => rank === "weak",
  };
  const result = await parts.service.submissions.submit(subject, authority, caller.origin);
  if (result.is !== "passed") {
    await sendRefusal(parts, caller, result, firstCodePage(parts, caller));
    return undefined;
  }
  const { record } = result;
  const confirmed = { ...state, firstConfirmed: { at: parts.service.clock(), epoch: epochOf(record) } };
  kept.write(confirmed);
  await kept.save();
  return { ...caller, state: confirmed, access: { ...access, record } };
}

/** As the code page does: a page load sends one where none is live, a button sends another. */
async function sendFirstCode(parts: HttpParts, caller: KnownCaller): Promise<void> {
  const { deliveries } = parts.service;
  const { subject, user, req, access, origin } = caller;
  const opening = req.method !== "POST";
  const send: SendResult | undefined =
    opening && deliveries.hasLive(access.record)
      ? undefined
      : await deliveries.send(
          subject,
          async (code) => parts.settings.sendTwoFactorAuthenticationCode?.(user, code, req),
          origin,
          { opening, lane: access.lane },
        );
  const page = firstCodePage(parts, caller, send);
  if (send?.is === "locked") return sendLocked(parts, caller, send.lock);
  if (send?.is === "not-delivered") {
    const retryAfterSeconds = Math.max(1, send.canSendAgainInSeconds);
    return sendProblem(parts, caller, "STORE_UNAVAILABLE", { reason: "delivery", retryAfterSeconds, page });
  }
  if (send?.is === "too-soon" && !send.live) {
    return sendProblem(parts, caller, "TOO_MANY_ATTEMPTS", {
      reason: "too-soon",
      about: "page",
      retryAfterSeconds: send.canSendAgainInSeconds,
      page,
    });
  }
  if (wantsPage(req)) return sendPage(parts, caller, 200, page());
  return sendProblem(parts, caller, "ENROLMENT_CODE_REQUIRED", { reason: "code-sent" });
}
