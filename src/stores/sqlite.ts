import { setTimeout as pause } from "node:timers/promises";
import { TwoFactorError } from "../errors";
import { connectionOf, isBusy, type SqliteDatabase } from "./sqlite-connection";
import { sqliteSchema, sqliteTable, type SqliteTableOptions } from "./sqlite-schema";
import type { StoredRecord, TwoFactorStore } from "./store";

export type { CallbackSqlite, SqliteDatabase, SynchronousSqlite } from "./sqlite-connection";
export { sqliteSchema, type SqliteTableOptions } from "./sqlite-schema";

export interface SqliteStoreOptions extends SqliteTableOptions {
  /** Makes the table when a statement finds none. By default it is not made, and the error says how. */
  createTable?: boolean;
}

const PAGE_ROWS = 500;
/** Less than the default of `storeTimeoutSeconds`, so that the log tells what it was. */
const PATIENCE_MS = 4000;
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [1, 50];

/**
 * Keeps records in one table of an SQLite file, through `better-sqlite3`, `node:sqlite` or `sqlite3`. Give it a
 * connection of its own: within a transaction of the host's, a roll-back would undo a spent code. It waits for locks
 * that other connections and processes hold, without holding up the process.
 * @throws TwoFactorError `MISCONFIGURED` for what is no such database, and from each method while the table is missing.
 */
export function sqliteStore(database: SqliteDatabase, options: SqliteStoreOptions = {}): TwoFactorStore {
  const table = sqliteTable(options);
  const connection = connectionOf(database);

  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await patiently(work);
    } catch (error) {
      if (isOtherTable(error)) throw otherTable(table, error);
      throw error;
    }
  };
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await attempt(work);
    } catch (error) {
      if (!isMissingTable(error)) throw error;
      if (options.createTable !== true) throw missingTable(table, error);
      await attempt(() => connection.changes(sqliteSchema(options), []));
      return attempt(work);
    }
  };
  const rows = (sql: string, params: string[]) => run(() => connection.rows(sql, params));
  const changes = (sql: string, params: string[]) => run(() => connection.changes(sql, params));

  return {
    async get(userId) {
      const [row] = (await rows(`SELECT record, revision FROM ${table} WHERE user_id = ?`, [userId])) as StoredRecord[];
      return row === undefined ? undefined : { record: row.record, revision: row.revision };
    },
    async compareAndSet(userId, expected, { record, revision }) {
      const insert = `INSERT INTO ${table} (user_id, record, revision) VALUES (?, ?, ?) ON CONFLICT (user_id) DO NOTHING`;
      const update = `UPDATE ${table} SET record = ?, revision = ? WHERE user_id = ? AND revision = ?`;
      const written =
        expected === undefined
          ? await changes(insert, [userId, record, revision])
          : await changes(update, [record, revision, userId, expected]);
      return written === 1;
    },
    async erase(userId) {
      await changes(`DELETE FROM ${table} WHERE user_id = ?`, [userId]);
    },
    async *userIds(after) {
      // Pages by key: an open cursor would hold the connection while the caller works.
      const text = `SELECT user_id FROM ${table} WHERE user_id > ? ORDER BY user_id LIMIT ${PAGE_ROWS}`;
      let page: { user_id: string }[];
      let last = after ?? "";
      do {
        page = (await rows(text, [last])) as { user_id: string }[];
        for (const row of page) yield row.user_id;
        last = page.at(-1)?.user_id ?? last;
      } while (page.length === PAGE_ROWS);
    },
  };
}

/** Again while somebody else has the database. A statement that was refused as busy has done nothing. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      await pause(wait * (0.5 + Math.random() / 2));
    }
  }
}

/** SQLite has one code for all that is wrong with a statement. */
const isMissingTable = (error: unknown): boolean => /\bno such table: /.test(messageOf(error));
const isOtherTable = (error: unknown): boolean =>
  /\bno such column: |has no column named |ON CONFLICT clause does not match/.test(messageOf(error));
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : "");

function missingTable(table: string, cause: unknown): TwoFactorError {
  const fix = "run the SQL that `npx express-two-factor schema --dialect sqlite` prints, or set createTable: true";
  return new TwoFactorError("MISCONFIGURED", `The table ${table} does not exist: ${fix}`, { cause });
}

function otherTable(table: string, cause: unknown): TwoFactorError {
  const fix =
    "compare it with what `npx express-two-factor schema --dialect sqlite` prints, or name another with `table`";
  return new TwoFactorError("MISCONFIGURED", `The table ${table} is not one of this library's: ${fix}`, { cause });
}
