import { TwoFactorError } from "../errors";
import { missingTable, tableIsFit } from "./mysql-check";
import { type MysqlPool, queryOf } from "./mysql-pool";
import { mysqlSchema, mysqlTable, type MysqlTableOptions, USER_ID_BYTES } from "./mysql-schema";
import type { TwoFactorStore } from "./store";

export type { MysqlCallbackPool, MysqlPool, MysqlPromisePool } from "./mysql-pool";
export { mysqlSchema, type MysqlTableOptions } from "./mysql-schema";

export interface MysqlStoreOptions extends MysqlTableOptions {
  /** Makes the table when there is none. By default it is not made, and the error says how. */
  createTable?: boolean;
}

const PAGE_ROWS = 500;
const [NO_SUCH_TABLE, DUPLICATE_KEY] = [1146, 1062];
/** Deadlock (also how Galera tells of a lost race), and MariaDB's "record has changed": rolled back, somebody was faster. */
const CONFLICTS = new Set([1213, 1020]);

/**
 * Keeps records in one table of MySQL 8 or MariaDB, through a pool of `mysql2` (callbacks or promises).
 * @throws TwoFactorError `MISCONFIGURED` for what is no such pool, and from each method while the table is missing, or is
 *   one that could take two ids for one.
 */
export function mysqlStore(pool: MysqlPool, options: MysqlStoreOptions = {}): TwoFactorStore {
  const table = mysqlTable(options);
  const query = queryOf(pool);

  const prepare = async (): Promise<void> => {
    if (await tableIsFit(query, options)) return;
    if (options.createTable !== true) throw missingTable(table);
    await query(mysqlSchema(options), []);
    if (!(await tableIsFit(query, options))) throw missingTable(table);
  };
  let preparing: Promise<void> | undefined;
  const prepared = async (): Promise<void> => {
    preparing ??= prepare();
    try {
      await preparing;
    } catch (error) {
      preparing = undefined;
      throw error;
    }
  };
  const run = async (sql: string, values: string[]): Promise<unknown> => {
    await prepared();
    const bytes = values.map((value) => Buffer.from(value));
    try {
      return await query(sql, bytes);
    } catch (error) {
      if (errno(error) !== NO_SUCH_TABLE) throw error;
      preparing = undefined;
      throw missingTable(table, error);
    }
  };
  /** @returns whether the statement wrote its row; one that lost against another did not. */
  const wrote = async (sql: string, values: string[]): Promise<boolean> => {
    try {
      return ((await run(sql, values)) as { affectedRows: number }).affectedRows === 1;
    } catch (error) {
      if (CONFLICTS.has(errno(error))) return false;
      throw error;
    }
  };
  /** Not `INSERT IGNORE`, which also makes mere warnings of values that do not fit. */
  const inserted = async (values: [userId: string, record: string, revision: string]): Promise<boolean> => {
    if (Buffer.byteLength(values[0]) > USER_ID_BYTES) throw tooLong();
    try {
      return await wrote(`INSERT INTO ${table} (user_id, record, revision) VALUES (?, ?, ?)`, values);
    } catch (error) {
      if (errno(error) === DUPLICATE_KEY) return false;
      throw error;
    }
  };

  return {
    async get(userId) {
      const found = await run(`SELECT record, revision FROM ${table} WHERE user_id = ?`, [userId]);
      const [row] = found as { record: unknown; revision: unknown }[];
      return row === undefined ? undefined : { record: String(row.record), revision: String(row.revision) };
    },
    compareAndSet(userId, expected, { record, revision }) {
      if (expected === undefined) return inserted([userId, record, revision]);
      const update = `UPDATE ${table} SET record = ?, revision = ? WHERE user_id = ? AND revision = ?`;
      return wrote(update, [record, revision, userId, expected]);
    },
    async erase(userId) {
      await run(`DELETE FROM ${table} WHERE user_id = ?`, [userId]);
    },
    async *userIds(after) {
      // Pages by key: an offset would skip and repeat rows while others write.
      const text = `SELECT user_id FROM ${table} WHERE user_id > ? ORDER BY user_id LIMIT ${PAGE_ROWS}`;
      let page: string[];
      let last = after ?? "";
      do {
        page = ((await run(text, [last])) as { user_id: unknown }[]).map((row) => String(row.user_id));
        yield* page;
        last = page.at(-1) ?? last;
      } while (page.length === PAGE_ROWS);
    },
  };
}

function errno(error: unknown): number {
  const number = typeof error === "object" && error !== null && "errno" in error ? error.errno : undefined;
  return typeof number === "number" ? number : 0;
}

const tooLong = () =>
  new TwoFactorError("MISCONFIGURED", `mysqlStore: scope and id come to more than ${USER_ID_BYTES} bytes`);
