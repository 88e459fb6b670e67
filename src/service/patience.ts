import { TwoFactorError } from "../errors";

/**
 * The one time-out of the whole house. What is answered at once costs no timer, and a timer costs about a microsecond
 * (an AbortController for each call: 60 to 100). What fails after its time is nobody's any more: it ends no process.
 * @param late what to fail with when the time is over
 */
export function inTime<T>(milliseconds: number, work: () => T | PromiseLike<T>, late: () => unknown): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    // What is thrown here rejects, as it does in an async function.
    const answer = work();
    const then: unknown = (answer as { then?: unknown } | null | undefined)?.then;
    if (typeof then !== "function") return resolve(answer);
    // A timer takes no more than 2^31 − 1 ms, and would be over at once.
    const timer = setTimeout(() => reject(late()), Math.min(milliseconds, 2 ** 31 - 1));
    // `resolve` asks it in a turn of its own, so that a `then` that throws, or calls back twice, does no harm.
    void Promise.resolve(answer)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

/**
 * Waits, but not for ever.
 * @param what as it begins a sentence: "The store"
 * @throws TwoFactorError `STORE_UNAVAILABLE`, when it fails or takes longer
 */
export async function withinSeconds<T>(seconds: number, what: string, work: () => T | PromiseLike<T>): Promise<T> {
  try {
    return await inTime(seconds * 1000, work, () => tooLate(seconds, what));
  } catch (cause) {
    if (cause instanceof TwoFactorError) throw cause;
    throw new TwoFactorError("STORE_UNAVAILABLE", `${what} failed.`, { cause });
  }
}

/** The fault of whoever keeps us waiting. */
export const tooLate = (seconds: number, what: string): TwoFactorError =>
  new TwoFactorError("STORE_UNAVAILABLE", `${what} did not answer within ${seconds} s.`);
