import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createNamespace } from "cls-hooked";
import { drizzle } from "drizzle-orm/node-postgres";
import { getTableConfig } from "drizzle-orm/pg-core";
import createKnex from "knex";
import type { Pool } from "pg";
import { Sequelize } from "sequelize";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysqlSchema } from "../../src/stores/mysql";
import { postgresSchema } from "../../src/stores/postgres";
import { sqliteSchema } from "../../src/stores/sqlite";
import { freshDatabase, sql } from "../support/services";
import { endPool, newPool } from "./pools";
import { drizzleStore, records } from "./recipes/drizzle";
import { knexStore } from "./recipes/knex";
import { prismaStore } from "./recipes/prisma";
import { prismaClient } from "./recipes/prisma-client";
import { sequelizeStore } from "./recipes/sequelize";
import { usersTableStore } from "./recipes/users-table";
import { testConformance } from "./run-conformance";

const root = join(__dirname, "../..");
const recipe = (name: string) => readFile(join(__dirname, "recipes", name), "utf8");
/** How a host's transaction ends here: it throws, and its library rolls back. */
const rollBack = new Error("roll back");
const expectRollBack = (error: unknown): void => expect(error).toBe(rollBack);

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pools: [Pool, Pool];
beforeAll(async () => {
  database = await freshDatabase();
  await sql(database.url, postgresSchema());
  pools = [newPool({ connectionString: database.url }), newPool({ connectionString: database.url })];
});
afterAll(async () => {
  await Promise.all(pools.map(endPool));
  await database.drop();
});

describe("the recipe for Knex conforms", () => {
  const make = () => createKnex({ client: "pg", connection: database.url });
  let instances: [ReturnType<typeof make>, ReturnType<typeof make>];
  beforeAll(() => {
    instances = [make(), make()];
  });
  afterAll(() => Promise.all(instances.map((knex) => knex.destroy())));

  testConformance(() => ({
    clients: [knexStore(instances[0]), knexStore(instances[1])],
    hostTransaction: (work) =>
      instances[0]
        .transaction(async () => {
          await work();
          throw rollBack;
        })
        .catch(expectRollBack),
  }));
});

describe("the recipe for Drizzle conforms", () => {
  testConformance(() => {
    const db = drizzle(pools[0]);
    return {
      clients: [drizzleStore(db), drizzleStore(drizzle(pools[1]))],
      hostTransaction: (work) =>
        db
          .transaction(async () => {
            await work();
            throw rollBack;
          })
          .catch(expectRollBack),
    };
  });

  test("and describes the table that the store makes", () => {
    const { name, columns } = getTableConfig(records);
    expect([name, ...columns.map((column) => column.name)]).toEqual([
      "two_factor_records",
      "user_id",
      "record",
      "revision",
    ]);
  });
});

describe("the recipe for Sequelize conforms, with transactions by CLS", () => {
  let instances: [Sequelize, Sequelize];
  beforeAll(() => {
    Sequelize.useCLS(createNamespace("host"));
    instances = [new Sequelize(database.url, { logging: false }), new Sequelize(database.url, { logging: false })];
  });
  afterAll(() => Promise.all(instances.map((sequelize) => sequelize.close())));

  testConformance(() => ({
    clients: [sequelizeStore(instances[0]), sequelizeStore(instances[1])],
    hostTransaction: (work) =>
      instances[0]
        .transaction(async () => {
          await work();
          throw rollBack;
        })
        .catch(expectRollBack),
  }));

  test("and CLS does roll back what does not say `transaction: null`", async () => {
    const [sequelize] = instances;
    await sequelize
      .transaction(async () => {
        await sequelize.query("INSERT INTO two_factor_records VALUES ('within', '{}', '1')");
        throw rollBack;
      })
      .catch(expectRollBack);
    expect((await pools[0].query("SELECT 1 FROM two_factor_records WHERE user_id = 'within'")).rows).toEqual([]);
  });
});

describe("the recipe for Prisma conforms", () => {
  let clients: [Awaited<ReturnType<typeof prismaClient>>, Awaited<ReturnType<typeof prismaClient>>];
  beforeAll(async () => {
    clients = [await prismaClient(database.url), await prismaClient(database.url)];
  }, 300_000);
  afterAll(() => Promise.all(clients.map((prisma) => prisma.$disconnect())));

  testConformance(() => ({
    clients: [prismaStore(clients[0]), prismaStore(clients[1])],
    hostTransaction: (work) =>
      clients[0]
        .$transaction(async () => {
          await work();
          throw rollBack;
        })
        .catch(expectRollBack),
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
    ["knex.ts", "drizzle.ts", "sequelize.ts"],
    ["prisma.ts", "schema.prisma", "users-table.ts", "users-table.sql"],
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
