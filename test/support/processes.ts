import session from "express-session";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import { createClient } from "redis";
import { onTestFinished, vi } from "vitest";
import { generateEncryptionKey, memoryStore } from "../../src";
import { mysqlStore } from "../../src/stores/mysql";
import { postgresStore } from "../../src/stores/postgres";
import { redisStore } from "../../src/stores/redis";
import { sqliteStore } from "../../src/stores/sqlite";
import { drivers } from "../stores/drivers";
import { sqliteFileForThisTest } from "../stores/sqlite-files";
export { stopClock } from "./clock";
import { databaseForThisTest, freshMariadb, redisForThisTest } from "./services";
import { type Browser, startHost, type Host, type HostOptions } from "./host";

/** Fewer recovery codes than ten, as each costs a scrypt; and patience, for the machine may be busy. */
const forTests = { recoveryCodes: { count: 4 }, storeTimeoutSeconds: 60 };

/** Several instances on one store, one key and one session store: the processes of one app. At least one. */
export function startProcesses(count: number, { options, ...given }: HostOptions = {}): [Host, ...Host[]] {
  const shared = { store: memoryStore(), otpSecretEncryptionKey: generateEncryptionKey(), ...forTests, ...options };
  const sessions = { store: new session.MemoryStore(), ...given.session };
  const start = () => startHost({ ...given, session: sessions, options: shared });
  return [start(), ...Array.from({ length: count - 1 }, start)];
}

/** Each makes a store of its own, on one database of the test's. */
const storesOn = {
  async PostgreSQL() {
    const connectionString = await databaseForThisTest();
    return () => {
      const pool = new Pool({ connectionString, max: 5 });
      onTestFinished(() => pool.end());
      return postgresStore(pool, { createTable: true });
    };
  },
  async MariaDB() {
    const { url: uri, drop } = await freshMariadb();
    onTestFinished(drop);
    return () => {
      const pool = createPool({ uri, connectionLimit: 5 });
      onTestFinished(() => pool.end());
      return mysqlStore(pool, { createTable: true });
    };
  },
  async Redis() {
    const url = await redisForThisTest();
    return async () => {
      const client = await createClient({ url }).connect();
      onTestFinished(() => client.destroy());
      return redisStore(client);
    };
  },
  async SQLite() {
    const { BetterSqlite3 } = await drivers();
    const file = await sqliteFileForThisTest();
    return () => {
      const database = new BetterSqlite3(file);
      onTestFinished(() => void database.close());
      database.exec("PRAGMA journal_mode = wal");
      return sqliteStore(database, { createTable: true });
    };
  },
};

export type Engine = keyof typeof storesOn;

/** The same on a database of their own, with a pool or a connection for each. */
export async function startProcessesOn(
  engine: Engine,
  count: number,
  given: HostOptions = {},
): Promise<[Host, ...Host[]]> {
  const newStore = await storesOn[engine]();
  const otpSecretEncryptionKey = generateEncryptionKey();
  const store = new session.MemoryStore();
  const start = async () => {
    const own = { otpSecretEncryptionKey, store: await newStore() };
    return startHost({ ...given, session: { store }, options: { ...forTests, ...given.options, ...own } });
  };
  return Promise.all([start(), ...Array.from({ length: count - 1 }, start)]);
}

/** What the operator's log would hold, kept from the test's own output. */
export function keepLog(): unknown[] {
  const log: unknown[] = [];
  const spies = (["error", "warn", "log", "info", "debug"] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((...args: unknown[]) => void log.push(...args)),
  );
  onTestFinished(() => spies.forEach((spy) => spy.mockRestore()));
  return log;
}

/** The same browser, with its cookies, as another process sees it. */
export function onProcess(browser: Browser, process: Host): Browser {
  const other = process.browser();
  Object.assign(other.agent, { jar: browser.agent.jar });
  other.secret = browser.secret;
  other.recoveryCodes = browser.recoveryCodes;
  return other;
}
