import type { RecoveryConfirmed, RecoveryOpened, RecoveryRequested, RecoveryState } from "../../client/data";
import type { Recovery } from "../../core/recovery";
import { TwoFactorError } from "../../errors";
import { longestRecoverySeconds } from "../../options/recovery-check";
import type { RecoverySending } from "../../service/recovery-results";
import type { Recipient } from "../../service/recovery-mails";
import { linksFor, sendPage, sendProblem } from "../answers/answers";
import { redirect, sendJson } from "../answers/send";
import { wantsPage } from "../answers/negotiate";
import { hostAnswer, type HttpParts, type KnownCaller } from "../caller";
import { mayRecover } from "../facts";
import type { PageProblem } from "../render/pages";
import type { RecoveryPage } from "../render/recovery-part";
import type { Again, Handler } from "./route";

/** To somebody with a second factor to lose. */
const isOffered = async (parts: HttpParts, { facts, onlyKeys, user }: KnownCaller): Promise<boolean> =>
  facts.enrolled && facts.need !== "never" && mayRecover(parts, user, onlyKeys);

/** For the pages that lead there. */
export const withRecoveryOffer = async (parts: HttpParts, caller: KnownCaller): Promise<KnownCaller> => ({
  ...caller,
  recoveryOffered: wantsPage(caller.req) && (await isOffered(parts, caller)),
});

/** @throws TwoFactorError `MISCONFIGURED` for what is no waiting time */
async function delayOf({ settings }: HttpParts, { user, access, req }: KnownCaller): Promise<number> {
  const delay = settings.recovery?.delaySeconds;
  if (typeof delay !== "function") return delay ?? longestRecoverySeconds;
  const about = { knownBrowser: access.lane !== undefined };
  const answer: unknown = await hostAnswer(settings, "recovery.delaySeconds", () => delay(user, about, req));
  if (typeof answer === "number" && Number.isInteger(answer) && answer >= 1 && answer <= longestRecoverySeconds) {
    return answer;
  }
  const range = `a whole number from 1 to ${longestRecoverySeconds}`;
  throw new TwoFactorError("MISCONFIGURED", `recovery.delaySeconds must answer ${range}.`);
}

const date = (seconds: number): Date => new Date(seconds * 1000);

async function recoveryPage(parts: HttpParts, caller: KnownCaller): Promise<RecoveryPage> {
  const { live, closedUntil, hasCode } = parts.service.recoveries.stateOf(caller.access.record);
  const { requestedAt, readyAt }: Partial<Recovery> = live?.recovery ?? {};
  const closed = live === undefined && closedUntil !== undefined;
  return {
    page: "recovery",
    state: live?.phase ?? (closed ? "closed" : "offered"),
    delaySeconds: await delayOf(parts, caller),
    ...(requestedAt !== undefined && { requestedAt: date(requestedAt) }),
    ...(readyAt !== undefined && { readyAt: date(readyAt) }),
    ...(closed && { closedUntil: date(closedUntil) }),
    ...(live?.phase === "ready" && hasCode && { codeSent: true as const }),
    ...(caller.facts.recovering && { open: true as const }),
  };
}

async function sendNotOffered(parts: HttpParts, caller: KnownCaller): Promise<void> {
  const action = { href: linksFor(parts, caller).verify, label: "verify" } as const;
  return sendProblem(parts, caller, "RECOVERY_NOT_OFFERED", { action });
}

/** What went wrong, on the page as it is now. */
async function sendAgain(
  parts: HttpParts,
  caller: KnownCaller,
  ...[code, details]: [Parameters<typeof sendProblem>[2], Parameters<typeof sendProblem>[3]?]
): Promise<void> {
  const shown = await recoveryPage(parts, await newly(parts, caller));
  return sendProblem(parts, caller, code, { ...details, page: (problem) => ({ ...shown, problem }) });
}

/** With the record as it is after what was just done. */
async function newly({ service }: HttpParts, caller: KnownCaller): Promise<KnownCaller> {
  const access = await service.access.read(caller.subject, {}, caller.origin);
  return { ...caller, access: { ...caller.access, record: access.record } };
}

export const againRecovery: Again = async (parts, caller) => {
  if (!(await isOffered(parts, caller))) return undefined;
  const shown = await recoveryPage(parts, caller);
  return (problem: PageProblem) => ({ ...shown, problem });
};

const recipient = ({ user, req, base }: KnownCaller): Recipient => ({ user, req, base });

const toItsPage = (parts: HttpParts, caller: KnownCaller): void => redirect(caller, linksFor(parts, caller).recovery);

export const showRecovery: Handler = async (parts, caller) => {
  if (!(await isOffered(parts, caller))) return sendNotOffered(parts, caller);
  const shown = await recoveryPage(parts, caller);
  if (wantsPage(caller.req)) return sendPage(parts, caller, 200, shown);
  const { page: _, problem: __, ...state } = shown;
  return sendJson<RecoveryState>(caller, 200, state);
};

