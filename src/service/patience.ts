import { setTimeout as pause } from "node:timers/promises";
import { TwoFactorError } from "../errors";

/**
 * Waits, but not for ever.
 * @param what as it begins a sentence: "The store"
 * @throws TwoFactorError `STORE_UNAVAILABLE`, when it fails or takes longer
 */
export async function withinSeconds<T>(seconds: number, what: string, work: () => Promise<T>): Promise<T> {
  const done = new AbortController();
  const late = pause(seconds * 1000, undefined, { signal: done.signal }).then(() => {
    throw new TwoFactorError("STORE_UNAVAILABLE", `${what} did not answer within ${seconds} s.`);
  });
  try {
    // A store may also throw before it promises anything; in an async function that is a rejection like the others.
    return await Promise.race([(async () => work())(), late]);
  } catch (cause) {
    if (cause instanceof TwoFactorError) throw cause;
    throw new TwoFactorError("STORE_UNAVAILABLE", `${what} failed.`, { cause });
  } finally {
    done.abort();
  }
}
