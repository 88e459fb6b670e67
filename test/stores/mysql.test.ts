import { createPool as createCallbackPool, type Pool as CallbackPool, type PoolOptions } from "mysql2";
import { createConnection, createPool, type Pool } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { TwoFactorError } from "../../src/errors";
import { mysqlSchema, mysqlStore, type MysqlPool } from "../../src/stores/mysql";
import { freshMariadb, mariadbSql } from "../support/services";
import { testConformance } from "./run-conformance";

const next = (record = "{}", revision = "first") => ({ record, revision });

async function databaseForThisTest(): Promise<string> {
  const { url, drop } = await freshMariadb();
  onTestFinished(drop);
  return url;
}

/** On a database of the test's own, unless told otherwise. */
async function poolForThisTest(options: PoolOptions = {}): Promise<Pool> {
  const pool = createPool({ ...options, uri: options.uri ?? (await databaseForThisTest()) });
  onTestFinished(() => pool.end());
  return pool;
}

let database: Awaited<ReturnType<typeof freshMariadb>>;
let promised: Pool;
let called: CallbackPool;
beforeAll(async () => {
  database = await freshMariadb();
  await mariadbSql(database.url, mysqlSchema());
  promised = createPool(database.url);
  called = createCallbackPool(database.url);
});
afterAll(async () => {
  await Promise.all([promised.end(), called.promise().end()]);
  await database.drop();
});

describe("mysqlStore conforms on MariaDB, with a pool of promises and one of callbacks", () => {
  testConformance(() => ({
    clients: [mysqlStore(promised), mysqlStore(called)],
    async hostTransaction(work) {
      const host = await promised.getConnection();
      await host.beginTransaction();
      try {
        await work();
      } finally {
        await host.rollback();
        host.release();
      }
    },
  }));
});

/** What hosts have, and what would fold, rewrite or shorten texts if they were sent as texts. */
const settings: [what: string, options: PoolOptions, session: string][] = [
  ["latin1 and no strict mode", { charset: "latin1_swedish_ci" }, "SET SESSION sql_mode = ''"],
  ["NO_BACKSLASH_ESCAPES and ANSI", {}, "SET SESSION sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES'"],
  ["rows as arrays, and types cast to text", { rowsAsArray: true, typeCast: (field) => field.string() }, "DO 0"],
  ["SERIALIZABLE", {}, "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE"],
  ["affected rows that are changed ones", { flags: ["-FOUND_ROWS"] }, "DO 0"],
];

describe.each(settings)("mysqlStore conforms where the host's connections have %s", (_, options, session) => {
  let pools: [CallbackPool, CallbackPool];
  beforeAll(() => {
    pools = [1, 2].map(() => createCallbackPool({ ...options, uri: database.url })) as typeof pools;
    for (const pool of pools) pool.on("connection", (connection) => connection.query(session));
  });
  afterAll(() => Promise.all(pools.map((pool) => pool.promise().end())));

  testConformance(() => ({ clients: [mysqlStore(pools[0]), mysqlStore(pools[1])] }));
});

test("a deadlock that the server ended is a lost race, as nothing was written; every other fault is passed on", async () => {
  const pool = await poolForThisTest();
  await mysqlStore(pool, { createTable: true }).get("a");
  let failing: Error | undefined;
  const query: Pool["query"] = (...args: unknown[]) =>
    failing && /^(INSERT|UPDATE|SELECT record)/.test((args[0] as { sql: string }).sql)
      ? Promise.reject(failing)
      : (pool.query as (...given: unknown[]) => Promise<never>).apply(pool, args);
  const store = mysqlStore({ query, getConnection: () => pool.getConnection(), execute: () => {} } as MysqlPool);
  for (const errno of [1213, 1020]) {
    failing = Object.assign(new Error("Deadlock found"), { errno });
    expect(await store.compareAndSet("a", undefined, next())).toBe(false);
    expect(await store.compareAndSet("a", "first", next())).toBe(false);
    await expect(store.get("a")).rejects.toBe(failing);
  }
  failing = Object.assign(new Error("Lock wait timeout exceeded"), { errno: 1205 });
  await expect(store.compareAndSet("a", undefined, next())).rejects.toBe(failing);
});

