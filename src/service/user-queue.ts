import { TwoFactorError } from "../errors";

/** So many submissions for one user may wait in this process. */
const longestQueue = 512;

/**
 * One write at a time to one user, within this process. Without it, parallel submissions compute what the database
 * then refuses (measured: 597 scrypts for 200 guesses instead of 3). It is no lock: other processes are held off by
 * the store's compare-and-set.
 */
export function createUserQueue(waitSeconds: number): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const lines = new Map<string, { tail: Promise<unknown>; waiting: number }>();

  return async function inLine(key, work) {
    const line = lines.get(key) ?? { tail: Promise.resolve(), waiting: 0 };
    if (line.waiting >= longestQueue) throw busy();
    line.waiting += 1;
    lines.set(key, line);
    const giveUpAt = performance.now() + waitSeconds * 1000;
    const turn = line.tail.then(() => {
      if (performance.now() > giveUpAt) throw busy();
      return work();
    });
    line.tail = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      line.waiting -= 1;
      if (line.waiting === 0) lines.delete(key);
    }
  };
}

const busy = () => new TwoFactorError("STORE_UNAVAILABLE", "Too many submissions for one user are waiting.");
