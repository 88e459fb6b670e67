import { promisify } from "node:util";
import type BetterSqlite3 from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { TwoFactorError } from "../../src/errors";
import { sqliteSchema, sqliteStore, type SqliteDatabase } from "../../src/stores/sqlite";
import { type Drivers, drivers, type Sqlite3Database } from "./drivers";
import { testConformance } from "./run-conformance";
import { freshSqliteFile, sqliteFileForThisTest } from "./sqlite-files";

const next = (record = "{}", revision = "first") => ({ record, revision });
const createTable = { createTable: true };
let loaded: Drivers;
beforeAll(async () => {
  loaded = await drivers();
}, 600_000);

type Sync = BetterSqlite3.Database;
const open = (file: string): Sync => {
  const database = new loaded.BetterSqlite3(file);
  onTestFinished(() => void database.close());
  return database;
};
const exec = (database: Sqlite3Database, sql: string) => promisify(database.exec.bind(database))(sql);

const openSqlite3 = (file: string): Sqlite3Database => {
  const database = new loaded.sqlite3.Database(file);
  onTestFinished(() => promisify(database.close.bind(database))());
  return database;
};

// Never two drivers on one file here: each has an SQLite of its own, and two of them in one process undo each other's locks.
describe.each(["delete", "wal"])("sqliteStore conforms, journal mode %s, on better-sqlite3", (mode) => {
  let place: Awaited<ReturnType<typeof freshSqliteFile>>;
  let connections: [Sync, Sync, Sync];
  beforeAll(async () => {
    place = await freshSqliteFile();
    connections = [1, 2, 3].map(() => new loaded.BetterSqlite3(place.file)) as typeof connections;
    connections[0].pragma(`journal_mode = ${mode}`);
    // No test here cuts the power, and a thousand users are written.
    for (const connection of connections) connection.pragma("synchronous = OFF");
    connections[0].exec(sqliteSchema());
  });
  afterAll(async () => {
    for (const connection of connections) connection.close();
    await place.drop();
  });

  testConformance(() => ({
    clients: [sqliteStore(connections[0]), sqliteStore(connections[1])],
    // Without WAL whoever reads keeps everybody from writing, as SQLite does it.
    ...(mode === "wal" && {
      async hostTransaction(work) {
        connections[2].exec("BEGIN; SELECT 1 FROM two_factor_records");
        await work();
        connections[2].exec("ROLLBACK");
      },
    }),
  }));
});

describe.each(["delete", "wal"])("sqliteStore conforms, journal mode %s, on sqlite3", (mode) => {
  let place: Awaited<ReturnType<typeof freshSqliteFile>>;
  let connections: [Sqlite3Database, Sqlite3Database, Sqlite3Database];
  beforeAll(async () => {
    place = await freshSqliteFile();
    connections = [1, 2, 3].map(() => new loaded.sqlite3.Database(place.file)) as typeof connections;
    await exec(connections[0], `PRAGMA journal_mode = ${mode}; ${sqliteSchema()}`);
    for (const connection of connections) await exec(connection, "PRAGMA synchronous = OFF");
  });
  afterAll(async () => {
    for (const connection of connections) await promisify(connection.close.bind(connection))();
    await place.drop();
  });

  testConformance(() => ({
    clients: [sqliteStore(connections[0]), sqliteStore(connections[1])],
    ...(mode === "wal" && {
      async hostTransaction(work) {
        await exec(connections[2], "BEGIN; SELECT 1 FROM two_factor_records");
        await work();
        await exec(connections[2], "ROLLBACK");
      },
    }),
  }));
});