test("a server that is not there is a fault, and the next call finds it again", async () => {
  const pool = await poolForThisTest();
  const store = mysqlStore(pool, { createTable: true });
  let gone = true;
  const wire = mysqlStore({
    getConnection: () => pool.getConnection(),
    execute: () => {},
    query: (...args: unknown[]) =>
      gone
        ? Promise.reject(new Error("gone"))
        : (pool.query as (...given: unknown[]) => Promise<never>).apply(pool, args),
  } as unknown as MysqlPool);
  await expect(wire.get("a")).rejects.toThrow("gone");
  gone = false;
  await store.compareAndSet("a", undefined, next());
  expect(await wire.get("a")).toEqual(next());
});

describe("the table", () => {
  test("when missing, is an error that says how to make it, for every method, also when it goes missing later", async () => {
    const pool = await poolForThisTest();
    const store = mysqlStore(pool);
    const calls = [
      () => store.get("a"),
      () => store.compareAndSet("a", undefined, next()),
      () => store.compareAndSet("a", "first", next()),
      () => store.erase?.("a"),
      async () => store.userIds?.()[Symbol.asyncIterator]().next(),
    ];
    const missing = {
      code: "MISCONFIGURED",
      message: expect.stringMatching(/does not exist: run .*schema --dialect mysql.*createTable: true/) as unknown,
    };
    for (const call of calls) await expect(call()).rejects.toMatchObject(missing);
    await pool.query(mysqlSchema());
    for (const call of calls) await call();
    await pool.query("DROP TABLE two_factor_records");
    for (const call of calls) await expect(call()).rejects.toMatchObject(missing);
  });

  test("is made on first use when asked for, by many at once, and nothing is lost", async () => {
    const uri = await databaseForThisTest();
    const pools = await Promise.all(Array.from({ length: 8 }, () => poolForThisTest({ uri, connectionLimit: 3 })));
    const wins = await Promise.all(
      pools.flatMap((pool) => {
        const store = mysqlStore(pool, { createTable: true });
        return [store.compareAndSet("same", undefined, next()), store.compareAndSet("same", undefined, next())];
      }),
    );
    expect(wins.filter(Boolean)).toHaveLength(1);
  });

  const texts = [
    "utf8mb4 COLLATE utf8mb4_general_ci",
    "utf8mb4 COLLATE utf8mb4_bin",
    "utf8mb4 COLLATE utf8mb4_nopad_bin",
    "latin1",
  ];
  test.each(texts)("of text columns (%s) is refused: it may take two ids for one", async (charset) => {
    const pool = await poolForThisTest();
    const text = `CREATE TABLE two_factor_records (
      user_id VARCHAR(700) PRIMARY KEY, record LONGTEXT, revision VARCHAR(255)) CHARACTER SET ${charset}`;
    await pool.query(text);
    await expect(mysqlStore(pool).get("a")).rejects.toMatchObject({
      code: "MISCONFIGURED",
      message: expect.stringMatching(/is not one of this library's.*ids that differ/) as unknown,
    });
  });

  const others = [
    "(id INT PRIMARY KEY)",
    "(user_id VARBINARY(2048), record LONGBLOB, revision VARBINARY(255))",
    "(user_id VARBINARY(200) PRIMARY KEY, record LONGBLOB, revision VARBINARY(255))",
    "(user_id VARBINARY(2048) PRIMARY KEY, record BLOB, revision VARBINARY(255))",
    "(user_id VARBINARY(2048), record LONGBLOB, revision VARBINARY(20), PRIMARY KEY (user_id, revision))",
  ];
  test.each(others)("of other columns, too short ones or another key is refused: %s", async (columns) => {
    const pool = await poolForThisTest();
    await pool.query(`CREATE TABLE two_factor_records ${columns}`);
    const writing = mysqlStore(pool, { createTable: true }).compareAndSet("a", undefined, next());
    await expect(writing).rejects.toThrow(/is not one of this library's/);
  });

  test("is read and written by its key, however many users there are", async () => {
    const pool = await poolForThisTest();
    const store = mysqlStore(pool, { createTable: true });
    await Promise.all(Array.from({ length: 300 }, (_, n) => store.compareAndSet(`a${n}`, undefined, next())));
    await pool.query("ANALYZE TABLE two_factor_records");
    const statements = [
      "SELECT record, revision FROM two_factor_records WHERE user_id = X'6131'",
      "UPDATE two_factor_records SET record = X'7b7d', revision = X'62' WHERE user_id = X'6131' AND revision = X'61'",
      "SELECT user_id FROM two_factor_records WHERE user_id > X'613938' ORDER BY user_id LIMIT 500",
    ];
    for (const sql of statements) {
      const [plan] = (await pool.query(`EXPLAIN ${sql}`)) as unknown as [{ key: string; Extra: string }[]];
      expect(plan).toHaveLength(1);
      expect(plan[0]).toMatchObject({ key: "PRIMARY" });
      expect(plan[0]?.Extra).not.toMatch(/filesort/);
    }
  });

  test("goes by the name and the database given", async () => {
    const pool = await poolForThisTest({ uri: database.url });
    const { url, drop } = await freshMariadb();
    onTestFinished(drop);
    const schema = new URL(url).pathname.slice(1);
    const options = { schema, table: "SecondFactors", createTable: true };
    await mysqlStore(pool, options).compareAndSet("a", undefined, next());
    const [rows] = await pool.query(`SELECT CAST(user_id AS CHAR) AS id FROM ${schema}.SecondFactors`);
    expect(rows).toEqual([{ id: "a" }]);
    await pool.query(mysqlSchema(options));
    expect(() => mysqlSchema({ table: "x`; DROP TABLE users; --" })).toThrow(/is no name/);
    expect(() => mysqlStore(pool, { table: "a.b" })).toThrow(/the part before the dot belongs in `schema`/);
  });

  test("takes the longest id there can be, and no longer one", async () => {
    const pool = await poolForThisTest();
    const store = mysqlStore(pool, { createTable: true });
    for (const id of ["\0".repeat(255), "漢".repeat(255), "🙂".repeat(127)]) {
      const userId = JSON.stringify(["user", id]);
      expect(await store.compareAndSet(userId, undefined, next())).toBe(true);
      expect(await store.get(userId)).toEqual(next());
    }
    await expect(store.compareAndSet("x".repeat(2049), undefined, next())).rejects.toThrow(/more than 2048 bytes/);
  });
});

describe("what is no pool of mysql2 is refused, with the way out", () => {
  const wrong: [what: string, given: () => unknown, said: RegExp][] = [
    ["an address", () => "mysql://localhost", /string is no pool.*createPool/],
    ["nothing", () => undefined, /undefined is no pool/],
    ["null", () => null, /null is no pool/],
    ["a promise", () => Promise.resolve(), /a promise: await it/],
    ["a pool of pg", () => ({ query() {}, connect() {} }), /no pool of mysql2/],
    ["a pool of the package mysql", () => ({ query() {}, getConnection() {} }), /pool of another package/],
    ["a pool of the package mariadb", () => ({ execute() {}, getConnection() {}, batch() {} }), /of another package/],
    ["a cluster", () => ({ of() {}, add() {}, getConnection() {} }), /a cluster.*on the primary/],
  ];
  test.each(wrong)("%s", (_, given, said) => {
    expect(() => mysqlStore(given() as MysqlPool)).toThrow(said);
    expect(() => mysqlStore(given() as MysqlPool)).toThrow(TwoFactorError);
  });

  test("a connection", async () => {
    const connection = await createConnection(database.url);
    onTestFinished(() => connection.end());
    const { connection: underlying } = connection as unknown as { connection: unknown };
    for (const given of [connection, underlying]) {
      expect(() => mysqlStore(given as MysqlPool)).toThrow(/this is one connection.*give the pool/);
    }
  });

  test("a pool whose connections do not commit", async () => {
    const pool = createCallbackPool(database.url);
    onTestFinished(() => pool.promise().end());
    pool.on("connection", (connection) => connection.query("SET autocommit = 0"));
    await expect(mysqlStore(pool).get("a")).rejects.toThrow(/autocommit off/);
  });
});
