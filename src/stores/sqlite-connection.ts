import { TwoFactorError } from "../errors";

/** What `better-sqlite3` and the `DatabaseSync` of `node:sqlite` have in common. */
export interface SynchronousSqlite {
  prepare(sql: string): {
    all(...params: string[]): unknown[];
    run(...params: string[]): { changes: number | bigint };
  };
}

/** The `Database` of `sqlite3`. */
export interface CallbackSqlite {
  all(sql: string, params: string[], callback: (error: Error | null, rows: unknown[]) => void): unknown;
  run(sql: string, params: string[], callback: (this: { changes: number }, error: Error | null) => void): unknown;
  serialize(callback?: () => void): void;
}

export type SqliteDatabase = SynchronousSqlite | CallbackSqlite;

/** What the store asks of a driver. Neither waits for a lock that another connection holds: that is an error, "busy". */
export interface SqliteConnection {
  rows(sql: string, params: string[]): Promise<unknown[]>;
  /** @returns how many rows the statement wrote. */
  changes(sql: string, params: string[]): Promise<number>;
}

/** @throws TwoFactorError `MISCONFIGURED` for what is no open database of one of the three drivers. */
export function connectionOf(database: SqliteDatabase): SqliteConnection {
  const given: unknown = database;
  if (typeof given === "object" && given !== null) {
    if (has(given, "getDatabaseInstance")) throw unfit("this is the package sqlite's: give db.getDatabaseInstance()");
    if (has(given, "serialize") && has(given, "all")) return withCallbacks(given as CallbackSqlite);
    if ("readonly" in given && given.readonly === true) throw unfit("this database was opened readonly");
    if (has(given, "prepare") && has(given, "exec")) return synchronous(given as SynchronousSqlite);
    if (has(given, "then")) throw unfit("this is a promise: await it first");
    if ("$client" in given) throw unfit("this is Drizzle's: give its db.$client");
  }
  const what = typeof given === "string" ? `the text ${JSON.stringify(given)}` : describe(given);
  throw unfit(`${what} is no database of better-sqlite3, node:sqlite or sqlite3: give new Database("app.db")`);
}

const has = (value: object, method: string): boolean =>
  method in value && typeof (value as Record<string, unknown>)[method] === "function";
const describe = (value: unknown): string =>
  value === null ? "null" : typeof value === "object" ? "this" : typeof value;
const unfit = (message: string) => new TwoFactorError("MISCONFIGURED", `sqliteStore: ${message}`);

/** `inTransaction` is better-sqlite3's word, `isTransaction` that of node:sqlite (Node 22.16 and later). */
type Details = { inTransaction?: boolean; isTransaction?: boolean };
type Statement = ReturnType<SynchronousSqlite["prepare"]> & { setReturnArrays?(enabled: boolean): void };

function synchronous(database: SynchronousSqlite & Details): SqliteConnection {
  const prepared = new Map<string, Statement>();
  const prepare = (sql: string): Statement => {
    const statement: Statement = prepared.get(sql) ?? database.prepare(sql);
    // A database may be opened with rows as arrays.
    if (!prepared.has(sql)) statement.setReturnArrays?.(false);
    prepared.set(sql, statement);
    return statement;
  };
  const at = <T>(work: () => T): T => {
    if (database.inTransaction === true || database.isTransaction === true) throw inHostTransaction();
    return withoutWaiting(database, work);
  };
  return {
    rows: async (sql, params) => at(() => prepare(sql).all(...params)),
    changes: async (sql, params) => Number(at(() => prepare(sql).run(...params)).changes),
  };
}

/**
 * These drivers wait for a lock with the whole process, so that whoever holds it here could not let go of it: they are kept
 * from it, and the store waits instead. The host's own setting is put back before anybody else has the turn.
 */
function withoutWaiting<T>(database: SynchronousSqlite, work: () => T): T {
  // Prepared each time: this pragma acts when it is prepared.
  const [row] = database.prepare("PRAGMA busy_timeout").all() as { timeout: number | bigint }[];
  const before = Number(Object.values(row ?? {})[0] ?? 0);
  if (before === 0) return work();
  database.prepare("PRAGMA busy_timeout = 0").all();
  try {
    return work();
  } finally {
    database.prepare(`PRAGMA busy_timeout = ${before}`).all();
  }
}

function withCallbacks(database: CallbackSqlite): SqliteConnection {
  return {
    rows: (sql, params) =>
      new Promise((resolve, reject) => {
        database.all(sql, params, (error, rows) => (error === null ? resolve(rows) : reject(error)));
      }),
    changes: (sql, params) =>
      new Promise((resolve, reject) => {
        database.run(sql, params, function (error) {
          if (error === null) resolve(this.changes);
          else reject(error);
        });
      }),
  };
}

const inHostTransaction = () =>
  new TwoFactorError(
    "MISCONFIGURED",
    "sqliteStore: its connection stays in a transaction of yours, which could take back a spent code: give the store a connection of its own",
  );

const [SQLITE_BUSY, SQLITE_LOCKED] = [5, 6];

/** Whether nothing was done, as somebody else has the database, or the connection, for the moment. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof TwoFactorError) return true;
  const { code, errcode, message } = error as Error & { code?: unknown; errcode?: unknown };
  if (typeof errcode === "number") return [SQLITE_BUSY, SQLITE_LOCKED].includes(errcode & 0xff);
  if (typeof code === "string") return /^SQLITE_(BUSY|LOCKED)/.test(code);
  // better-sqlite3's, while the host iterates over a query of its own.
  return message.includes("connection is busy executing a query");
}
