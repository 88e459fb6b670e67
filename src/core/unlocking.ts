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

/** The tries of a session, and what of them it is not told before the third. */
interface Counted {
  given: CodesGiven;
  /** Those that count as long as nothing was wrong: what is told is told of them, whatever they were. */
  shown: number;
  /** One was wrong, or was not looked at since one before it was. */
  isWrong: boolean;
}

/** @returns `"closed"` after three that were not all right, until then */
function countedOf(
  given: CodesGiven | undefined,
  right: CodesGiven | undefined,
  now: number,
): Counted | { closedUntil: number } | undefined {
  if (given === undefined) return undefined;
  const isRight = (at: number) => right?.id === given.id && right.at.includes(at);
  const three = given.at.slice(-codesToUnlock);
  const [first = 0] = three;
  const wrongAt = three.find((at) => !isRight(at));
  if (three.length === codesToUnlock && (three.at(-1) ?? 0) - first < withinSeconds && wrongAt !== undefined) {
    return now < wrongAt + closedSeconds ? { closedUntil: wrongAt + closedSeconds } : undefined;
  }
  const at = given.at.filter((one) => now - one < closedSeconds);
  if (at.length === 0) return undefined;
  const shown = at.filter((one) => now - one < withinSeconds).length;
  return { given: { ...given, at }, shown, isWrong: at.some((one) => !isRight(one)) };
}

/**
 * Whether a code that a session gives under a lock is looked at now.
 * @param given what the session knows: when; @param right what the record knows: which of them were right
 */
export function unlockTurn(given: CodesGiven | undefined, right: CodesGiven | undefined, now: number): UnlockTurn {
  const counted = countedOf(given, right, now);
  if (counted === undefined) return { is: "look", given: undefined };
  if ("closedUntil" in counted || now < nextAt(counted)) return { is: "wait" };
  return { is: counted.isWrong ? "pretend" : "look", given: counted.given };
}

const nextAt = ({ given }: Counted): number => (given.at.at(-1) ?? 0) + apartSeconds;

/** The same whether they were right or not, however long it takes to the third. */
export function unlockProgress(
  given: CodesGiven | undefined,
  right: CodesGiven | undefined,
  now: number,
): UnlockProgress {
  const counted = countedOf(given, right, now);
  if (counted === undefined) return { given: 0 };
  if ("closedUntil" in counted) return { given: codesToUnlock, closedUntil: counted.closedUntil };
  return { given: counted.shown, ...(now < nextAt(counted) && { nextAt: nextAt(counted) }) };
}

export const withCodeGiven = (given: CodesGiven, now: number): CodesGiven => ({ ...given, at: [...given.at, now] });

/** A right one more of this session; those of another, and those that it is told nothing of any more, are nothing to it. */
export function withRightCode(right: CodesGiven | undefined, id: string, now: number): CodesGiven {
  const before = right?.id === id ? right.at.filter((at) => now - at < closedSeconds) : [];
  return { id, at: [...before, now] };
}

/** Three right ones in time. */
export const unlocks = ({ at }: CodesGiven, now: number): boolean =>
  at.filter((one) => now - one < withinSeconds).length >= codesToUnlock;
