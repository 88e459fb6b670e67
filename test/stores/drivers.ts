import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import type BetterSqlite3 from "better-sqlite3";
import { lock } from "proper-lockfile";

const run = promisify(execFile);
const cache = join(__dirname, "../../.cache");

/** What is used of the package sqlite3, whose types come with it, and it is not installed here. */
export interface Sqlite3Database {
  all(sql: string, params: unknown, callback: (error: Error | null, rows: unknown[]) => void): this;
  run(sql: string, params: unknown, callback: (this: { changes: number }, error: Error | null) => void): this;
  exec(sql: string, callback: (error: Error | null) => void): this;
  serialize(callback?: () => void): void;
  close(callback: (error: Error | null) => void): void;
}

export interface Drivers {
  BetterSqlite3: typeof BetterSqlite3;
  sqlite3: { Database: new (file: string) => Sqlite3Database };
  /** Where they are, for what loads them by itself. */
  directory: string;
}

/**
 * The SQLite drivers that are no part of Node. They are compiled where no ready-made build can be fetched, which takes a
 * compiler, so they are no dependencies of the repository's (`npm ci && npm start` needs Node and npm only): the first
 * run installs them into `.cache`, as the lock file in `drivers/` says.
 */
export async function drivers(): Promise<Drivers> {
  const directory = await installedDrivers();
  const load = createRequire(join(directory, "package.json"));
  return {
    BetterSqlite3: load("better-sqlite3") as typeof BetterSqlite3,
    sqlite3: load("sqlite3") as Drivers["sqlite3"],
    directory,
  };
}

/** @returns where they are. The run's global set-up waits for it, as it takes longer than a test may. */
export async function installedDrivers(): Promise<string> {
  const lockFile = await readFile(join(__dirname, "drivers/package-lock.json"), "utf8");
  const made = `${process.platform}-${process.arch}-${process.versions.modules}`;
  const version = createHash("sha256").update(lockFile).update(made).digest("hex").slice(0, 12);
  const directory = join(cache, `drivers-${version}`);
  if (existsSync(directory)) return directory;

  await mkdir(cache, { recursive: true });
  // Test files run side by side, and compiling takes two minutes: one does, the others wait.
  const release = await lock(cache, { lockfilePath: `${directory}.lock`, retries: { retries: 600, maxTimeout: 1000 } });
  try {
    if (existsSync(directory)) return directory;
    const making = `${directory}-${process.pid}`;
    await cp(join(__dirname, "drivers"), making, { recursive: true });
    await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: making }).catch((error: Error & { stderr?: string }) => {
      const fix = "Where no ready-made build can be fetched, they are compiled: apt-get install g++ make python3";
      throw new Error(`The SQLite drivers that the tests try cannot be installed. ${fix}\n${error.stderr}`);
    });
    await rename(making, directory);
    return directory;
  } finally {
    await release();
  }
}
