import type { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { TwoFactorError } from "../../src/errors";
import { postgresSchema, postgresStore } from "../../src/stores/postgres";
import { databaseForThisTest, freshDatabase } from "../support/services";
import { endPool, newPool, poolForThisTest } from "./pools";
import { testConformance } from "./run-conformance";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pools: [Pool, Pool];
const next = (record = "{}", revision = "first") => ({ record, revision });

beforeAll(async () => {
  database = await freshDatabase();
  pools = [newPool({ connectionString: database.url }), newPool({ connectionString: database.url })];
  await pools[0].query(postgresSchema());
});
afterAll(async () => {
  await Promise.all(pools.map(endPool));
  await database.drop();
});

describe("postgresStore conforms", () => {
  testConformance(() => ({
    clients: [postgresStore(pools[0]), postgresStore(pools[1])],
    async hostTransaction(work) {
      const host = await pools[0].connect();
      await host.query("BEGIN");
      try {
        await work();
      } finally {
        await host.query("ROLLBACK");
        host.release();
      }
    },
  }));
});

describe.each(["repeatable read", "serializable"])("postgresStore conforms where the host's default is %s", (level) => {
  const strict: Pool[] = [];
  beforeAll(() => {
    const options = `-c default_transaction_isolation=${level.replace(" ", "\\ ")}`;
    for (const _ of [1, 2]) strict.push(newPool({ connectionString: database.url, options }));
  });
  afterAll(() => Promise.all(strict.map(endPool)));

  testConformance(() => {
    const [one, other] = strict as [Pool, Pool];
    return { clients: [postgresStore(one), postgresStore(other)] };
  });

  test("where losing is an error of the database's, and false of ours", async () => {
    const [one, other] = strict as [Pool, Pool];
    expect((await one.query("SHOW transaction_isolation")).rows).toEqual([{ transaction_isolation: level }]);
    const userId = `conflict-${level}`;
    await postgresStore(one).compareAndSet(userId, undefined, next());
    const client = await one.connect();
    await client.query("BEGIN");
    await client.query("UPDATE two_factor_records SET revision = 'second' WHERE user_id = $1", [userId]);
    const late = postgresStore(other).compareAndSet(userId, "first", next());
    await waitForLock(client);
    await client.query("COMMIT");
    client.release();
    expect(await late).toBe(false);
  });
});

test("a deadlock that PostgreSQL ended is a lost race, as nothing was written", async () => {
  const error = Object.assign(new Error("deadlock detected"), { code: "40P01" });
  const store = postgresStore({ query: () => Promise.reject(error) });
  expect(await store.compareAndSet("a", undefined, next())).toBe(false);
  expect(await store.compareAndSet("a", "first", next())).toBe(false);
  await expect(store.get("a")).rejects.toBe(error);
});

test("every other fault of the database is passed on, and is no lost race", async () => {
  const pool = await poolForThisTest({ options: "-c default_transaction_read_only=on" });
  await expect(postgresStore(pool, { createTable: true }).compareAndSet("a", undefined, next())).rejects.toThrow(
    /read-only/,
  );
  const closed = newPool({ connectionString: database.url });
  await closed.end();
  await expect(postgresStore(closed).compareAndSet("a", undefined, next())).rejects.toThrow(/end on the pool/);
});

describe("the table", () => {
  test("when missing, is an error that says how to make it, for every method", async () => {
    const store = postgresStore(await poolForThisTest());
    const calls = [
      () => store.get("a"),
      () => store.compareAndSet("a", undefined, next()),
      () => store.compareAndSet("a", "first", next()),
      () => store.erase?.("a"),
      async () => store.userIds?.()[Symbol.asyncIterator]().next(),
    ];
    for (const call of calls) {
      const error: unknown = await call()?.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(TwoFactorError);
      expect(error).toMatchObject({
        code: "MISCONFIGURED",
        message: expect.stringMatching(
          /"two_factor_records" does not exist: run .*schema.*createTable: true/,
        ) as unknown,
      });
    }
  });

  test("is made on first use when asked for, and only then", async () => {
    const pool = await poolForThisTest();
    const store = postgresStore(pool, { createTable: true });
    expect((await pool.query("SELECT to_regclass('two_factor_records') AS found")).rows).toEqual([{ found: null }]);
    expect(await store.compareAndSet("a", undefined, next())).toBe(true);
    expect(await store.get("a")).toEqual(next());
  });

  test("stays the one of the first use, whatever `search_path` another connection has", async () => {
    const connectionString = await databaseForThisTest();
    const pool = await poolForThisTest({ connectionString });
    await pool.query('CREATE SCHEMA "ten-ant"');
    const astray = await poolForThisTest({ connectionString, options: "-c search_path=ten-ant" });
    let current = pool;
    const store = postgresStore({ query: (text, params) => current.query(text, params) }, { createTable: true });
    expect(await store.compareAndSet("a", undefined, next())).toBe(true);
    current = astray;
    expect(await store.get("a")).toEqual(next());
    expect(await store.compareAndSet("a", undefined, next())).toBe(false);
    const found = "SELECT schemaname FROM pg_tables WHERE tablename = 'two_factor_records'";
    expect((await pool.query(found)).rows).toEqual([{ schemaname: "public" }]);
    // Begun there, it is refused, also where a later schema of the path has it.
    const begunThere = postgresStore(astray, { createTable: true });
    const later = await poolForThisTest({ connectionString, options: "-c search_path=ten-ant,public" });
    for (const begun of [begunThere, postgresStore(later, { createTable: true })]) {
      await expect(begun.get("a")).rejects.toMatchObject({
        code: "MISCONFIGURED",
        message: expect.stringMatching(/is in schema "public".*leads to "ten-ant".*say schema: "public"/) as unknown,
      });
    }
    expect((await pool.query(found)).rows).toEqual([{ schemaname: "public" }]);
    await pool.query("DROP TABLE two_factor_records");
    expect(await begunThere.compareAndSet("a", undefined, next())).toBe(true);
    expect((await pool.query(found)).rows).toEqual([{ schemaname: "ten-ant" }]);
  });

  test("cannot be made where `search_path` leads nowhere, and the error says what to do", async () => {
    for (const options of ["-c search_path=", "-c search_path=nowhere"]) {
      const pool = await poolForThisTest({ options });
      const store = postgresStore(pool, { createTable: true });
      await expect(store.get("a")).rejects.toThrow(/search_path leads to no schema.*name one with `schema`/);
      const inPublic = postgresStore(pool, { createTable: true, schema: "public" });
      expect(await inPublic.compareAndSet("a", undefined, next())).toBe(true);
    }
  });

  test("is made once when many processes begin at the same time, and nothing is lost", async () => {
    const connectionString = await databaseForThisTest();
    const starters = await Promise.all(Array.from({ length: 8 }, () => poolForThisTest({ connectionString, max: 3 })));
    const wins = await Promise.all(
      starters.flatMap((pool) => {
        const store = postgresStore(pool, { createTable: true });
        return [store.compareAndSet("same", undefined, next()), store.compareAndSet("same", undefined, next())];
      }),
    );
    expect(wins.filter(Boolean)).toHaveLength(1);
  });

  test("whose rows may be hidden (row-level security) is refused: a hidden row would be a second factor turned off", async () => {
    const connectionString = await databaseForThisTest();
    const owner = await poolForThisTest({ connectionString });
    const role = `hidden_${process.pid}_${Date.now()}`;
    await owner.query(postgresSchema());
    await owner.query(`CREATE ROLE ${role} LOGIN; GRANT ALL ON two_factor_records TO ${role}`);
    onTestFinished(() => owner.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`).then(() => undefined));
    await postgresStore(owner).compareAndSet("a", undefined, next());
    const url = new URL(connectionString);
    url.username = role;
    const guest = newPool({ connectionString: url.href });
    const store = postgresStore(guest);
    expect(await store.get("a")).toEqual(next());
    await owner.query("ALTER TABLE two_factor_records ENABLE ROW LEVEL SECURITY");
    for (const call of [
      () => store.get("a"),
      () => store.get("b"),
      () => store.erase?.("a"),
      async () => store.userIds?.()[Symbol.asyncIterator]().next(),
    ]) {
      await expect(call()).rejects.toMatchObject({
        code: "MISCONFIGURED",
        message: expect.stringMatching(/row-level security.*BYPASSRLS/i) as unknown,
      });
    }
    // Its owner sees all, unless forced.
    expect(await postgresStore(owner).get("a")).toEqual(next());
    await owner.query(`ALTER ROLE ${role} BYPASSRLS`);
    expect(await store.get("a")).toEqual(next());
    await endPool(guest);
  });

  test("may be there already, for a user who may not make any", async () => {
    const connectionString = await databaseForThisTest();
    const owner = await poolForThisTest({ connectionString });
    const role = `reader_${process.pid}_${Date.now()}`;
    await owner.query(postgresSchema());
    await owner.query(
      `CREATE ROLE ${role} LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON two_factor_records TO ${role}`,
    );
    onTestFinished(() => owner.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`).then(() => undefined));
    const url = new URL(connectionString);
    url.username = role;
    const guest = newPool({ connectionString: url.href });
    expect(await postgresStore(guest, { createTable: true }).compareAndSet("a", undefined, next())).toBe(true);
    await endPool(guest);
  });

  test("goes by the name and the schema given, in upper and lower case", async () => {
    const pool = await poolForThisTest();
    await pool.query("CREATE SCHEMA auth");
    const options = { schema: "auth", table: "SecondFactors", createTable: true };
    await postgresStore(pool, options).compareAndSet("a", undefined, next());
    expect((await pool.query('SELECT user_id FROM auth."SecondFactors"')).rows).toEqual([{ user_id: "a" }]);
    await pool.query(postgresSchema(options));
  });

  test("with other columns, or without its key, is said to be another one", async () => {
    const pool = await poolForThisTest();
    await pool.query("CREATE TABLE users (id TEXT PRIMARY KEY)");
    await pool.query("CREATE TABLE loose (user_id TEXT, record TEXT, revision TEXT)");
    await expect(postgresStore(pool, { table: "users" }).get("a")).rejects.toThrow(
      /"users" is not one of this library's/,
    );
    const loose = postgresStore(pool, { table: "loose" }).compareAndSet("a", undefined, next());
    await expect(loose).rejects.toThrow(/"loose" is not one of this library's/);
  });

  test.each([
    ['x"; DROP TABLE users; --', /table "x\\"; DROP.* is no name/],
    ["", /table "" is no name/],
    ["1st", /not beginning with a digit/],
    ["auth.records", /the part before the dot belongs in `schema`/],
    ["x".repeat(64), /1 to 63/],
    [7 as unknown as string, /table 7 is no name/],
  ])("cannot be named %j", (table, message) => {
    expect(() => postgresStore(pools[0], { table })).toThrow(message);
    expect(() => postgresSchema({ table })).toThrow(message);
    expect(() => postgresSchema({ schema: table })).toThrow(/schema .* is no name/);
  });

  test("keeps the order of ids that listings rely on, in a database of any locale", async () => {
    const { rows } = await pools[0].query(
      `SELECT attname, collname FROM pg_attribute JOIN pg_collation c ON c.oid = attcollation
       WHERE attrelid = 'two_factor_records'::regclass AND attnum > 0 ORDER BY attname`,
    );
    expect(rows).toEqual([
      { attname: "record", collname: "default" },
      { attname: "revision", collname: "C" },
      { attname: "user_id", collname: "C" },
    ]);
  });
});

/** Until somebody waits for a row that this connection holds. */
async function waitForLock(holder: { query(text: string): Promise<{ rows: unknown[] }> }): Promise<void> {
  const waiting = "SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))";
  while ((await holder.query(waiting)).rows.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
