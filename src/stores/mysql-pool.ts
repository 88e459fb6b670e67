import { TwoFactorError } from "../errors";

/** A pool of `mysql2/promise`. */
export interface MysqlPromisePool {
  getConnection(): Promise<unknown>;
  query(options: { sql: string; values?: unknown }): Promise<[unknown, unknown]>;
}

/** A pool of `mysql2`, with callbacks; a connection has no `releaseConnection`. */
export interface MysqlCallbackPool {
  releaseConnection(connection: never): void;
  promise(): { query(options: { sql: string; values?: unknown }): Promise<[unknown, unknown]> };
}

export type MysqlPool = MysqlPromisePool | MysqlCallbackPool;

/** Runs one statement. Values are bytes, which no character set and no mode of the connection can change. */
export type MysqlQuery = (sql: string, values: (Buffer | string)[]) => Promise<unknown>;

/** What a pool may be set to, and would change what comes back. */
const plainly = { rowsAsArray: false, nestTables: false, namedPlaceholders: false, typeCast: true };

/** @throws TwoFactorError `MISCONFIGURED` for what is no pool of mysql2. */
export function queryOf(pool: MysqlPool): MysqlQuery {
  const promised = promisedPool(pool);
  return async (sql, values) => (await promised.query({ sql, values, ...plainly }))[0];
}

function promisedPool(given: unknown): Pick<MysqlPromisePool, "query"> {
  if (typeof given !== "object" || given === null) throw unfit(`${given === null ? "null" : typeof given} is no pool`);
  if (has(given, "then")) throw unfit("this is a promise: await it first");
  if (has(given, "of") && has(given, "add"))
    throw unfit("this is a cluster, whose servers may differ: give a pool on the primary");
  if (!has(given, "getConnection")) {
    const isConnection = has(given, "beginTransaction");
    throw unfit(
      isConnection
        ? "this is one connection, whose transactions of yours could take back a spent code: give the pool"
        : "this is no pool of mysql2",
    );
  }
  if (has(given, "batch") || !has(given, "execute")) throw unfit("this is a pool of another package");
  return has(given, "promise") ? (given as MysqlCallbackPool).promise() : (given as MysqlPromisePool);
}

const has = (value: object, method: string): boolean =>
  method in value && typeof (value as Record<string, unknown>)[method] === "function";

const unfit = (message: string) =>
  new TwoFactorError("MISCONFIGURED", `mysqlStore: ${message}. It takes createPool(…) of mysql2 or mysql2/promise`);
