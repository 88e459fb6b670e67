import type { ProofMethod } from "../events";
import { attemptsRemaining, countFailure, lockOf, noAttempts, type Lock, type LockPolicy } from "./attempts";
import type { TwoFactorRecord } from "./record";

/** What one factor says of a submitted code. `spend` makes the record in which this code is used up. */
export type Verdict =
  | { is: "right"; method: ProofMethod; spend: (record: TwoFactorRecord) => TwoFactorRecord }
  | { is: "used"; method: ProofMethod }
  | { is: "wrong" };

export type SubmissionOutcome =
  | { is: "passed"; method: ProofMethod; next: TwoFactorRecord }
  /** Nothing is written: a repeated code is no guess. */
  | { is: "used"; method: ProofMethod }
  | { is: "wrong"; attemptsRemaining: number; next: TwoFactorRecord }
  /** The wrong code that locked; nothing more is told. */
  | { is: "just-locked"; lock: Lock; round: number; next: TwoFactorRecord }
  | { is: "locked"; lock: Lock };

/** One submission is one guess against all live factors. */
export function judge(
  record: TwoFactorRecord,
  verdicts: readonly Verdict[],
  policy: LockPolicy,
  now: number,
): SubmissionOutcome {
  const lock = lockOf(record.attempts, now);
  if (lock !== undefined) return { is: "locked", lock };
  const right = verdicts.find((verdict) => verdict.is === "right");
  if (right !== undefined) {
    return { is: "passed", method: right.method, next: { ...right.spend(record), attempts: noAttempts } };
  }
  const used = verdicts.find((verdict) => verdict.is === "used");
  if (used !== undefined) return { is: "used", method: used.method };
  const attempts = countFailure(record.attempts, policy, now);
  const next = { ...record, attempts };
  const newLock = lockOf(attempts, now);
  if (newLock !== undefined) return { is: "just-locked", lock: newLock, round: attempts.rounds, next };
  return { is: "wrong", attemptsRemaining: attemptsRemaining(attempts, policy), next };
}
