import { statusOfCode, type ProblemCode } from "../errors.js";

/** Of the three codes that end a lock; whether they are right is told after the third. Times are ISO texts. */
interface UnlockProgress {
  codesGiven: number;
  codesNeeded: number;
  /** Sooner, no code is looked at. */
  nextAt?: string;
  /** They were not three right ones; until then none is looked at. */
  closedUntil?: string;
}

/** What some codes tell besides what all tell. */
interface Particulars {
  /** `field`: the one at fault; `reason` `"malformed"`: it looks like no code. It cost no attempt. */
  VALIDATION_ERROR: { field?: string; reason?: "malformed" };
  /** `clockOffSeconds`: it would be right for a clock so far ahead (below 0: behind), the phone's. How many wrong codes are left before the lock; a wrong recovery code, which cannot be guessed, takes none away. */
  INVALID_2FA_CODE: { attemptsRemaining: number; clockOffSeconds?: number };
  /** Why, in one word: `key`, `counter`, `origin`, `verification`, `known`, …; it cost no attempt. */
  KEY_REFUSED: { reason?: string };
  /**
   * `retryAfterSeconds` absent: the lock does not end by itself. `unlock`: three right codes, a minute apart, end it; how
   * far they are, and when the next one is looked at. `reason` `"too-soon"`: no lock; this was asked
   * for too often in a short time: another code, a set-up, new recovery codes.
   */
  TOO_MANY_ATTEMPTS: { retryAfterSeconds?: number; reason?: "too-soon"; unlock?: UnlockProgress };
  /** `reason` `"code-sent"`: one went out by mail or SMS just now, and goes into `code`; else that of a reset into `enrolmentCode`. */
  ENROLMENT_CODE_REQUIRED: { reason?: "code-sent" };
  /** `retryAfterSeconds` absent: it was not confirmed yet. */
  RECOVERY_TOO_EARLY: { retryAfterSeconds?: number };
  RECOVERY_CLOSED: { retryAfterSeconds?: number };
  /** `reason` `"reset"`: not for its age; the second factor was reset or turned off meanwhile. */
  LOGIN_SESSION_EXPIRED: { reason?: "reset" };
  /** `reason` `"recent"`: proven, but too long ago for this; ask for a code. */
  TWO_FACTOR_REQUIRED: { reason?: "recent" };
  TWO_FACTOR_SETUP_REQUIRED: { reason?: "recent" };
  /** A mail of a recovery: the step has not happened. `reason` `"earlier-code"`: a code that went out before is still good. */
  MAIL_NOT_SENT: { retryAfterSeconds?: number; reason?: "earlier-code" };
  /** `reason` `"delivery"`: the mail or SMS could not be sent. */
  STORE_UNAVAILABLE: { retryAfterSeconds?: number; reason?: "delivery" };
}

/** `title` and `detail` are in the user's language. */
interface Answered {
  ok: false;
  status: number;
  title: string;
  detail: string;
}

type ServerProblem = {
  [Code in ProblemCode]: Answered & { code: Code } & (Code extends keyof Particulars ? Particulars[Code] : object);
}[ProblemCode];

/** Why there is no answer to work with: a union on `code`, to be switched over. */
export type TwoFactorProblem =
  | ServerProblem
  /** A problem document whose code this version does not know: of a newer server, or of the app's own. */
  | (Answered & { code: "UNKNOWN_PROBLEM"; serverCode: string; retryAfterSeconds?: number })
  /** Something else than this library answered: a proxy, a rate limiter, a login page. */
  | { ok: false; code: "UNEXPECTED_ANSWER"; status: number; retryAfterSeconds?: number }
  /** No answer at all, only half of one, or a redirect, which is not followed. */
  | { ok: false; code: "NETWORK_FAILURE"; cause: unknown };

/** What is needed of an HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/** Reads an answer that is no success. `body` is `undefined` where it was no JSON. */
export function problemOf(answer: Answer, body: unknown): TwoFactorProblem {
  const { status } = answer;
  const wait = waitOf(answer, body);
  const given = isObject(body) ? body : {};
  const { code, title, detail, field, reason, attemptsRemaining, clockOffSeconds: off, unlock } = given;
  const unexpected: TwoFactorProblem = { ok: false, code: "UNEXPECTED_ANSWER", status, ...wait };
  if (typeof code !== "string") return unexpected;
  const answered: Answered = { ok: false, status, title: textOf(title), detail: textOf(detail) };
  if (!isKnown(code)) return { ...answered, code: "UNKNOWN_PROBLEM", serverCode: code, ...wait };
  if (code === "INVALID_2FA_CODE") {
    if (!isCount(attemptsRemaining)) return unexpected;
    return { ...answered, code, attemptsRemaining, ...(typeof off === "number" && { clockOffSeconds: off }) };
  }
  // Which of these a code has is the server's contract (docs/openapi.yaml); here they are only passed on.
  return {
    ...answered,
    code,
    ...(typeof field === "string" && { field }),
    ...(typeof reason === "string" && { reason }),
    ...(isObject(unlock) && { unlock }),
    ...wait,
  } as TwoFactorProblem;
}

const isKnown = (code: string): code is ProblemCode => Object.hasOwn(statusOfCode, code);

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value) && value >= 0;

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The member of the problem document, or the header, in whole seconds; a date in the header is left alone. */
function waitOf({ headers }: Answer, body: unknown): { retryAfterSeconds?: number } {
  const told: unknown = isObject(body) ? body["retryAfterSeconds"] : undefined;
  const seconds = typeof told === "number" ? told : Number.parseInt(headers.get("retry-after") ?? "", 10);
  return isCount(seconds) ? { retryAfterSeconds: seconds } : {};
}
