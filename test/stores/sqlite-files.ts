import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** The path of an SQLite file that is not there yet; it is gone when `drop` was called. */
export async function freshSqliteFile(): Promise<{ file: string; drop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "two-factor-sqlite-"));
  return { file: join(folder, "app.db"), drop: () => rm(folder, { recursive: true, force: true }) };
}

/** For use inside one test. */
export async function sqliteFileForThisTest(): Promise<string> {
  const { file, drop } = await freshSqliteFile();
  onTestFinished(drop);
  return file;
}
