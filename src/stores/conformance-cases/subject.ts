import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { isInMemory } from "../memory";
import type { StoredRecord, TwoFactorStore } from "../store";

/** A store as the kit tries it. Hooks that do not apply are left out; what they would show is then said to be skipped. */
export interface StoreUnderTest {
  /** Two, over the same data, as two processes of an app would have; the kit lets them race. */
  clients: readonly [TwoFactorStore, ...TwoFactorStore[]];
  /** In the place of a second client: the word that no second process will ever use this store. */
  oneProcess?: true;
  /** Makes the row of that user, if it is not there yet: where records live in a table of the host's. */
  addUser?(userId: string): Promise<void>;
  /** Runs `work` within a transaction of the host's own, where the first client would be called, and rolls it back. */
  hostTransaction?(work: () => Promise<void>): Promise<void>;
  /** Loads the host's model of that user, runs `work`, then saves the model as it was loaded, every field of it. */
  saveStaleModel?(userId: string, work: () => Promise<void>): Promise<void>;
  /** Does with `body` what your app does where somebody changes data of their own, such as `PATCH /me`. */
  updateUser?(userId: string, body: Record<string, unknown>): Promise<void>;
  /** What the record and its revision are called there; by default `two_factor` and `two_factor_revision`. */
  columns?: readonly string[];
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
  updateUser: ((userId: string, body: Record<string, unknown>) => Promise<void>) | undefined;
  columns: readonly string[];
}

/** What a runner hands to a test: `node:test` and vitest alike. */
export interface SkippableTest {
  skip(why?: string): unknown;
}

export interface ConformanceResult {
  /** Why the promise was not examined; absent where it was, and is kept. */
  skipped?: string;
}

export interface ConformanceCase {
  /** What the store promises. */
  name: string;
  /**
   * @param test told (`skip`) when what `makeStore` gives does not let the promise be examined; without it, a warning says so.
   * @throws AssertionError when the store does not keep the promise.
   */
  run(makeStore: MakeStore, test?: SkippableTest): Promise<ConformanceResult>;
}

/** @param examine answers what it lacks, where it cannot examine the promise */
export function conformanceCase(
  name: string,
  examine: (subject: Subject) => Promise<string | undefined>,
): ConformanceCase {
  return {
    name,
    async run(makeStore, test) {
      const skipped = await examineStore(await makeStore(), examine);
      if (skipped === undefined) return {};
      if (test === undefined) process.emitWarning(`Not examined: ${name}: ${skipped}`, "ConformanceSkipped");
      else test.skip(skipped);
      return { skipped };
    },
  };
}

async function examineStore(
  made: StoreUnderTest | TwoFactorStore,
  examine: (subject: Subject) => Promise<string | undefined>,
): Promise<string | undefined> {
  const given: StoreUnderTest = "clients" in made ? made : { clients: [made] };
  const [one, other = one] = given.clients;
  try {
    if (one === other && given.oneProcess !== true && !isInMemory(one)) assert.fail(ONE_CLIENT);
    return await examine({
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
      updateUser: given.updateUser?.bind(given),
      columns: given.columns ?? ["two_factor", "two_factor_revision"],
    });
  } finally {
    await given.close?.();
  }
}

const ONE_CLIENT =
  "Give two clients with connections of their own, { clients: [myStore(a), myStore(b)] }: a store that is right only within one process passes else. Where there can never be a second process, say { clients: [myStore(a)], oneProcess: true }";

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
