import { join } from "node:path";
import { postgresStore } from "express-two-factor/stores/postgres";
import type { TwoFactorStore } from "express-two-factor";
import { Pool } from "pg";
import { StartError } from "./config";
import { lockDataDir } from "./data-dir-lock";

/** The store for second factors, and how to leave it. */
export interface Database {
  store: TwoFactorStore;
  close(): Promise<void>;
}

/**
 * A PostgreSQL server. The pool opens connections again by itself when it was away.
 * @throws {StartError} when it cannot be reached now.
 */
export async function openPostgres(url: string, log: (message: string) => void): Promise<Database> {
  const pool = new Pool({ connectionString: url, connectionTimeoutMillis: 3000, query_timeout: 5000, keepAlive: true });
  // A connection that breaks while nobody uses it; without a listener it would end the process.
  pool.on("error", (error) => log(`PostgreSQL closed a connection: ${error.message}`));
  try {
    await pool.query("SELECT 1");
  } catch (error) {
    await pool.end();
    const { message, code } = error as { message: string; code?: string };
    throw new StartError(`DATABASE_URL: PostgreSQL is not reachable (${message || code})`);
  }
  return { store: postgresStore(pool, { createTable: true }), close: () => pool.end() };
}

/**
 * PostgreSQL inside this process, its files in the data directory.
 * @param onLost see `lockDataDir`.
 * @throws {StartError} when another process has it, or when it cannot be opened.
 */
export async function openEmbedded(dataDir: string, onLost: () => void): Promise<Database> {
  const lock = await lockDataDir(dataDir, onLost);
  const directory = join(dataDir, "database");
  try {
    // Loaded only here: it brings its own PostgreSQL, and a site with DATABASE_URL does not need it.
    const { PGlite } = await import("@electric-sql/pglite");
    const database = await PGlite.create(directory);
    return {
      store: postgresStore(database, { createTable: true }),
      async close() {
        await database.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw new StartError(`The database in ${directory} cannot be opened: ${(error as Error).message}`);
  }
}
