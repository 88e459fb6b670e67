import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createNamespace } from "cls-hooked";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import { BetterSQLiteSession } from "drizzle-orm/better-sqlite3/session";
import { getTableConfig as mysqlTableConfig } from "drizzle-orm/mysql-core";
import { drizzle as drizzleMysql } from "drizzle-orm/mysql2";
import { drizzle } from "drizzle-orm/node-postgres";
import { getTableConfig } from "drizzle-orm/pg-core";
import { BaseSQLiteDatabase, getTableConfig as sqliteTableConfig, SQLiteSyncDialect } from "drizzle-orm/sqlite-core";
import createKnex, { type Knex } from "knex";
import { createPool, type Pool as MysqlPool } from "mysql2/promise";
import type { Pool } from "pg";
import { Sequelize } from "sequelize";
import { DataSource } from "typeorm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysqlSchema } from "../../src/stores/mysql";
import { postgresSchema } from "../../src/stores/postgres";
import { sqliteSchema } from "../../src/stores/sqlite";
import { type Drivers, drivers } from "./drivers";
import { endPool, newPool } from "./pools";
import { type EngineName, engineNames, type Place, placeOn } from "./recipe-engines";
import * as onPostgres from "./recipes/drizzle";
import * as onMysql from "./recipes/drizzle-mysql";
import * as onSqlite from "./recipes/drizzle-sqlite";
import { knexStore } from "./recipes/knex";
import { prismaStore } from "./recipes/prisma";
import { prismaClient } from "./recipes/prisma-client";
import { sequelizeStore } from "./recipes/sequelize";
import { TwoFactorRecord, typeormStore } from "./recipes/typeorm";
import { usersTableStore } from "./recipes/users-table";
import { testConformance } from "./run-conformance";

const root = join(__dirname, "../..");
const recipe = (name: string) => readFile(join(__dirname, "recipes", name), "utf8");
/** How a host's transaction ends here: it throws, and its library rolls back. */
const rollBack = new Error("roll back");
const expectRollBack = (error: unknown): void => expect(error).toBe(rollBack);
const rolledBack = (transaction: (body: () => Promise<void>) => Promise<unknown>, work: () => Promise<void>) =>
  transaction(async () => {
    await work();
    throw rollBack;
  }).catch(expectRollBack) as Promise<void>;

const places = {} as Record<EngineName, Place>;
let loaded: Drivers;
let pools: [Pool, Pool];
beforeAll(async () => {
  loaded = await drivers();
  for (const engine of engineNames) places[engine] = await placeOn(engine);
  pools = [1, 2].map(() => newPool({ connectionString: places.PostgreSQL.at })) as typeof pools;
}, 600_000);
afterAll(async () => {
  await Promise.all(pools.map(endPool));
  for (const engine of engineNames) await places[engine].drop();
});

/** The third is the host's own: on SQLite an instance has one connection, which a transaction keeps. */
const three = <T>(make: () => T): [T, T, T] => [make(), make(), make()];

describe.each(engineNames)("the recipe for Knex conforms on %s", (engine) => {
  let instances: [Knex, Knex, Knex];
  const make = () => {
    if (engine === "PostgreSQL") return createKnex({ client: "pg", connection: places[engine].at });
    if (engine === "MariaDB") return createKnex({ client: "mysql2", connection: places[engine].at });
    return createKnex({ client: knexOnSqlite(), connection: { filename: places[engine].at }, useNullAsDefault: true });
  };
  beforeAll(() => {
    instances = three(make);
  });
  afterAll(() => Promise.all(instances.map((knex) => knex.destroy())));

  testConformance(() => ({
    clients: [knexStore(instances[0]), knexStore(instances[1])],
    hostTransaction: (work) => rolledBack((body) => instances[engine === "SQLite" ? 2 : 0].transaction(body), work),
  }));
});

/** Knex loads its driver from where itself is. */
function knexOnSqlite(): typeof Knex.Client {
  const dialect = "knex/lib/dialects/better-sqlite3/index.js";
  const Client = createRequire(__filename)(dialect) as new (config: object) => object;
  return class extends Client {
    _driver() {
      return loaded.BetterSqlite3;
    }
  } as unknown as typeof Knex.Client;
}

describe("the recipe for Drizzle conforms on PostgreSQL", () => {
  testConformance(() => {
    const db = drizzle(pools[0]);
    return {
      clients: [onPostgres.drizzleStore(db), onPostgres.drizzleStore(drizzle(pools[1]))],
      hostTransaction: (work) => rolledBack((body) => db.transaction(body), work),
    };
  });
});

