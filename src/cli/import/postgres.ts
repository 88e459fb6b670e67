import { createRequire } from "node:module";
import { join } from "node:path";
import { CommandFailure } from "../failure";
import type { Row } from "./csv";

interface Client {
  connect(): Promise<unknown>;
  query(text: string): Promise<{ rows: Record<string, unknown>[] }>;
  end(): Promise<void>;
}

const rowsAtOnce = 500;

/**
 * The rows of a table of the app's, all as text, in a transaction that reads only and sees one moment.
 * @param columns those that are asked for; the first is the id
 * @throws CommandFailure where the app has no `pg`; whatever the database says
 */
export async function* postgresRows(url: string, table: string, columns: readonly string[]): AsyncIterable<Row> {
  const client = newClient(url);
  await client.connect();
  try {
    const list = columns.map((name) => `${identifier(name)}::text AS ${identifier(name)}`).join(", ");
    await client.query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await client.query(
      `DECLARE import_rows NO SCROLL CURSOR FOR SELECT ${list} FROM ${table.split(".").map(identifier).join(".")}`,
    );
    for (;;) {
      const { rows } = await client.query(`FETCH ${rowsAtOnce} FROM import_rows`);
      for (const row of rows) yield new Map(columns.map((name) => [name, textOf(row[name])]));
      if (rows.length < rowsAtOnce) return;
    }
  } finally {
    await client.end();
  }
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The app's own `pg`: an optional peer of this package, which may not see it from where itself is. */
function newClient(connectionString: string): Client {
  try {
    const { Client: PgClient } = createRequire(join(process.cwd(), "package.json"))("pg") as {
      Client: new (options: object) => Client;
    };
    return new PgClient({ connectionString });
  } catch {
    throw new CommandFailure("To read a PostgreSQL database, install pg in this app: npm install pg");
  }
}