describe("a busy database", () => {
  test("is waited for, and the process goes on meanwhile", async () => {
    const file = await sqliteFileForThisTest();
    const [host, own] = [open(file), open(file)];
    host.exec(sqliteSchema());
    host.exec("BEGIN IMMEDIATE");
    let turns = 0;
    const clock = setInterval(() => (turns += 1), 10);
    const [writing, started] = [sqliteStore(own).compareAndSet("a", undefined, next()), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(turns).toBeGreaterThan(15);
    clearInterval(clock);
    host.exec("ROLLBACK");
    expect(await writing).toBe(true);
    expect(performance.now() - started).toBeLessThan(1000);
    // What the host had set is as it was.
    expect(own.pragma("busy_timeout", { simple: true })).toBe(5000);
  });

  test("is waited for by sqlite3, too, which by itself waits for nothing", async () => {
    const file = await sqliteFileForThisTest();
    const [host, own] = [openSqlite3(file), openSqlite3(file)];
    await exec(host, `${sqliteSchema()} BEGIN EXCLUSIVE`);
    const writing = sqliteStore(own).compareAndSet("a", undefined, next());
    const reading = sqliteStore(own).get("a");
    await new Promise((resolve) => setTimeout(resolve, 100));
    await exec(host, "COMMIT");
    expect(await writing).toBe(true);
    expect([next(), undefined]).toContainEqual(await reading);
  });

  test("for longer than four seconds is a fault, and nothing was written", async () => {
    const file = await sqliteFileForThisTest();
    const [host, own] = [open(file), open(file)];
    host.exec(sqliteSchema());
    host.exec("BEGIN EXCLUSIVE");
    const started = performance.now();
    await expect(sqliteStore(own).compareAndSet("a", undefined, next())).rejects.toThrow(/database is locked/);
    expect(performance.now() - started).toBeGreaterThan(3900);
    expect(performance.now() - started).toBeLessThan(5000);
    host.exec("COMMIT");
    expect(await sqliteStore(own).get("a")).toBeUndefined();
  });

  test("by a query that the host walks through on this connection is waited for", async () => {
    const own = open(await sqliteFileForThisTest());
    own.exec(`${sqliteSchema()} CREATE TABLE t (n); INSERT INTO t VALUES (1), (2)`);
    const walk = own.prepare("SELECT n FROM t").iterate();
    walk.next();
    const writing = sqliteStore(own).compareAndSet("a", undefined, next());
    await new Promise((resolve) => setTimeout(resolve, 50));
    walk.return?.();
    expect(await writing).toBe(true);
  });
});

describe("a connection that the host uses, too", () => {
  test("is not written to within a transaction of the host's, but after it", async () => {
    const shared = open(await sqliteFileForThisTest());
    shared.exec(sqliteSchema());
    shared.exec("BEGIN");
    const writing = sqliteStore(shared).compareAndSet("a", undefined, next());
    await new Promise((resolve) => setTimeout(resolve, 50));
    shared.exec("ROLLBACK");
    expect(await writing).toBe(true);
    expect(await sqliteStore(shared).get("a")).toEqual(next());
  });

  test("and that stays in it, is an error that says what to do", async () => {
    const shared = open(await sqliteFileForThisTest());
    shared.exec(sqliteSchema());
    shared.exec("BEGIN");
    await expect(sqliteStore(shared).get("a")).rejects.toMatchObject({
      code: "MISCONFIGURED",
      message: expect.stringMatching(/stays in a transaction of yours.*connection of its own/) as unknown,
    });
  });

  test("with safe integers goes as well", async () => {
    const shared = open(await sqliteFileForThisTest());
    shared.defaultSafeIntegers();
    expect(await sqliteStore(shared, createTable).compareAndSet("a", undefined, next())).toBe(true);
    expect(await sqliteStore(shared).compareAndSet("a", "first", next("{}", "second"))).toBe(true);
  });
});

describe("the table", () => {
  const engines: [string, (file: string) => SqliteDatabase][] = [
    ["better-sqlite3", (file) => open(file)],
    ["sqlite3", (file) => openSqlite3(file)],
  ];
  test.each(engines)("when missing, is an error that says how to make it, for every method (%s)", async (_, at) => {
    const store = sqliteStore(at(await sqliteFileForThisTest()));
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
        message: expect.stringMatching(/does not exist: run .*schema --dialect sqlite.*createTable: true/) as unknown,
      });
    }
  });

  test.each(engines)(
    "is made on first use when asked for, by many at once, and nothing is lost (%s)",
    async (_, at) => {
      const file = await sqliteFileForThisTest();
      const stores = Array.from({ length: 8 }, () => sqliteStore(at(file), createTable));
      const wins = await Promise.all(stores.map((store) => store.compareAndSet("same", undefined, next())));
      expect(wins.filter(Boolean)).toHaveLength(1);
      expect(await stores[0]?.get("same")).toEqual(next());
    },
  );

  test.each(engines)("with other columns, or without its key, is said to be another one (%s)", async (_, at) => {
    const file = await sqliteFileForThisTest();
    const before = new loaded.BetterSqlite3(file);
    before.exec("CREATE TABLE users (id TEXT); CREATE TABLE loose (user_id TEXT, record TEXT, revision TEXT)");
    before.close();
    await expect(sqliteStore(at(file), { table: "users" }).get("a")).rejects.toThrow(/"users" is not one of this/);
    const loose = sqliteStore(at(file), { table: "loose" }).compareAndSet("a", undefined, next());
    await expect(loose).rejects.toThrow(/"loose" is not one of this library's/);
  });

  test("goes by the name given", async () => {
    const database = open(await sqliteFileForThisTest());
    const options = { table: "SecondFactors", createTable: true };
    await sqliteStore(database, options).compareAndSet("a", undefined, next());
    expect(database.prepare('SELECT user_id FROM "SecondFactors"').all()).toEqual([{ user_id: "a" }]);
    database.exec(sqliteSchema(options));
    expect(() => sqliteSchema({ table: 'x"; DROP TABLE users; --' })).toThrow(/is no name/);
    expect(() => sqliteStore(database, { table: "main.records" })).toThrow(/give the database that has it/);
  });

  test("is read and written by its key, however many users there are", async () => {
    const database = open(await sqliteFileForThisTest());
    database.exec(sqliteSchema());
    const asked: string[] = [];
    const store = sqliteStore({
      prepare: (sql: string) => (asked.push(sql), database.prepare<string[], { timeout: number }>(sql)),
      exec: () => database,
    } as SqliteDatabase);
    await store.compareAndSet("a", undefined, next());
    await store.compareAndSet("a", "first", next());
    await store.get("a");
    for await (const _ of store.userIds?.() ?? []) break;
    await store.erase?.("a");
    const statements = asked.filter((sql) => /^(SELECT|UPDATE|DELETE)/.test(sql));
    expect(statements).toHaveLength(4);
    for (const sql of statements) {
      const values = Array.from({ length: sql.split("?").length - 1 }, () => "a");
      const plan = database.prepare<string[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
      expect(plan.map(({ detail }) => detail)).toEqual([expect.stringMatching(/^SEARCH .* USING .*INDEX .*user_id/)]);
    }
  });

  test("that is ours compares ids byte for byte, and has no row without one", async () => {
    const database = open(await sqliteFileForThisTest());
    database.exec(sqliteSchema());
    const insert = database.prepare("INSERT INTO two_factor_records VALUES (?, '{}', '1')");
    for (const id of ["a", "A", "a ", "a\0", "a\0b", "\u00e4", "a\u0308"]) insert.run(id);
    expect(() => insert.run(null)).toThrow(/NOT NULL/);
    const store = sqliteStore(database);
    for (const id of ["a", "A", "a ", "a\0", "a\0b", "\u00e4", "a\u0308"]) expect(await store.get(id)).toBeDefined();
    expect(await store.get("A ")).toBeUndefined();
  });
});