describe("the recipe for Drizzle conforms on SQLite", () => {
  let databases: [InstanceType<Drivers["BetterSqlite3"]>, InstanceType<Drivers["BetterSqlite3"]>];
  beforeAll(() => {
    databases = [1, 2].map(() => new loaded.BetterSqlite3(places.SQLite.at)) as typeof databases;
  });
  afterAll(() => databases.forEach((database) => void database.close()));
  // No transaction of the host's: Drizzle's are synchronous with this driver, and nothing comes in between.
  testConformance(() => {
    const [one, other] = databases.map(drizzleSqlite);
    return { clients: [onSqlite.drizzleStore(one!), onSqlite.drizzleStore(other!)] };
  });
});

/** What `drizzle(database)` of "drizzle-orm/better-sqlite3" makes, which loads the driver from where itself is. */
function drizzleSqlite(database: InstanceType<Drivers["BetterSqlite3"]>): BetterSQLite3Database {
  const dialect = new SQLiteSyncDialect();
  const session = new BetterSQLiteSession(database, dialect, undefined, {});
  return new BaseSQLiteDatabase("sync", dialect, session as never, undefined) as unknown as BetterSQLite3Database;
}

describe("the recipe for Drizzle conforms on MariaDB", () => {
  let mysqlPools: [MysqlPool, MysqlPool];
  beforeAll(() => {
    mysqlPools = [1, 2].map(() => createPool(places.MariaDB.at)) as typeof mysqlPools;
  });
  afterAll(() => Promise.all(mysqlPools.map((pool) => pool.end())));
  testConformance(() => {
    const [one, other] = mysqlPools.map((client) => drizzleMysql({ client }));
    return {
      clients: [onMysql.drizzleStore(one!), onMysql.drizzleStore(other!)],
      hostTransaction: (work) => rolledBack((body) => one!.transaction(body), work),
    };
  });
});

test("the recipes for Drizzle describe the tables that the stores make", () => {
  const tables = [
    getTableConfig(onPostgres.records),
    sqliteTableConfig(onSqlite.records),
    mysqlTableConfig(onMysql.records),
  ];
  for (const { name, columns } of tables) {
    const names = columns.map((column: { name: string }) => column.name);
    expect([name, ...names]).toEqual(["two_factor_records", "user_id", "record", "revision"]);
  }
  const types = mysqlTableConfig(onMysql.records).columns.map((column) => column.getSQLType());
  for (const type of types) expect(mysqlSchema().toLowerCase()).toContain(` ${type} not null`);
});

describe.each(engineNames)("the recipe for Sequelize conforms on %s, with transactions by CLS", (engine) => {
  let instances: [Sequelize, Sequelize, Sequelize];
  const make = () => {
    if (engine !== "SQLite") return new Sequelize(places[engine].at, { logging: false });
    const dialectModule = createRequire(join(loaded.directory, "package.json"))("sqlite3") as object;
    return new Sequelize({ dialect: "sqlite", storage: places[engine].at, dialectModule, logging: false });
  };
  beforeAll(() => {
    Sequelize.useCLS(createNamespace("host"));
    instances = three(make);
  });
  afterAll(() => Promise.all(instances.map((sequelize) => sequelize.close())));

  testConformance(() => ({
    clients: [sequelizeStore(instances[0]), sequelizeStore(instances[1])],
    hostTransaction: (work) => rolledBack((body) => instances[0].transaction(body), work),
  }));

  test("and CLS does roll back what does not say `transaction: null`", async () => {
    const [sequelize] = instances;
    await rolledBack(
      (body) => sequelize.transaction(body),
      async () => void (await sequelize.query("INSERT INTO two_factor_records VALUES ('within', '{}', '1')")),
    );
    const [rows] = await sequelize.query("SELECT 1 FROM two_factor_records WHERE user_id = 'within'");
    expect(rows).toEqual([]);
  });
});

