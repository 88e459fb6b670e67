import { TwoFactorError } from "../errors";
import { placeOf } from "./postgres-place";
import { type PostgresTableOptions, postgresTable, tableDefinition } from "./postgres-schema";
import type { StoredRecord, TwoFactorStore } from "./store";

export { type PostgresTableOptions, postgresSchema } from "./postgres-schema";

/**
 * What `pg.Pool` and `PGlite` have in common. Give a pool, never a `pg.Client` that the host also uses: inside the host's
 * transaction a roll-back would undo a spent code, and a failed statement would end that transaction.
 */
export interface PostgresClient {
  query(text: string, params?: unknown[]): Promise<{ rows: unknown[] }>;
}

export interface PostgresStoreOptions extends PostgresTableOptions {
  /** Makes the table when a statement finds none. By default it is not made, and the error says how. */
  createTable?: boolean;
}

type Statement = (table: string) => string;

/**
 * One row, always: besides what is stored, whether row-level security could hide it. Then "no row" would say nothing, and
 * somebody enrolled would look new.
 */
const READ: Statement = (table) => `SELECT record, revision, row_security_active(${literal(table)}) AS filtered
FROM (SELECT 1) AS always LEFT JOIN ${table} ON user_id = $1`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const PAGE_ROWS = 500;
/** SQLSTATE: serialization failure and deadlock. Both were rolled back because somebody was faster. */
const CONFLICTS = new Set(["40001", "40P01"]);
const UNDEFINED_TABLE = "42P01";
/** SQLSTATE: no such column, and no unique key on `user_id`: a table of that name, but not ours. */
const OTHER_TABLE = new Set(["42703", "42P10"]);
/** SQLSTATE: the table, or its row type, was just made by somebody else. `IF NOT EXISTS` does not cover that race. */
const MADE_MEANWHILE = new Set(["42P07", "23505", "42710"]);

/**
 * Keeps records in one PostgreSQL table, through a pool of the host's; PGlite is served alike.
 * @throws TwoFactorError `MISCONFIGURED` for an impossible table name, and from each method while the table is missing.
 */
export function postgresStore(client: PostgresClient, options: PostgresStoreOptions = {}): TwoFactorStore {
  const named = postgresTable(options);
  const isPlaced = options.createTable !== true || options.schema !== undefined;
  let placing: Promise<string> | undefined = isPlaced ? Promise.resolve(named) : undefined;
  const placed = async (): Promise<string> => {
    placing ??= placeOf(client, options);
    try {
      return await placing;
    } catch (error) {
      placing = undefined;
      throw error;
    }
  };

  const attempt = async (table: string, text: Statement, params: unknown[]): Promise<unknown[]> => {
    try {
      return (await client.query(text(table), params)).rows;
    } catch (error) {
      if (OTHER_TABLE.has(sqlState(error))) throw otherTable(table, error);
      throw error;
    }
  };
  const query = async (text: Statement, params: unknown[]): Promise<unknown[]> => {
    const table = await placed();
    try {
      return await attempt(table, text, params);
    } catch (error) {
      if (sqlState(error) !== UNDEFINED_TABLE) throw error;
      if (options.createTable !== true) throw missingTable(table, error);
      await createTable(client, table);
      return attempt(table, text, params);
    }
  };
  /** @returns whether the statement wrote its row; one that lost against another transaction did not. */
  const wrote = async (text: Statement, params: unknown[]): Promise<boolean> => {
    try {
      return (await query(text, params)).length === 1;
    } catch (error) {
      if (CONFLICTS.has(sqlState(error))) return false;
      throw error;
    }
  };

  const read = async (userId: string): Promise<StoredRecord | undefined> => {
    const [row] = (await query(READ, [userId])) as (StoredRecord & { revision: string | null; filtered: boolean })[];
    if (row?.filtered === true) throw mayBeHidden(await placed());
    return row === undefined || row.revision === null ? undefined : { record: row.record, revision: row.revision };
  };

  return {
    get: read,
    compareAndSet(userId, expected, { record, revision }) {
      if (expected === undefined) {
        return wrote(
          (table) => `INSERT INTO ${table} (user_id, record, revision) VALUES ($1, $2, $3)
           ON CONFLICT (user_id) DO NOTHING RETURNING revision`,
          [userId, record, revision],
        );
      }
      return wrote(
        (table) =>
          `UPDATE ${table} SET record = $3, revision = $4 WHERE user_id = $1 AND revision = $2 RETURNING revision`,
        [userId, expected, record, revision],
      );
    },
    async erase(userId) {
      await read(userId);
      await query((table) => `DELETE FROM ${table} WHERE user_id = $1`, [userId]);
    },
    async *userIds(after) {
      await read("");
      // Pages by key: an offset would skip and repeat rows while others write.
      let page: { user_id: string }[];
      let last = after ?? "";
      do {
        const text = (table: string) =>
          `SELECT user_id FROM ${table} WHERE user_id > $1 ORDER BY user_id LIMIT ${PAGE_ROWS}`;
        page = (await query(text, [last])) as { user_id: string }[];
        for (const row of page) yield row.user_id;
        last = page.at(-1)?.user_id ?? last;
      } while (page.length === PAGE_ROWS);
    },
  };
}

async function createTable(client: PostgresClient, table: string): Promise<void> {
  try {
    await client.query(tableDefinition(table));
  } catch (error) {
    if (!MADE_MEANWHILE.has(sqlState(error))) throw error;
  }
}

function sqlState(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}

function missingTable(table: string, cause: unknown): TwoFactorError {
  const fix = "run the SQL that `npx express-two-factor schema` prints, or set createTable: true";
  return new TwoFactorError("MISCONFIGURED", `The table ${table} does not exist: ${fix}`, { cause });
}

function mayBeHidden(table: string): TwoFactorError {
  const why = `row-level security may hide rows of ${table} from this role, and a hidden row is a second factor turned off`;
  const fix = `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY, or give the role BYPASSRLS`;
  return new TwoFactorError("MISCONFIGURED", `postgresStore: ${why}: ${fix}`);
}

function otherTable(table: string, cause: unknown): TwoFactorError {
  const fix = "compare it with what `npx express-two-factor schema` prints, or name another one with `table`";
  return new TwoFactorError("MISCONFIGURED", `The table ${table} is not one of this library's: ${fix}`, { cause });
}
