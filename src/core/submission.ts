import type { ProofMethod, UseDetails, UseEvent } from "../events";
import {
  attemptsIn,
  attemptsRemaining,
  laneLock,
  noAttempts,
  policyIn,
  withAttemptsIn,
  withFailureIn,
  type Lane,
  type LaneLock,
  type LockPolicy,
} from "./attempts";
import { withEntry, withoutEntry, type FactorEntry } from "./factor-entry";
import type { TwoFactorRecord } from "./record";
import { withSpent, type Challenge } from "./spent";

/** What one factor says of what was submitted. */
export type Verdict =
  | {
      is: "right";
      method: ProofMethod;
      /** Whether it could have been guessed. */
      guessable: boolean;
      events: readonly UseEvent[];
      about?: UseDetails | undefined;
      /** What it was held against, and what is left of that once it is used up; `undefined`: it is gone whole. */
      entry: FactorEntry;
      left: FactorEntry | undefined;
      /** What it has answered, which is good once. */
      challenge?: Challenge;
    }
  | { is: "used"; method: ProofMethod; guessable?: boolean }
  | { is: "refused"; reason: string; events: readonly UseEvent[] }
  /** `clockOffSeconds`: for a clock so far ahead it would be right. */
  | { is: "wrong"; guessable: boolean; clockOffSeconds?: number };

export type SubmissionOutcome =
  | {
      is: "passed";
      method: ProofMethod;
      events: readonly UseEvent[];
      about?: UseDetails | undefined;
      next: TwoFactorRecord;
    }
  /** Nothing is written: a repeated code is no guess. */
  | { is: "used"; method: ProofMethod }
  | { is: "wrong"; attemptsRemaining: number; clockOffSeconds?: number; next: TwoFactorRecord }
  /** What cannot be guessed was not right: that counts for nothing. */
  | { is: "refused"; reason?: string; events?: readonly UseEvent[] }
  /** The wrong code that locked; nothing more is told. */
  | { is: "just-locked"; lock: LaneLock; round: number; next: TwoFactorRecord }
  | { is: "locked"; lock: LaneLock };

/** One submission is one guess against all live factors. A lock stops guesses from its lane, and nothing else. */
export function judge(
  record: TwoFactorRecord,
  verdicts: readonly Verdict[],
  policy: LockPolicy,
  now: number,
  lane?: Lane,
  { lock }: { lock: LaneLock | undefined } = { lock: laneLock(record, lane, now) },
): SubmissionOutcome {
  const right = verdicts.find((verdict) => verdict.is === "right" && !(lock !== undefined && verdict.guessable));
  if (right?.is === "right") {
    const { method, events, about, guessable } = right;
    // Who proves with something else leaves the count of guesses as it is: it gives a guesser no new ones.
    const spent = withUsed(record, right, now);
    return { is: "passed", method, events, about, next: guessable ? withAttemptsIn(spent, lane, noAttempts) : spent };
  }
  const refused = verdicts.find((verdict) => verdict.is === "refused");
  if (verdicts.length > 0 && verdicts.every((verdict) => isNoGuess(verdict))) {
    return refused?.is === "refused" ? refused : { is: "refused" };
  }
  const used = verdicts.find(
    (verdict) => verdict.is === "used" && !(lock !== undefined && verdict.guessable !== false),
  );
  if (lock !== undefined && used === undefined) return { is: "locked", lock };
  if (used?.is === "used") return { is: "used", method: used.method };
  const next = withFailureIn(record, lane, policy, now);
  const attempts = attemptsIn(next, lane);
  const newLock = laneLock(next, lane, now);
  if (newLock !== undefined) return { is: "just-locked", lock: newLock, round: attempts.rounds, next };
  const left = attemptsRemaining(attempts, policyIn(next, lane, policy));
  return { is: "wrong", attemptsRemaining: left, ...hintIn(verdicts), next };
}

/** The record in which what proved is used up. */
export function withUsed(
  record: TwoFactorRecord,
  { entry, left, challenge }: Extract<Verdict, { is: "right" }>,
  now: number,
): TwoFactorRecord {
  const used = left === undefined ? withoutEntry(record, entry) : withEntry(record, left);
  return challenge === undefined ? used : withSpent(used, challenge, now);
}

function hintIn(verdicts: readonly Verdict[]): { clockOffSeconds?: number } {
  const hinting = verdicts.find((verdict) => verdict.is === "wrong" && verdict.clockOffSeconds !== undefined);
  return hinting?.is === "wrong" && hinting.clockOffSeconds !== undefined
    ? { clockOffSeconds: hinting.clockOffSeconds }
    : {};
}

const isNoGuess = (verdict: Verdict): boolean =>
  verdict.is === "refused" || (verdict.is === "wrong" && !verdict.guessable);
