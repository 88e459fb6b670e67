import { TwoFactorError } from "../errors";

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
export function postgresTable({ table = "two_factor_records", schema }: PostgresTableOptions): string {
  return schema === undefined ? quoted("table", table) : `${quoted("schema", schema)}.${quoted("table", table)}`;
}

/** Names come from the host's code, but a name with a quote in it is a mistake worth telling, not escaping. */
function quoted(option: string, name: unknown): string {
  if (typeof name === "string" && /^[A-Za-z_][A-Za-z0-9_$]{0,62}$/.test(name)) return `"${name}"`;
  const given = JSON.stringify(name) ?? typeof name;
  const hint = typeof name === "string" && name.includes(".") ? "; the part before the dot belongs in `schema`" : "";
  const rule = "1 to 63 letters, digits, _ or $, not beginning with a digit";
  throw new TwoFactorError("MISCONFIGURED", `postgresStore: ${option} ${given} is no name (${rule})${hint}`);
}
