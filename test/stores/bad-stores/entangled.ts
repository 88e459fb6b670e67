import type { StoredRecord } from "../../../src/stores/store";
import { type BadStore, flawed } from "./engine";
import { promises } from "./promises";

/** Stores that the host undoes, and those with flaws in the two optional methods. */
export const entangled: BadStore[] = [
  [
    "writes within the host's transaction",
    [promises.transaction],
    flawed(
      () => ({}),
      (engine) => ({
        async hostTransaction(work) {
          const before = new Map(engine.rows);
          await work();
          engine.rows = before;
        },
      }),
    ),
  ],
  [
    "lives in the host's model, which is saved whole",
    [promises.stale],
    flawed(
      () => ({}),
      (engine) => ({
        async saveStaleModel(userId, work) {
          const model = await engine.read(userId);
          await work();
          if (model !== undefined) await engine.write(userId, model);
        },
      }),
    ),
  ],
  [
    "lives in the host's users, who may send any field",
    [promises.assigned],
    flawed(
      () => ({}),
      (engine) => ({
        async updateUser(userId, { two_factor: record, two_factor_revision: revision }) {
          await engine.write(userId, { record, revision } as StoredRecord);
        },
      }),
    ),
  ],
  [
    "lives in the host's users, whose model takes fields by other names",
    [promises.assigned],
    flawed(
      () => ({}),
      (engine) => ({
        columns: ["mfa_state"],
        async updateUser(userId, { mfaState: record }) {
          if (record === null) await engine.remove(userId);
        },
      }),
    ),
  ],
  ["erases nothing", [promises.erased], flawed(() => ({ erase: () => Promise.resolve() }))],
  ["erases everybody", [promises.erased], flawed((_, engine) => ({ erase: async () => engine.rows.clear() }))],
  [
    "empties what it erases, and keeps the revision",
    [promises.erased],
    flawed((good, engine) => ({
      erase: async (userId) => {
        const row = engine.rows.get(userId);
        if (row !== undefined) await engine.write(userId, { ...row, record: "{}" });
      },
      get: async (userId) => {
        const row = await good.get(userId);
        return row?.record === "{}" ? undefined : row;
      },
    })),
  ],
  [
    "lists the first page only",
    [promises.listed],
    flawed((good) => ({
      async *userIds(after) {
        let left = 1000;
        for await (const userId of good.userIds(after)) if (left-- > 0) yield userId;
      },
    })),
  ],
  [
    "lists some ids twice",
    [promises.listed],
    flawed((good) => ({
      async *userIds(after) {
        let count = 0;
        for await (const userId of good.userIds(after)) {
          yield userId;
          if ((count += 1) % 500 === 0) yield userId;
        }
      },
    })),
  ],
  [
    "lists from the beginning whatever `after` says",
    [promises.listed],
    flawed((good) => ({ userIds: () => good.userIds() })),
  ],
  [
    "lists `after` itself again",
    [promises.listed],
    flawed((good) => ({
      async *userIds(after) {
        if (after !== undefined) yield after;
        yield* good.userIds(after);
      },
    })),
  ],
  [
    "lists in the order of the last change, page by page",
    [promises.listed],
    flawed((good, engine) => ({
      async compareAndSet(userId, expected, next) {
        const written = await good.compareAndSet(userId, expected, next);
        if (written) {
          engine.rows.delete(userId);
          engine.rows.set(userId, { ...next });
        }
        return written;
      },
      async *userIds(after) {
        const start = after === undefined ? 0 : [...engine.rows.keys()].indexOf(after) + 1;
        for (let from = start; from < engine.rows.size; from += 500)
          yield* [...engine.rows.keys()].slice(from, from + 500);
      },
    })),
  ],
  [
    "keeps its connection when a listing is left half-way",
    [promises.listed],
    flawed((good) => {
      let left = false;
      return {
        get: (userId) => (left ? Promise.reject(new Error("no connection is free")) : good.get(userId)),
        async *userIds(after) {
          let ended = false;
          try {
            yield* good.userIds(after);
            ended = true;
          } finally {
            left = !ended;
          }
        },
      };
    }),
  ],
];