describe("what is no database of these drivers is refused, with the way out", () => {
  const wrong: [what: string, given: () => unknown, said: RegExp][] = [
    ["a path", () => "app.db", /the text "app.db" is no database.*give new Database/],
    ["nothing", () => undefined, /undefined is no database/],
    ["null", () => null, /null is no database/],
    ["a promise", () => Promise.resolve(), /a promise: await it/],
    ["the class", () => loaded.BetterSqlite3, /function is no database/],
    ["Drizzle's", () => ({ $client: {} }), /give its db\.\$client/],
    ["the package sqlite's", () => ({ getDatabaseInstance() {}, all() {} }), /db\.getDatabaseInstance\(\)/],
    ["a pool", () => ({ query() {} }), /this is no database/],
  ];
  test.each(wrong)("%s", (_, given, said) => {
    expect(() => sqliteStore(given() as SqliteDatabase)).toThrow(said);
    expect(() => sqliteStore(given() as SqliteDatabase)).toThrow(TwoFactorError);
  });

  test("one that was opened readonly", async () => {
    const file = await sqliteFileForThisTest();
    open(file).exec(sqliteSchema());
    const readonly = new loaded.BetterSqlite3(file, { readonly: true });
    onTestFinished(() => void readonly.close());
    expect(() => sqliteStore(readonly)).toThrow(/opened readonly/);
  });
});

test("every other fault of the database is passed on, and is no lost race", async () => {
  const file = await sqliteFileForThisTest();
  const database = new loaded.BetterSqlite3(file);
  const store = sqliteStore(database, createTable);
  await store.compareAndSet("a", undefined, next());
  database.close();
  await expect(store.compareAndSet("a", "first", next())).rejects.toThrow(/not open/);
});
