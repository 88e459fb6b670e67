// A store in a process of its own, as an app has it: from the built library.
import { createRequire } from "node:module";
import { join } from "node:path";

const here = createRequire(import.meta.url);
/** @param {string} name */
export const built = (name) => here(join(import.meta.dirname, "../../../dist/stores", name));

/**
 * @param {string} kind better-sqlite3, node:sqlite, sqlite3 or mysql2
 * @param {string} place a file, or an address
 * @param {string} [drivers] where the drivers are installed
 */
export function openStore(kind, place, drivers) {
  if (kind === "mysql2") {
    const pool = here("mysql2").createPool(place);
    return { store: built("mysql").mysqlStore(pool), close: () => pool.promise().end() };
  }
  const database = openSqlite(kind, place, drivers);
  const close = () => (kind === "sqlite3" ? new Promise((done) => database.close(done)) : database.close());
  return { store: built("sqlite").sqliteStore(database), close };
}

/** @param {string} kind @param {string} file @param {string} [drivers] */
function openSqlite(kind, file, drivers) {
  if (kind === "node:sqlite") return new (here("node:sqlite").DatabaseSync)(file);
  const load = createRequire(join(drivers ?? "", "package.json"));
  return kind === "sqlite3" ? new (load("sqlite3").Database)(file) : new (load("better-sqlite3"))(file);
}

export const kit = () => built("conformance").conformance;
