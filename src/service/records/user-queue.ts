import { TwoFactorError } from "../../errors";
import { inTime, tooLate } from "../patience";

/** So many submissions for one user may wait in this process. */
const longestQueue = 512;

/** So much longer than it may wait may a turn take: a read, a write, and a look at whether that write was made. */
const turnPerWait = 3;
/** And so long for what we compute ourselves, which on a busy machine is nobody's hanging: ten scrypts for a set-up. */
const computingSeconds = 5;

/** Says whether a turn is over: what has not been begun by then must not be. */
export type IsOver = () => boolean;

/**
 * One write at a time to one user, within this process. Without it, parallel submissions compute what the database
 * then refuses (measured: 597 scrypts for 200 guesses instead of 3). It is no lock: other processes, and the late write
 * of a turn that was given up, are held off by the store's compare-and-set. Everybody leaves it in time, whatever hangs:
 * who waits, and who has the turn.
 */
export function createUserQueue(waitSeconds: number) {
  /** Who waits, in order; a user is here while somebody has the turn. */
  const lines = new Map<string, Set<() => void>>();

  function enter(key: string): Promise<void> | undefined {
    const line = lines.get(key);
    if (line === undefined) return void lines.set(key, new Set());
    // One has the turn.
    if (line.size >= longestQueue - 1) throw busy();
    let begin: (() => void) | undefined;
    const turn = new Promise<void>((resolve) => line.add((begin = resolve)));
    return inTime(
      waitSeconds * 1000,
      () => turn,
      () => {
        if (begin !== undefined) line.delete(begin);
        return busy();
      },
    );
  }

  function leave(key: string): void {
    const line = lines.get(key);
    const [next] = line ?? [];
    if (next === undefined) return void lines.delete(key);
    line?.delete(next);
    next();
  }

  return async function inLine<T>(key: string, work: (isOver: IsOver) => Promise<T>): Promise<T> {
    await enter(key);
    const turnSeconds = waitSeconds * turnPerWait + computingSeconds;
    let over = false;
    try {
      return await inTime(
        turnSeconds * 1000,
        () => work(() => over),
        () => tooLate(turnSeconds, "The work on a user's record"),
      );
    } finally {
      over = true;
      leave(key);
    }
  };
}

const busy = () => new TwoFactorError("STORE_UNAVAILABLE", "Too many submissions for one user are waiting.");
