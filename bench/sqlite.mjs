// One way to open SQLite for both sides: a file, as most hosts have it (WAL, synced at checkpoints).
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requirePeer } from "./peers.mjs";

export function openSqlite() {
  const Database = requirePeer("better-sqlite3");
  const folder = mkdtempSync(join(tmpdir(), "two-factor-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const database = new Database(join(folder, "bench.db"));
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL");
  return database;
}
