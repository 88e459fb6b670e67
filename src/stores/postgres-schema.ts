import { checkedName, TABLE } from "./table-name";

export interface PostgresTableOptions {
  /** By default `two_factor_records`. */
  table?: string;
  /** By default wherever the connection's `search_path` leads: with `createTable`, at first use. It must exist. */
  schema?: string;
}

/**
 * @returns the DDL of the store's table, safe to run again. Ids and revisions compare byte for byte (`COLLATE "C"`),
 *   whatever the database's own order is; a record is text, since JSONB would refuse some and rewrite the others.
 */
export function postgresSchema(options: PostgresTableOptions = {}): string {
  return tableDefinition(postgresTable(options));
}

/** @param table quoted */
export function tableDefinition(table: string): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (
  user_id TEXT COLLATE "C" PRIMARY KEY,
  record TEXT NOT NULL,
  revision TEXT COLLATE "C" NOT NULL
);
`;
}

/** @returns the table's name, quoted. @throws TwoFactorError for what cannot be one. */
export function postgresTable({ table = TABLE, schema }: PostgresTableOptions): string {
  const name = `"${checkedName("postgresStore", "table", table, 63)}"`;
  return schema === undefined ? name : `"${checkedName("postgresStore", "schema", schema, 63)}".${name}`;
}