export const requestRecovery: Handler = async (parts, caller) => {
  if (!(await isOffered(parts, caller))) return sendNotOffered(parts, caller);
  const { recoveries, clock } = parts.service;
  const result = await recoveries.request(caller.subject, recipient(caller), caller.origin);
  switch (result.is) {
    case "requested": {
      if (wantsPage(caller.req)) return toItsPage(parts, caller);
      const requestedAt = date(result.recovery.requestedAt);
      return sendJson<RecoveryRequested>(caller, 200, { requestedAt, codeSent: true });
    }
    case "under-way":
      return sendAgain(parts, caller, "RECOVERY_UNDER_WAY");
    case "closed":
      return sendAgain(parts, caller, "RECOVERY_CLOSED", { retryAfterSeconds: result.until - clock() });
    case "over":
      return sendAgain(parts, caller, "RECOVERY_OVER");
    case "not-now":
    case "not-sent":
      return sendMailProblem(parts, caller, result);
  }
};

/** One was sent or is on its way, or could not be sent: nothing has happened. */
function sendMailProblem(
  parts: HttpParts,
  caller: KnownCaller,
  result: Extract<RecoverySending, { is: "too-soon" | "not-now" | "not-sent" }>,
): Promise<void> {
  if (result.is === "not-sent") {
    const reason = result.hasCode ? ({ reason: "earlier-code" } as const) : {};
    return sendAgain(parts, caller, "MAIL_NOT_SENT", { ...reason, retryAfterSeconds: 10 });
  }
  // Who is to use the code that went out is told so only where there is one.
  const about = result.is === "not-now" ? ({ about: "page" } as const) : {};
  return sendAgain(parts, caller, "TOO_MANY_ATTEMPTS", {
    reason: "too-soon",
    ...about,
    retryAfterSeconds: result.seconds,
  });
}

export const confirmRecovery: Handler<{ code: string }> = async (parts, caller, { code }) => {
  if (!(await isOffered(parts, caller))) return sendNotOffered(parts, caller);
  const { recoveries } = parts.service;
  const delay = await delayOf(parts, caller);
  const result = await recoveries.confirm(caller.subject, code, delay, recipient(caller), caller.origin);
  switch (result.is) {
    case "waiting":
      if (wantsPage(caller.req)) return toItsPage(parts, caller);
      return sendJson<RecoveryConfirmed>(caller, 200, { readyAt: date(result.readyAt) });
    case "under-way":
      return sendAgain(parts, caller, "RECOVERY_UNDER_WAY");
    case "wrong":
      return sendAgain(parts, caller, "INVALID_MAILED_CODE");
    case "over":
      return sendAgain(parts, caller, "RECOVERY_OVER");
    case "not-now":
    case "not-sent":
      return sendMailProblem(parts, caller, result);
  }
};

export const finishRecovery: Handler<{ code: string | undefined }> = async (parts, caller, { code }) => {
  if (!(await isOffered(parts, caller))) return sendNotOffered(parts, caller);
  const { recoveries, clock } = parts.service;
  const result =
    code === undefined
      ? await recoveries.sendCode(caller.subject, recipient(caller), caller.origin)
      : await recoveries.open(caller.subject, code);
  switch (result.is) {
    case "sent":
      if (wantsPage(caller.req)) return toItsPage(parts, caller);
      return sendJson<RecoveryOpened>(caller, 200, { codeSent: true, next: linksFor(parts, caller).recovery });
    case "open":
      return sendOpened(parts, caller, result.mark);
    case "early":
      return sendAgain(parts, caller, "RECOVERY_TOO_EARLY", {
        ...(result.readyAt !== undefined && { retryAfterSeconds: result.readyAt - clock() }),
      });
    case "wrong":
      return sendAgain(parts, caller, "INVALID_MAILED_CODE");
    case "over":
      return sendAgain(parts, caller, "RECOVERY_OVER");
    case "too-soon":
    case "not-now":
    case "not-sent":
      return sendMailProblem(parts, caller, result);
  }
};

/** This session may set up, and has as long for it as a login has for its code. */
async function sendOpened(parts: HttpParts, caller: KnownCaller, recoveryMark: string): Promise<void> {
  const { req, kept, state } = caller;
  const owed = state.owedSince === undefined ? {} : { owedSince: parts.service.clock() };
  kept.write({ ...state, ...owed, recoveryMark });
  await kept.save();
  const { setup } = linksFor(parts, caller);
  if (wantsPage(req)) return redirect(caller, setup);
  return sendJson<RecoveryOpened>(caller, 200, { codeSent: false, next: setup });
}
