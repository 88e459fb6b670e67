import { onTestFinished, vi } from "vitest";

/**
 * Stops the clock until the test is over, early in a time step: what an authenticator shows then stays right however busy
 * the machine is. Timers, and with them time-outs and pauses, run as ever. Asked again, it is the same clock.
 */
export function stopClock(): { later: typeof later } {
  if (!vi.isFakeTimers()) stopAt(new Date("2026-03-01T12:00:10Z"));
  return { later };
}

/** Moves the clock; one that ran until now stands from then on. */
export function later(seconds: number): void {
  const then = new Date(Date.now() + seconds * 1000);
  if (vi.isFakeTimers()) vi.setSystemTime(then);
  else stopAt(then);
}

function stopAt(now: Date): void {
  vi.useFakeTimers({ toFake: ["Date"], now });
  onTestFinished(() => void vi.useRealTimers());
}
