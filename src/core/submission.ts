import type { ProofMethod, UseEvent } from "../events";
import { attemptsRemaining, countFailure, lockOf, noAttempts, type Lock, type LockPolicy } from "./attempts";
import type { TwoFactorRecord } from "./record";

/** What one factor says of what was submitted. `spend` makes the record in which it is used up. */
export type Verdict =
  | {
      is: "right";
      method: ProofMethod;
      /** Whether it could have been guessed. */
      guessable: boolean;
      events: readonly UseEvent[];
      spend: (record: TwoFactorRecord) => TwoFactorRecord;
    }
  | { is: "used"; method: ProofMethod }
  | { is: "wrong"; guessable: boolean };

export type SubmissionOutcome =
  | { is: "passed"; method: ProofMethod; events: readonly UseEvent[]; next: TwoFactorRecord }
  /** Nothing is written: a repeated code is no guess. */
  | { is: "used"; method: ProofMethod }
  | { is: "wrong"; attemptsRemaining: number; next: TwoFactorRecord }
  /** What cannot be guessed was not right: that counts for nothing. */
  | { is: "refused" }
  /** The wrong code that locked; nothing more is told. */
  | { is: "just-locked"; lock: Lock; round: number; next: TwoFactorRecord }
  | { is: "locked"; lock: Lock };

/** One submission is one guess against all live factors. A lock stops guesses, and nothing else. */
export function judge(
  record: TwoFactorRecord,
  verdicts: readonly Verdict[],
  policy: LockPolicy,
  now: number,
): SubmissionOutcome {
  const lock = lockOf(record.attempts, now);
  const right = verdicts.find((verdict) => verdict.is === "right" && !(lock !== undefined && verdict.guessable));
  if (right?.is === "right") {
    const { method, events, guessable } = right;
    // Who proves with something else leaves the count of guesses as it is: it gives a guesser no new ones.
    const attempts = guessable ? noAttempts : record.attempts;
    return { is: "passed", method, events, next: { ...right.spend(record), attempts } };
  }
  if (verdicts.length > 0 && verdicts.every((verdict) => verdict.is === "wrong" && !verdict.guessable)) {
    return { is: "refused" };
  }
  if (lock !== undefined) return { is: "locked", lock };
  const used = verdicts.find((verdict) => verdict.is === "used");
  if (used !== undefined) return { is: "used", method: used.method };
  const attempts = countFailure(record.attempts, policy, now);
  const next = { ...record, attempts };
  const newLock = lockOf(attempts, now);
  if (newLock !== undefined) return { is: "just-locked", lock: newLock, round: attempts.rounds, next };
  return { is: "wrong", attemptsRemaining: attemptsRemaining(attempts, policy), next };
}
