import type { Pool, PoolClient } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { conformance, type MakeStore } from "../../src/stores/conformance";
import { postgresSchema, postgresStore } from "../../src/stores/postgres";
import type { StoredRecord, TwoFactorStore } from "../../src/stores/store";
import { poolForThisTest } from "./pools";

/** The flaws that hosts really write, on a real engine. */
const rowOf = async (pool: Pool, userId: string): Promise<StoredRecord | undefined> =>
  (await pool.query("SELECT record::text, revision FROM naive WHERE user_id = $1", [userId])).rows[0] as StoredRecord;

const readThenWrite = (pool: Pool): TwoFactorStore => ({
  get: (userId) => rowOf(pool, userId),
  async compareAndSet(userId, expected, { record, revision }) {
    if ((await rowOf(pool, userId))?.revision !== expected) return false;
    const upsert = `INSERT INTO naive VALUES ($1, $2, $3)
      ON CONFLICT (user_id) DO UPDATE SET record = excluded.record, revision = excluded.revision`;
    await pool.query(upsert, [userId, record, revision]);
    return true;
  },
});

/** Right within one process, as long as there is only one. */
function queued(store: TwoFactorStore): TwoFactorStore {
  let queue: Promise<unknown> = Promise.resolve();
  return {
    get: (userId) => store.get(userId),
    compareAndSet(...call) {
      const turn = queue.then(() => store.compareAndSet(...call));
      queue = turn.catch(() => undefined);
      return turn;
    },
  };
}

async function twoPools(table: string): Promise<[Pool, Pool]> {
  const one = await poolForThisTest();
  await one.query(table);
  return [one, await poolForThisTest({ connectionString: one.options.connectionString ?? "" })];
}

async function failures(make: MakeStore): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of conformance) await run(make, { skip() {} }).catch(() => failed.push(name));
  return failed;
}

test("a store that reads, then writes, is caught, and its queue does not save it", async () => {
  const pools = await twoPools("CREATE TABLE naive (user_id TEXT PRIMARY KEY, record TEXT, revision TEXT)");
  const [one, other] = pools.map(readThenWrite) as [TwoFactorStore, TwoFactorStore];
  const races = [
    "of many first writes at once, exactly one wins",
    "of many replacements at once, exactly one wins",
    "no acknowledged write is lost",
  ];
  expect(await failures(() => ({ clients: [one, other] }))).toEqual(races);
  expect(await failures(() => ({ clients: [queued(one), queued(other)] }))).toEqual(races);
});

test("a JSONB column is caught", async () => {
  const [one, other] = await twoPools("CREATE TABLE naive (user_id TEXT PRIMARY KEY, record JSONB, revision TEXT)");
  const store = (pool: Pool): TwoFactorStore => ({
    ...postgresStore(pool, { table: "naive" }),
    get: (userId) => rowOf(pool, userId),
  });
  expect(await failures(() => ({ clients: [store(one), store(other)] }))).toContain(
    "a record comes back character for character, 64 KiB and non-ASCII too",
  );
});

test("a case-insensitive column is caught", async () => {
  const [one, other] = await twoPools(
    `CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
     CREATE TABLE naive (
       user_id TEXT COLLATE folding PRIMARY KEY, record TEXT NOT NULL, revision TEXT COLLATE folding NOT NULL)`,
  );
  const failed = await failures(() => ({
    clients: [postgresStore(one, { table: "naive" }), postgresStore(other, { table: "naive" })],
  }));
  expect(failed).toContain("two ids are one user only if they are equal");
  expect(failed).toContain("revisions that differ in case only are two");
});

test("a pg.Client within the host's transaction is caught", async () => {
  const [one, other] = await twoPools(postgresSchema());
  const host: PoolClient = await one.connect();
  onTestFinished(() => host.release());
  const failed = await failures(() => ({
    clients: [postgresStore(host), postgresStore(other)],
    async hostTransaction(work) {
      await host.query("BEGIN");
      await work();
      await host.query("ROLLBACK");
    },
  }));
  expect(failed).toEqual(["a write takes no part in a transaction of the host's"]);
});
