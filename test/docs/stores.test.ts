import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as mysql2 from "mysql2/promise";
import { Pool } from "pg";
import * as redis from "redis";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { TwoFactorOptions, TwoFactorStore } from "../../src";
import * as kit from "../../src/stores/conformance";
import * as mysqlStores from "../../src/stores/mysql";
import * as postgresStores from "../../src/stores/postgres";
import * as redisStores from "../../src/stores/redis";
import * as sqliteStores from "../../src/stores/sqlite";
import { drivers } from "../stores/drivers";
import { sqliteFileForThisTest } from "../stores/sqlite-files";
import { stopClock } from "../support/clock";
import { ownerAndUnproven, startHost, type Host, type HostUser } from "../support/host";
import { databaseForThisTest, freshMariadb, mariadbSql, redisForThisTest, sql } from "../support/services";
import { blocksOf, recipe, runModule, textOf } from "./pages";

const page = "docs/stores.md";
beforeEach(() => void stopClock());

/** The page's own table for a database. */
const tableWith = (text: string): string =>
  blocksOf(page, "sql").find(({ code }) => code.includes("two_factor_records") && code.includes(text))!.code;

/** Runs a page's lines, and gives the host that they made. */
async function hostOf<Made>(code: string, modules: Record<string, object>, known: object, made: string[] = []) {
  const started: { host?: Host } = {};
  const values = await runModule<Made>(
    code,
    modules,
    {
      twoFactor: (options: Partial<TwoFactorOptions<HostUser>>) => {
        started.host = startHost({ options: { recoveryCodes: { count: 2 }, ...options } });
        return started.host.tfa;
      },
      ...known,
    },
    made,
  );
  return { ...values, host: started.host! };
}

const engines: Record<string, () => Promise<Host>> = {
  async PostgreSQL() {
    const url = await databaseForThisTest();
    await sql(url, tableWith('COLLATE "C"'));
    const pool = new Pool({ connectionString: url });
    pool.on("error", () => {});
    onTestFinished(() => pool.end());
    const modules = { "express-two-factor/stores/postgres": postgresStores };
    return (await hostOf(recipe(page, "postgresStore(pool)"), modules, { pool })).host;
  },
  async "MySQL and MariaDB"() {
    const { url, drop } = await freshMariadb();
    onTestFinished(drop);
    await mariadbSql(url, tableWith("ENGINE = InnoDB"));
    const modules = {
      "express-two-factor/stores/mysql": mysqlStores,
      "mysql2/promise": {
        createPool: (address: string) => {
          const pool = mysql2.createPool(address);
          onTestFinished(() => pool.end());
          return pool;
        },
      },
    };
    return (await hostOf(recipe(page, "mysqlStore("), modules, { process: { env: { DATABASE_URL: url } } })).host;
  },
  async SQLite() {
    const [{ BetterSqlite3 }, file] = [await drivers(), await sqliteFileForThisTest()];
    const open = (name: string) => {
      expect(name).toBe("app.db");
      const database = new BetterSqlite3(file);
      onTestFinished(() => void database.close());
      return database;
    };
    open("app.db").exec(tableWith("COLLATE BINARY"));
    const modules = {
      "express-two-factor/stores/sqlite": sqliteStores,
      "better-sqlite3": function Database(name: string) {
        return open(name);
      },
    };
    return (await hostOf(recipe(page, 'from "better-sqlite3"'), modules, {})).host;
  },
  async Redis() {
    const known = { process: { env: { REDIS_URL: await redisForThisTest() } } };
    const modules = { "express-two-factor/stores/redis": redisStores, redis };
    const made = await hostOf<{ client: { destroy(): void } }>(recipe(page, "redisStore(client)"), modules, known, [
      "client",
    ]);
    onTestFinished(() => made.client.destroy());
    return made.host;
  },
};

test.each(Object.keys(engines))("the page's lines and its table are all that %s needs", async (engine) => {
  const host = await engines[engine]!();
  const { owner, browser } = await ownerAndUnproven(host);
  await owner.get("/page").expect(200);
  await browser.get("/page").expect(403);
  await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200);
  expect((await host.tfa.status("1")).enabled).toBe(true);
});

/** What two connections of one database see. */
function storeOver(records: Map<string, { record: string; revision: string }>): TwoFactorStore {
  return {
    async get(id) {
      const kept = records.get(id);
      return kept && { ...kept };
    },
    async compareAndSet(id, expected, next) {
      if (records.get(id)?.revision !== expected) return false;
      records.set(id, { ...next });
      return true;
    },
  };
}

describe("a store of one's own", () => {
  test("has the shape that the package's types have", () => {
    const shapeIn = (text: string, name: string) =>
      new RegExp(`interface ${name} \\{\n.*?\n\\}`, "s").exec(text)![0].replaceAll(/^\s*\/?\*.*\n/gm, "");
    const shown = recipe(page, "interface TwoFactorStore");
    for (const name of ["StoredRecord", "TwoFactorStore"]) {
      expect(shapeIn(shown, name)).toBe(shapeIn(textOf("docs/api.md"), name));
    }
  });

  test("is tried by the page's lines, case by case, on two connections", async () => {
    const cases: { name: string; run: (t: { skip(why?: string): void }) => Promise<void> }[] = [];
    const records = new Map<string, { record: string; revision: string }>();
    const runner = { test: (name: string, run: (typeof cases)[number]["run"]) => void cases.push({ name, run }) };
    const modules = { "express-two-factor/stores/conformance": kit, "node:test": runner };
    const connections = { oneConnection: records, another: records };
    await runModule(recipe(page, "of conformance"), modules, { myStore: storeOver, ...connections });
    expect(cases.map(({ name }) => name)).toEqual(kit.conformance.map(({ name }) => name));
    const skip = vi.fn<(why?: string) => void>();
    for (const { run } of cases) await run({ skip });
    // What it could not examine without the page's hooks, it says.
    expect(skip).toHaveBeenCalled();
  });
});

test("what stands under Mongoose says that nobody ran it", () => {
  const [, section = ""] = readFileSync(join(__dirname, "../..", page), "utf8").split("### Mongoose");
  expect(section).toMatch(/not (?:been )?(?:tested|run|tried)|untested|was not run/i);
});
