// One way to open SQLite for both sides: a file, as most hosts have it (WAL, synced at checkpoints).
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requirePeer } from "./peers.mjs";

/** A new file, which is gone with the process that made it. */
export function temporarySqliteFile() {
  const folder = mkdtempSync(join(tmpdir(), "two-factor-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "bench.db");
}

export function openSqlite(file = temporarySqliteFile()) {
  const Database = requirePeer("better-sqlite3");
  const database = new Database(file);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL");
  return database;
}
