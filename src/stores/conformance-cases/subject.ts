import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { StoredRecord, TwoFactorStore } from "../store";

/** A store as the kit tries it. Hooks that do not apply are left out; what they would show then passes unexamined. */
export interface StoreUnderTest {
  /** Two, over the same data, as two processes of an app would have; the kit lets them race. */
  clients: readonly [TwoFactorStore, ...TwoFactorStore[]];
  /** Makes the row of that user, if it is not there yet: where records live in a table of the host's. */
  addUser?(userId: string): Promise<void>;
  /** Runs `work` within a transaction of the host's own, where the first client would be called, and rolls it back. */
  hostTransaction?(work: () => Promise<void>): Promise<void>;
  /** Loads the host's model of that user, runs `work`, then saves the model as it was loaded, every field of it. */
  saveStaleModel?(userId: string, work: () => Promise<void>): Promise<void>;
  /** Called at the end of each case. */
  close?(): Promise<void>;
}

/** What a host hands in: a store alone, or with its second client and hooks. Called once a case. */
export type MakeStore = () => StoreUnderTest | TwoFactorStore | Promise<StoreUnderTest | TwoFactorStore>;

/** What a case works with: two clients (the same twice, where only one was given) and the hooks, bound. */
export interface Subject {
  one: TwoFactorStore;
  other: TwoFactorStore;
  /** Records live in rows that the host makes, so that an id is one which a column can hold. */
  inHostRows: boolean;
  /** @returns a `userId` in the shape that the service makes; without `id`, one that nothing is stored for yet. */
  newUser: (id?: string) => Promise<string>;
  hostTransaction: ((work: () => Promise<void>) => Promise<void>) | undefined;
  saveStaleModel: ((userId: string, work: () => Promise<void>) => Promise<void>) | undefined;
}

export interface ConformanceCase {
  /** What the store promises. */
  name: string;
  /** @throws AssertionError when the store does not keep the promise. */
  run(makeStore: MakeStore): Promise<void>;
}

export function conformanceCase(name: string, examine: (subject: Subject) => Promise<void>): ConformanceCase {
  return {
    name,
    async run(makeStore) {
      const made = await makeStore();
      const given: StoreUnderTest = "clients" in made ? made : { clients: [made] };
      const [one, other = one] = given.clients;
      try {
        await examine({
          one,
          other,
          inHostRows: given.addUser !== undefined,
          newUser: async (id = randomText()) => {
            const userId = userIdOf(id);
            await given.addUser?.(userId);
            return userId;
          },
          hostTransaction: given.hostTransaction?.bind(given),
          saveStaleModel: given.saveStaleModel?.bind(given),
        });
      } finally {
        await given.close?.();
      }
    },
  };
}

/** As the service makes it from scope and id. */
export const userIdOf = (id: string, scope = "user"): string => JSON.stringify([scope, id]);

export const randomText = (): string => randomBytes(16).toString("base64url");

/** A record like the service's, which no other is equal to. */
export const newRecord = (): StoredRecord => ({
  record: JSON.stringify({ v: 1, epoch: randomText(), failures: 0, history: [] }),
  revision: randomText(),
});

/** Stores a new record for a new user. */
export async function stored({ one, newUser }: Subject): Promise<{ userId: string; first: StoredRecord }> {
  const userId = await newUser();
  const first = newRecord();
  await mustWrite(one, userId, undefined, first);
  return { userId, first };
}

export async function mustWrite(
  store: TwoFactorStore,
  userId: string,
  expected: string | undefined,
  next: StoredRecord,
): Promise<void> {
  const written = await store.compareAndSet(userId, expected, { ...next });
  assert.equal(written, true, `compareAndSet must answer true: nobody else wrote, and it answered ${String(written)}`);
}

export async function mustRefuse(
  store: TwoFactorStore,
  userId: string,
  expected: string | undefined,
  why: string,
): Promise<void> {
  const written = await store.compareAndSet(userId, expected, newRecord());
  assert.equal(written, false, `compareAndSet must answer false ${why}, and it answered ${String(written)}`);
}

export async function mustHold(
  store: TwoFactorStore,
  userId: string,
  expected: StoredRecord,
  why: string,
): Promise<void> {
  const found = await store.get(userId);
  assert.ok(found, `get must find the record ${why}, and it answered ${found === null ? "null" : "undefined"}`);
  assert.deepEqual({ record: found.record, revision: found.revision }, expected, `get must find it unchanged ${why}`);
}

export async function mustHoldNothing(store: TwoFactorStore, userId: string, why: string): Promise<void> {
  const found: unknown = await store.get(userId);
  assert.equal(found, undefined, `get must answer undefined ${why}`);
}
