import type { LaneLock } from "../../core/attempts";
import { codesToUnlock, unlockProgress } from "../../core/unlocking";
import type { SubmissionResult } from "../../service/submissions";
import type { Caller, HttpParts, KnownCaller } from "../caller";
import type { KeyPrompt, Page, PageProblem, UnlockTold } from "../render/pages";
import { linksFor, sendProblem, type WithState } from "./answers";

/** A lock, as the same answer wherever it is met. */
export function sendLocked(
  parts: HttpParts,
  exchange: WithState & Partial<Pick<KnownCaller, "access" | "recoveryOffered">>,
  { until }: Pick<LaneLock, "until">,
  { page, ...more }: { page?: Page; prompt?: KeyPrompt } = {},
): Promise<void> {
  const unlock = unlockTold(parts, exchange);
  const record = exchange.access?.record;
  const recoveryCode = parts.service.factors.backupsLeft(record) > 0;
  const locked: Page = {
    page: "locked",
    ...more,
    ...(until !== undefined && { until: new Date(until * 1000) }),
    ...(recoveryCode && { recoveryCode }),
    ...(unlock && { unlock }),
    ...(exchange.recoveryOffered && { recovery: true }),
  };
  return sendProblem(parts, exchange, "TOO_MANY_ATTEMPTS", {
    ...(until !== undefined && { retryAfterSeconds: until - Date.now() / 1000 }),
    ...(unlock && { unlock }),
    page: () => page ?? locked,
    action: { href: linksFor(parts, exchange).verify, label: "verify" },
  });
}

/** How far this session is with the three codes that end a lock; `undefined`: that is no way for this user. */
export function unlockTold(
  { service }: HttpParts,
  { state, access }: WithState & Partial<Pick<KnownCaller, "access">>,
): UnlockTold | undefined {
  if (!service.unlocking.isOffered(access?.record)) return undefined;
  const progress = unlockProgress(state?.unlocking, access?.record?.unlocking, service.clock());
  const { given, nextAt, closedUntil } = progress;
  return {
    codesGiven: given,
    codesNeeded: codesToUnlock,
    ...(nextAt !== undefined && { nextAt: new Date(nextAt * 1000) }),
    ...(closedUntil !== undefined && { closedUntil: new Date(closedUntil * 1000) }),
  };
}

/** A submission that did not pass. `page` is the form to show again, for people. */
export async function sendRefusal(
  parts: HttpParts,
  caller: Caller,
  result: Exclude<SubmissionResult, { is: "passed" }>,
  page: (problem: PageProblem) => Page,
): Promise<void> {
  switch (result.is) {
    case "used":
      return sendProblem(parts, caller, "CODE_ALREADY_USED", { page });
    case "key-refused":
      if (result.reason === "challenge") return sendProblem(parts, caller, "KEY_CHALLENGE_EXPIRED", { page });
      return sendProblem(parts, caller, "KEY_REFUSED", { page, refused: result.reason });
    case "key-required":
      return sendProblem(parts, caller, "KEY_REQUIRED", { page });
    case "last-factor":
      return sendProblem(parts, caller, "LAST_FACTOR", {
        action: { href: linksFor(parts, caller).account, label: "account" },
      });
    case "refused":
    case "wrong": {
      const { is: _, ...told } = result;
      return sendProblem(parts, caller, "INVALID_2FA_CODE", { page, ...told });
    }
    case "locked":
      return sendLocked(parts, caller, result.lock);
    case "too-often":
      return sendProblem(parts, caller, "TOO_MANY_ATTEMPTS", {
        reason: "too-soon",
        about: "page",
        retryAfterSeconds: result.seconds,
        page,
      });
    case "not-enabled":
      return sendProblem(parts, caller, "2FA_NOT_ENABLED", {
        action: { href: linksFor(parts, caller).account, label: "account" },
      });
    case "stale":
      return sendProblem(parts, caller, "CONFLICT", {
        action: { href: linksFor(parts, caller).account, label: "account" },
      });
    case "gone":
      return void caller.res.destroy();
  }
}
