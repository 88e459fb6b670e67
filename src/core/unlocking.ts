/** When codes were given under a lock, in one session. Unix seconds, oldest first. */
export interface CodesGiven {
  /** Of the session's tries: what the record keeps of another session's is not this one's. */
  id: string;
  at: readonly number[];
}

/** Three right codes in a row are the owner's: to guess them, one in 37 million million tries would do. */
export const codesToUnlock = 3;
/** So far apart, each has a time step of its own, and nobody reads them off in one glance. */
const apartSeconds = 60;
const withinSeconds = 600;
/** After a wrong one, in that session; strangers in theirs close nothing here. */
const closedSeconds = 900;

/** What a session may know of its tries: how many, and never before the third whether they were right. */
export interface UnlockProgress {
  given: number;
  /** Unix seconds: sooner, no code is looked at. */
  nextAt?: number;
  /** Unix seconds: they were not three right ones, and until then none is looked at. */
  closedUntil?: number;
}

export type UnlockTurn =
  /** The code is looked at; `given`: the tries that still count. */
  | { is: "look"; given: CodesGiven | undefined }
  /** One before it was wrong, which is not told before the third: it counts as given, and is not looked at. */
  | { is: "pretend"; given: CodesGiven }
  | { is: "wait" };

/** The tries of a session that still count, and when the first wrong one of them was. */
function countedOf(given: CodesGiven | undefined, right: CodesGiven | undefined, now: number) {
  if (given === undefined) return {};
  const wrongAt = given.at.find((at) => right?.id !== given.id || !right.at.includes(at));
  if (wrongAt !== undefined) return now < wrongAt + closedSeconds ? { given, wrongAt } : {};
  const at = given.at.filter((one) => now - one < withinSeconds);
  return at.length === 0 ? {} : { given: { ...given, at } };
}

/**
 * Whether a code that a session gives under a lock is looked at now.
 * @param given what the session knows: when; @param right what the record knows: which of them were right
 */
export function unlockTurn(given: CodesGiven | undefined, right: CodesGiven | undefined, now: number): UnlockTurn {
  const counted = countedOf(given, right, now);
  const { nextAt, closedUntil } = unlockProgress(given, right, now);
  if (closedUntil !== undefined || nextAt !== undefined) return { is: "wait" };
  if (counted.wrongAt !== undefined) return { is: "pretend", given: counted.given };
  return { is: "look", given: counted.given };
}

export function unlockProgress(
  given: CodesGiven | undefined,
  right: CodesGiven | undefined,
  now: number,
): UnlockProgress {
  const counted = countedOf(given, right, now);
  if (counted.given === undefined) return { given: 0 };
  const { at } = counted.given;
  if (counted.wrongAt !== undefined && at.length >= codesToUnlock) {
    return { given: at.length, closedUntil: counted.wrongAt + closedSeconds };
  }
  const nextAt = (at.at(-1) ?? 0) + apartSeconds;
  return { given: at.length, ...(now < nextAt && { nextAt }) };
}

export const withCodeGiven = (given: CodesGiven, now: number): CodesGiven => ({ ...given, at: [...given.at, now] });

/** A right one more of this session; those of another, and those too old, are nothing to it. */
export function withRightCode(right: CodesGiven | undefined, id: string, now: number): CodesGiven {
  const before = right?.id === id ? right.at.filter((at) => now - at < withinSeconds) : [];
  return { id, at: [...before, now] };
}
