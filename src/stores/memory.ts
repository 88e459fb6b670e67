import type { StoredRecord, TwoFactorStore } from "./store";

const forTrials = Symbol("a memory store, for tests and trials");

/** Whether a store is this one, and does not say that it is meant for production; also where a host has wrapped it. */
export const isForTrials = (store: unknown): boolean =>
  typeof store === "object" && store !== null && (store as { [forTrials]?: unknown })[forTrials] === true;

/** Whether a store is this one, meant for production or not. */
export const isInMemory = (store: object): boolean => forTrials in store;

/**
 * Keeps everything in this process: gone with it, and unknown to every other. For tests and trials; a host must ask for
 * it by name, since a restart would turn off everybody's second factor. Under `NODE_ENV=production` it is refused unless
 * `production: true` says that this is meant.
 */
export function memoryStore(options: { production?: boolean } = {}): TwoFactorStore {
  const store: TwoFactorStore & { [forTrials]: boolean } = { ...inMemory(), [forTrials]: options.production !== true };
  return store;
}

function inMemory(): TwoFactorStore {
  const records = new Map<string, StoredRecord>();
  return {
    async get(userId) {
      const stored = records.get(userId);
      return stored === undefined ? undefined : copy(stored);
    },
    // No `await` between reading and writing: that is all that makes it atomic.
    async compareAndSet(userId, expected, next) {
      if (records.get(userId)?.revision !== expected) return false;
      records.set(userId, copy(next));
      return true;
    },
    async erase(userId) {
      records.delete(userId);
    },
    async *userIds(after) {
      const sorted = [...records.keys()].sort();
      yield* after === undefined ? sorted : sorted.filter((userId) => userId > after);
    },
  };
}

const copy = ({ record, revision }: StoredRecord): StoredRecord => ({ record, revision });
