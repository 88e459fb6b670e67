import type { LaneName } from "../events";

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

/** A browser that has given a right factor before. It is no proof: it only has guesses of its own. */
export interface KnownBrowser {
  /** Of the random token in its cookie: 12 characters, which name one of ten; the cookie itself is signed. */
  hash: string;
  knownAt: number;
  attempts: Attempts;
}

/** Whose count a wrong code goes to: a known browser's, named by its hash, or the one of all others together. */
export type Lane = string | undefined;

export interface LaneLock extends Lock {
  lane: LaneName;
}

interface WithLanes {
  attempts: Attempts;
  knownBrowsers?: readonly KnownBrowser[];
}

const knownBrowserLimit = 10;

/** So many wrong codes in a row, and a known browser is as unknown as any other. */
const forgottenAfter = 20;

const laneName = (lane: Lane): LaneName => (lane === undefined ? "unknown-browsers" : "known-browser");

/** The lane of this browser; `validForSeconds` is the option as it is now, not as it was. */
export const laneOf = (
  record: WithLanes | undefined,
  hash: string | undefined,
  validForSeconds: number,
  now: number,
): Lane => record?.knownBrowsers?.find((known) => known.hash === hash && now < known.knownAt + validForSeconds)?.hash;

/** A lane that is gone meanwhile is the one of all others. */
const knownIn = (record: WithLanes, lane: Lane): KnownBrowser | undefined =>
  lane === undefined ? undefined : record.knownBrowsers?.find(({ hash }) => hash === lane);

/** The count that is asked, where the browser's own is gone meanwhile. */
export const attemptsIn = (record: WithLanes, lane: Lane): Attempts => (knownIn(record, lane) ?? record).attempts;

export function withAttemptsIn<Held extends WithLanes>(record: Held, lane: Lane, attempts: Attempts): Held {
  if (knownIn(record, lane) === undefined) return { ...record, attempts };
  const knownBrowsers = (record.knownBrowsers ?? []).map((known) =>
    known.hash === lane ? { ...known, attempts } : known,
  );
  return { ...record, knownBrowsers };
}

/** Whether codes from there are refused just now. */
export function laneLock(record: WithLanes | undefined, lane: Lane, now: number): LaneLock | undefined {
  const lock = record && lockOf(attemptsIn(record, lane), now);
  return lock && { ...lock, lane: laneName(record && knownIn(record, lane)?.hash) };
}

/** Of all lanes that are locked the one that concerns most people: that of the unknown browsers, else a known one's. */
export function anyLock(record: WithLanes | undefined, now: number): LaneLock | undefined {
  const lanes: readonly Lane[] = [undefined, ...(record?.knownBrowsers ?? []).map(({ hash }) => hash)];
  return lanes.map((lane) => laneLock(record, lane, now)).find((lock) => lock !== undefined);
}

/** `hardLimit` closes unknown browsers alone: a known one is forgotten long before. */
export const policyIn = (record: WithLanes, lane: Lane, policy: LockPolicy): LockPolicy =>
  knownIn(record, lane) === undefined || policy.lockout === "until-reset"
    ? policy
    : { ...policy, lockout: { ...policy.lockout, hardLimit: Number.MAX_SAFE_INTEGER } };

/** One more wrong code from there. The caller has made sure that it is not locked. */
export function withFailureIn<Held extends WithLanes>(record: Held, lane: Lane, policy: LockPolicy, now: number): Held {
  const counted = countFailure(attemptsIn(record, lane), policyIn(record, lane, policy), now);
  if (knownIn(record, lane) === undefined || counted.inARow < forgottenAfter) {
    return withAttemptsIn(record, lane, counted);
  }
  return withoutKnownBrowser(record, lane);
}

const withoutKnownBrowser = <Held extends WithLanes>(record: Held, lane: Lane): Held => ({
  ...record,
  knownBrowsers: (record.knownBrowsers ?? []).filter(({ hash }) => hash !== lane),
});

/** It has given a right factor: its count begins anew. The one that it was before goes, and the oldest beyond ten. */
export const withKnownBrowser = <Held extends WithLanes>(
  record: Held,
  added: Omit<KnownBrowser, "attempts">,
  before: Lane,
): Held => ({
  ...record,
  knownBrowsers: [
    ...(record.knownBrowsers ?? []).filter(({ hash }) => hash !== before),
    { ...added, attempts: noAttempts },
  ].slice(-knownBrowserLimit),
});

/** All counts, of every lane, begin anew. */
export const withAllUnlocked = <Held extends WithLanes>(record: Held): Held => ({
  ...record,
  attempts: noAttempts,
  ...(record.knownBrowsers && {
    knownBrowsers: record.knownBrowsers.map((known) => ({ ...known, attempts: noAttempts })),
  }),
});
