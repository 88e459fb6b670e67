import { type BadStore, type Change, flawed } from "./engine";
import { promises } from "./promises";

const readThenWrite: Change = (_, engine) => ({
  async compareAndSet(userId, expected, next) {
    if ((await engine.read(userId))?.revision !== expected) return false;
    await engine.write(userId, next);
    return true;
  },
});

/** Stores of which more than one writer is told that it won, or none. */
export const racing: BadStore[] = [
  ["reads, then writes", [promises.first, promises.replaced, promises.acknowledged], flawed(readThenWrite)],
  [
    "reads, then writes, in a queue of its own process",
    [promises.first, promises.replaced],
    flawed((good, engine) => {
      let queue: Promise<unknown> = Promise.resolve();
      const { compareAndSet } = { ...good, ...readThenWrite(good, engine) };
      return {
        compareAndSet(...call) {
          const turn = queue.then(() => compareAndSet(...call));
          queue = turn.catch(() => undefined);
          return turn;
        },
      };
    }),
  ],
  [
    "replaces in one statement, but looks before the first write",
    [promises.first],
    flawed((good, engine) => ({
      async compareAndSet(userId, expected, next) {
        if (expected !== undefined) return good.compareAndSet(userId, expected, next);
        if ((await engine.read(userId)) !== undefined) return false;
        await engine.write(userId, next);
        return true;
      },
    })),
  ],
  [
    "throws the engine's unique violation instead of answering false",
    [promises.expected, promises.first],
    flawed((good) => ({
      async compareAndSet(userId, expected, next) {
        const written = await good.compareAndSet(userId, expected, next);
        if (!written && expected === undefined) throw new Error("duplicate key value violates unique constraint");
        return written;
      },
    })),
  ],
  [
    "overwrites without looking when it is the first write",
    [promises.expected],
    flawed((good, engine) => ({
      compareAndSet: (userId, expected, next) =>
        expected === undefined
          ? engine.write(userId, next).then(() => true)
          : good.compareAndSet(userId, expected, next),
    })),
  ],
  [
    "makes the record when a revision is expected and none is stored",
    [promises.expected, promises.erased],
    flawed((good, engine) => ({
      compareAndSet: async (userId, expected, next) =>
        good.compareAndSet(userId, engine.rows.has(userId) ? expected : undefined, next),
    })),
  ],
  [
    "answers with the number of rows",
    [promises.expected, promises.first],
    flawed((good) => ({
      compareAndSet: async (...call) => Number(await good.compareAndSet(...call)) as unknown as boolean,
    })),
  ],
  [
    "acknowledges, and writes a moment later",
    [promises.seen, promises.acknowledged],
    flawed((good) => ({
      compareAndSet: async (userId, expected, next) => {
        if ((await good.get(userId))?.revision !== expected) return false;
        setTimeout(() => void good.compareAndSet(userId, expected, next), 5);
        return true;
      },
    })),
  ],
  [
    "loses one acknowledged write in ten",
    [promises.acknowledged],
    (() => {
      let writes = 0;
      return flawed((good) => ({
        compareAndSet: async (userId, expected, next) => {
          writes += 1;
          if (writes % 10 !== 0) return good.compareAndSet(userId, expected, next);
          return (await good.get(userId))?.revision === expected;
        },
      }));
    })(),
  ],
  [
    "compares revisions without regard to case",
    [promises.revisionCase],
    flawed((good, engine) => ({
      compareAndSet: async (userId, expected, next) => {
        const stored = engine.rows.get(userId)?.revision;
        const same = stored?.toLowerCase() === expected?.toLowerCase();
        return good.compareAndSet(userId, same ? stored : expected, next);
      },
    })),
  ],
];
