import { expect, test } from "vitest";
import { generateEncryptionKey, memoryStore, twoFactor, type TwoFactorOptions } from "../../src";
import { blocks, recipe, run } from "./pages";

/** How many blocks each page has, and where they are run. */
const runIn = {
  "README.md": [1, "docs/readme.test.ts"],
  "docs/command-line.md": [2, "docs/every-recipe.test.ts"],
  "docs/front-ends.md": [3, "docs/front-ends.test.ts"],
  "docs/identity-providers.md": [5, "oidc/docs-page.test.ts"],
  "docs/other-ways-in.md": [4, "docs/other-ways-in.test.ts"],
  "docs/websockets.md": [3, "docs/websockets.test.ts"],
} as const;

test("every block of JavaScript of README and docs/ is run by a test (stores.md: test/stores/recipes.test.ts)", () => {
  const counts: Record<string, number> = {};
  for (const { page } of blocks("js", "ts")) counts[page] = (counts[page] ?? 0) + 1;
  delete counts["docs/stores.md"];
  expect(counts).toEqual(Object.fromEntries(Object.entries(runIn).map(([page, [count]]) => [page, count])));
});

test("the configuration of docs/command-line.md is one, for the app and for the command", async () => {
  const ended: string[] = [];
  const told: unknown[] = [];
  class Pool {
    end = async () => void ended.push("pool");
  }
  const stub = { Pool, postgresStore: () => memoryStore() };
  const env = { DATABASE_URL: "postgres://localhost/x" };
  const shared: { options?: TwoFactorOptions } = {};
  const mailer = { tell: (event: unknown) => void told.push(event) };
  run(recipe("docs/command-line.md", "exports.options"), {
    require: () => stub,
    process: { env },
    exports: shared,
    mailer,
  });
  const made: { exports: { findUser?: (name: string) => Promise<unknown>; close?: () => Promise<void> } } = {
    exports: {},
  };
  const users = { findOne: async ({ where }: { where: { email: string } }) => ({ id: "1", ...where }) };
  run(recipe("docs/command-line.md", "module.exports"), { require: () => shared, module: made, users });
  const tfa = twoFactor({ ...shared.options!, otpSecretEncryptionKey: generateEncryptionKey() });
  await tfa.reset("1", { reason: "new phone", by: "anna" });
  expect(told).toMatchObject([{ type: "reset", userId: "1" }]);
  expect(await made.exports.findUser!("anna@example.com")).toEqual({ id: "1", email: "anna@example.com" });
  await made.exports.close!();
  expect(ended).toEqual(["pool"]);
});