describe.each(engineNames)("the recipe for TypeORM conforms on %s", (engine) => {
  let sources: [DataSource, DataSource, DataSource];
  const make = () => {
    const entities = [TwoFactorRecord];
    if (engine === "PostgreSQL") return new DataSource({ type: "postgres", url: places[engine].at, entities });
    if (engine === "MariaDB") return new DataSource({ type: "mariadb", url: places[engine].at, entities });
    return new DataSource({
      type: "better-sqlite3",
      database: places[engine].at,
      driver: loaded.BetterSqlite3,
      entities,
    });
  };
  beforeAll(async () => {
    sources = three(make);
    for (const source of sources) await source.initialize();
  });
  afterAll(() => Promise.all(sources.map((source) => source.destroy())));

  testConformance(() => ({
    clients: [typeormStore(sources[0]), typeormStore(sources[1])],
    hostTransaction: (work) => rolledBack((body) => sources[engine === "SQLite" ? 2 : 0].transaction(body), work),
  }));
});

describe.each(engineNames)("the recipe for Prisma conforms on %s", (engine) => {
  let place: Place;
  let clients: [Awaited<ReturnType<typeof prismaClient>>, Awaited<ReturnType<typeof prismaClient>>];
  beforeAll(async () => {
    place = await placeOn(engine);
    // A model's texts are columns of text.
    if (engine === "MariaDB") await place.run(await recipe("prisma-mysql.sql"));
    clients = [await prismaClient(engine, place.at), await prismaClient(engine, place.at)];
  }, 600_000);
  afterAll(async () => {
    await Promise.all(clients.map((prisma) => prisma.$disconnect()));
    await place.drop();
  });

  testConformance(() => ({
    clients: [prismaStore(clients[0]), prismaStore(clients[1])],
    // On SQLite its adapter has one connection, and lets the store wait until the host's transaction ends.
    ...(engine !== "SQLite" && {
      hostTransaction: (work) => rolledBack((body) => clients[0].$transaction(body), work),
    }),
  }));
});

describe("the recipe for columns of the host's users conforms", () => {
  beforeAll(async () => {
    await pools[0].query("CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT)");
    await pools[0].query(await recipe("users-table.sql"));
  });

  testConformance(() => ({
    clients: [usersTableStore(pools[0]), usersTableStore(pools[1])],
    async addUser(userId) {
      const [, id] = JSON.parse(userId) as [string, string];
      await pools[0].query("INSERT INTO users (id) VALUES ($1) ON CONFLICT DO NOTHING", [id]);
    },
    async hostTransaction(work) {
      const host = await pools[0].connect();
      await host.query("BEGIN; UPDATE users SET name = 'somebody else' WHERE false");
      await work();
      await host.query("ROLLBACK");
      host.release();
    },
    async saveStaleModel(userId, work) {
      const [, id] = JSON.parse(userId) as [string, string];
      const model = (await pools[0].query("SELECT id, name FROM users WHERE id = $1", [id])).rows[0] as {
        name: string;
      };
      await work();
      await pools[0].query("UPDATE users SET name = $2 WHERE id = $1", [id, model.name]);
    },
    async updateUser(userId, body) {
      const [, id] = JSON.parse(userId) as [string, string];
      const { name } = body as { name?: string };
      await pools[0].query("UPDATE users SET name = coalesce($2, name) WHERE id = $1", [id, name]);
    },
  }));

  test("and refuses the users of another scope, and those without a row", async () => {
    const store = usersTableStore(pools[0]);
    const next = { record: "{}", revision: "1" };
    await expect(store.get('["admin","1"]')).rejects.toThrow(/scope admin/);
    await expect(store.compareAndSet('["admin","1"]', undefined, next)).rejects.toThrow(/scope admin/);
    expect(await store.compareAndSet('["user","nobody"]', undefined, next)).toBe(false);
  });
});

describe("docs/stores.md", () => {
  const files = [
    ["knex.ts", "drizzle.ts", "drizzle-sqlite.ts", "drizzle-mysql.ts", "sequelize.ts", "typeorm.ts"],
    ["prisma.ts", "schema.prisma", "prisma-mysql.sql", "users-table.ts", "users-table.sql"],
  ].flat();
  test.each(files)("shows the recipe %s as it was tried", async (file) => {
    const page = await readFile(join(root, "docs/stores.md"), "utf8");
    const language = file.split(".")[1] ?? "";
    const block = `\`\`\`${language}\n${await recipe(file)}\`\`\`\n`;
    expect(page.includes(block), `docs/stores.md has no block equal to test/stores/recipes/${file}`).toBe(true);
  });

  test.each([postgresSchema, sqliteSchema, mysqlSchema])("shows the table as the store makes it (%O)", async (made) => {
    const page = await readFile(join(root, "docs/stores.md"), "utf8");
    expect(page).toContain(`\`\`\`sql\n${made()}\`\`\`\n`);
  });
});
