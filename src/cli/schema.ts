import { Command } from "commander";
import { postgresSchema, type PostgresTableOptions } from "../stores/postgres-schema";

/** For the host's own migrations: the library changes no database by itself. */
export const schema = (): Command =>
  new Command("schema")
    .description("prints the SQL that makes the table of postgresStore()")
    .option("--table <name>", "the name of the table; by default two_factor_records")
    .option("--schema <name>", "the PostgreSQL schema that it is in; by default that of the connection")
    .action((options: PostgresTableOptions) => {
      process.stdout.write(postgresSchema(options));
    });
