import { mysqlSchema } from "../../src/stores/mysql";
import { postgresSchema } from "../../src/stores/postgres";
import { sqliteSchema } from "../../src/stores/sqlite";
import { freshDatabase, freshMariadb, mariadbSql, sql } from "../support/services";
import { drivers } from "./drivers";
import { freshSqliteFile } from "./sqlite-files";

export const engineNames = ["PostgreSQL", "SQLite", "MariaDB"] as const;
export type EngineName = (typeof engineNames)[number];

export interface Place {
  /** An address, or a file. */
  at: string;
  run(statement: string): Promise<void>;
  drop(): Promise<void>;
}

/** An empty database of an engine, with the library's table in it. */
export async function placeOn(engine: EngineName): Promise<Place> {
  const place = await makers[engine]();
  await place.run(schemas[engine]());
  return place;
}

const schemas = { PostgreSQL: postgresSchema, SQLite: sqliteSchema, MariaDB: mysqlSchema };

const makers: Record<EngineName, () => Promise<Place>> = {
  async PostgreSQL() {
    const { url, drop } = await freshDatabase();
    return { at: url, drop, run: (statement) => sql(url, statement) };
  },
  async MariaDB() {
    const { url, drop } = await freshMariadb();
    return { at: url, drop, run: (statement) => mariadbSql(url, statement) };
  },
  async SQLite() {
    const { BetterSqlite3 } = await drivers();
    const { file, drop } = await freshSqliteFile();
    const run = async (statement: string) => {
      const database = new BetterSqlite3(file);
      // As apps have it; and no test cuts the power.
      database.exec(`PRAGMA journal_mode = wal; ${statement}`);
      database.close();
    };
    return { at: file, drop, run };
  },
};
