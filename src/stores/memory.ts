import type { StoredRecord, TwoFactorStore } from "./store";

/**
 * Keeps everything in this process: gone with it, and unknown to every other. For tests and trials; a host must ask for
 * it by name, since a restart would turn off everybody's second factor.
 */
export function memoryStore(): TwoFactorStore {
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
