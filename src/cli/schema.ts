import { Command, Option } from "commander";
import { TwoFactorError } from "../errors";
import { mysqlSchema } from "../stores/mysql-schema";
import { postgresSchema } from "../stores/postgres-schema";
import { sqliteSchema } from "../stores/sqlite-schema";

interface Given {
  dialect: "postgres" | "sqlite" | "mysql";
  table?: string;
  schema?: string;
}

/** For the host's own migrations: the library changes no database by itself. */
export const schema = (): Command =>
  new Command("schema")
    .description("prints the SQL that makes the table of postgresStore(), sqliteStore() or mysqlStore()")
    .addOption(new Option("--dialect <name>", "whose SQL").choices(["postgres", "sqlite", "mysql"]).default("postgres"))
    .option("--table <name>", "the name of the table; by default two_factor_records")
    .option("--schema <name>", "the schema (MySQL: the database) that it is in; by default that of the connection")
    .action((given: Given) => {
      process.stdout.write(definition(given));
    });

function definition({ dialect, ...options }: Given): string {
  if (dialect === "mysql") return mysqlSchema(options);
  if (dialect === "postgres") return postgresSchema(options);
  const { schema: place, ...named } = options;
  if (place === undefined) return sqliteSchema(named);
  throw new TwoFactorError(
    "MISCONFIGURED",
    "SQLite has no schemas: run the SQL on the database that shall have the table",
  );
}
