import createKnex, { type Knex } from "knex";
import { afterEach, beforeEach, expect, test } from "vitest";
import { conformance, type MakeStore } from "../../src/stores/conformance";
import type { TwoFactorStore } from "../../src/stores/store";
import { freshMariadb, mariadbSql } from "../support/services";
import { knexStore } from "./recipes/knex";

/** The flaws that hosts really write, or have without writing them, on a real engine. */
let database: Awaited<ReturnType<typeof freshMariadb>>;
let instances: [Knex, Knex];
beforeEach(async () => {
  database = await freshMariadb();
  instances = [1, 2].map(() =>
    createKnex({ client: "mysql2", connection: database.url, log: { warn() {} } }),
  ) as typeof instances;
});
afterEach(async () => {
  await Promise.all(instances.map((knex) => knex.destroy()));
  await database.drop();
});

const tableOf = (text: string) => `CREATE TABLE two_factor_records (
  user_id VARCHAR(700) ${text} PRIMARY KEY, record LONGTEXT ${text} NOT NULL, revision VARCHAR(255) ${text} NOT NULL)`;

async function failures(make: MakeStore): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of conformance) await run(make, { skip() {} }).catch(() => failed.push(name));
  return failed;
}

test("`onConflict().ignore().returning()`, which tells every writer that it won, is caught", async () => {
  await mariadbSql(database.url, tableOf("CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"));
  const asBefore = (knex: Knex): TwoFactorStore => ({
    ...knexStore(knex),
    async compareAndSet(userId, expected, { record, revision }) {
      if (expected !== undefined) return knexStore(knex).compareAndSet(userId, expected, { record, revision });
      const insert = knex("two_factor_records").insert({ user_id: userId, record, revision });
      return (await insert.onConflict("user_id").ignore().returning("revision")).length === 1;
    },
  });
  const failed = await failures(() => ({ clients: [asBefore(instances[0]), asBefore(instances[1])] }));
  expect(failed).toContain("of many first writes at once, exactly one wins");
});

test.each([
  ["folds case and accents", "utf8mb4_general_ci", "revisions that differ in case only are two"],
  ["ignores spaces at the end", "utf8mb4_bin", "two ids are one user only if they are equal"],
])("a collation that %s (%s) is caught", async (_, collation, promise) => {
  await mariadbSql(database.url, tableOf(`CHARACTER SET utf8mb4 COLLATE ${collation}`));
  const failed = await failures(() => ({ clients: [knexStore(instances[0]), knexStore(instances[1])] }));
  expect(failed).toContain(promise);
  expect(failed).toContain("two ids are one user only if they are equal");
});
