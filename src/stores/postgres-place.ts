import { TwoFactorError } from "../errors";
import type { PostgresClient } from "./postgres";
import { type PostgresTableOptions, postgresTable } from "./postgres-schema";
import { TABLE } from "./table-name";

/** Where the connection's `search_path` leads, and every schema that has a table, or the like, of this name. */
const LOOK = `SELECT current_schema()::text AS here, ARRAY(
  SELECT nspname::text FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace
  WHERE relname = $1 AND relkind IN ('r', 'p', 'v', 'm', 'f') AND nspname NOT LIKE 'pg\\_%' ORDER BY nspname
) AS found`;

/**
 * The table that `createTable` means, with its schema. Looked up once: another connection, or another start, whose
 * `search_path` leads elsewhere would else make an empty table there, and everybody would be new.
 * @returns its name, quoted
 * @throws TwoFactorError `MISCONFIGURED` when there is no schema, or when one would be made beside another of that name
 */
export async function placeOf(client: PostgresClient, options: PostgresTableOptions): Promise<string> {
  const name = options.table ?? TABLE;
  const [row] = (await client.query(LOOK, [name])).rows;
  const { here, found } = row as { here: string | null; found: string[] };
  const table = postgresTable(options);
  if (here === null) {
    throw misplaced(
      `The connection's search_path leads to no schema, so ${table} cannot be made: name one with \`schema\``,
    );
  }
  const [elsewhere] = found;
  if (elsewhere === undefined || found.includes(here)) return `${identifier(here)}.${table}`;
  const wrong = `${table} is in schema ${found.map(identifier).join(", ")}, but the connection's search_path leads to ${identifier(here)}`;
  throw misplaced(
    `${wrong}, where a new and empty one would be made: say schema: ${JSON.stringify(elsewhere)}, or schema: ${JSON.stringify(here)} for a new one`,
  );
}

const misplaced = (message: string) => new TwoFactorError("MISCONFIGURED", `postgresStore: ${message}`);

/** The database's own names may be any; it is not for us to refuse them. */
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
