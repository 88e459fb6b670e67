import { checkedName, TABLE } from "./table-name";

export interface SqliteTableOptions {
  /** By default `two_factor_records`. */
  table?: string;
}

/**
 * @returns the DDL of the store's table, safe to run again. Ids and revisions compare byte for byte, and a key is never
 *   NULL, which SQLite else allows.
 */
export function sqliteSchema(options: SqliteTableOptions = {}): string {
  return `CREATE TABLE IF NOT EXISTS ${sqliteTable(options)} (
  user_id TEXT COLLATE BINARY NOT NULL PRIMARY KEY,
  record TEXT NOT NULL,
  revision TEXT COLLATE BINARY NOT NULL
);
`;
}

/** @returns the table's name, quoted. @throws TwoFactorError for what cannot be one. */
export const sqliteTable = ({ table = TABLE }: SqliteTableOptions): string =>
  `"${checkedName("sqliteStore", "table", table, 128)}"`;
