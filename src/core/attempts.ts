/** Wrong codes and what they lead to. */
export interface Attempts {
  /** Wrong codes since the last lock, right code or unlock. */
  failures: number;
  /** Locks since the last right code or unlock: the next one is longer. */
  rounds: number;
  /** Wrong codes since the last right code or unlock, over all rounds. */
  inARow: number;
  /** Unix seconds; `"reset"`: only an unlock or a reset ends it. */
  lockedUntil?: number | "reset";
}

export interface LockPolicy {
  maxAttempts: number;
  /** `"until-reset"`: the first lock is the last (the gem's way). */
  lockout: { baseSeconds: number; maxSeconds: number; hardLimit: number } | "until-reset";
}

export interface Lock {
  /** Unix seconds; absent: until reset. */
  until?: number;
}

export const noAttempts: Attempts = Object.freeze({ failures: 0, rounds: 0, inARow: 0 });

export function lockOf(attempts: Attempts, now: number): Lock | undefined {
  if (attempts.lockedUntil === "reset") return {};
  if (attempts.lockedUntil === undefined || attempts.lockedUntil <= now) return undefined;
  return { until: attempts.lockedUntil };
}

/** One more wrong code. The caller has made sure that no lock is in force. */
export function countFailure(attempts: Attempts, policy: LockPolicy, now: number): Attempts {
  const failures = attempts.failures + 1;
  const inARow = attempts.inARow + 1;
  const seconds = lockSeconds({ failures, inARow, rounds: attempts.rounds }, policy);
  if (seconds === undefined) return { failures, rounds: attempts.rounds, inARow };
  const lockedUntil = seconds === "reset" ? seconds : now + seconds;
  return { failures: 0, rounds: attempts.rounds + 1, inARow, lockedUntil };
}

function lockSeconds(counted: Attempts, { maxAttempts, lockout }: LockPolicy): number | "reset" | undefined {
  if (lockout !== "until-reset" && counted.inARow >= lockout.hardLimit) return "reset";
  if (counted.failures < maxAttempts) return undefined;
  if (lockout === "until-reset") return "reset";
  return Math.min(lockout.baseSeconds * 2 ** counted.rounds, lockout.maxSeconds);
}

/** Wrong codes until the next lock, whichever limit comes first. */
export function attemptsRemaining({ failures, inARow }: Attempts, { maxAttempts, lockout }: LockPolicy): number {
  const hardLimit = lockout === "until-reset" ? Infinity : lockout.hardLimit;
  return Math.max(0, Math.min(maxAttempts - failures, hardLimit - inARow));
}
