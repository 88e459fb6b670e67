/** What runs the code blocks of a page: a test, which takes them from the page, or nothing, for a reason. */
export interface RanBy {
  page: string;
  /** What the one block has in it; `undefined`: all of its page that no other row is about. */
  text?: string;
  /** The test's file. It names the page, and the block by `named`, else by `text`. */
  by?: string;
  named?: string;
  /** Why no test can run it. */
  because?: string;
}

/** @param blocks text and, where the test calls it otherwise, its name there */
const ranBy = (by: string, page: string, ...blocks: (string | [text: string, named: string])[]): RanBy[] =>
  blocks.map((block) =>
    typeof block === "string" ? { page, by, text: block } : { page, by, text: block[0], named: block[1] },
  );

const notRun = (page: string, because: string, ...texts: string[]): RanBy[] =>
  texts.map((text) => ({ page, text, because }));

const recipes = ranBy(
  "test/stores/recipes.test.ts",
  "docs/stores.md",
  ["knexStore(", "knex.ts"],
  ["drizzle-orm/pg-core", "drizzle.ts"],
  ["drizzle-orm/sqlite-core", "drizzle-sqlite.ts"],
  ["drizzle-orm/mysql-core", "drizzle-mysql.ts"],
  ["typeormStore(", "typeorm.ts"],
  ["sequelizeStore(", "sequelize.ts"],
  ["model TwoFactorRecord", "schema.prisma"],
  ["prismaStore(", "prisma.ts"],
  ["-- MariaDB. On MySQL 8", "prisma-mysql.sql"],
  ["ALTER TABLE users", "users-table.sql"],
  ["usersTableStore(", "users-table.ts"],
);

export const ranByWhat: readonly RanBy[] = [
  ...ranBy("test/packed/existing-app.test.ts", "README.md", "generate-key --env >>"),
  ...ranBy("test/packed/existing-app.test.ts", "README.md", "app.use(tfa)"),
  ...ranBy("test/packed/empty-folder.test.ts", "README.md", "npm init -y"),
  ...ranBy("test/docs/security-keys.test.ts", "README.md", "securityKeys({"),
  ...notRun(
    "README.md",
    "This repository's own commands: they install it, start the example app (test/example-app) and run the tests.",
    "REMEMBER_BROWSER=ask npm start",
  ),
  ...notRun("CONTRIBUTING.md", "This repository's own commands: they install it and run the tests.", "npm ci"),

  { page: "docs/api.md", by: "test/docs/api.test.ts" },
  { page: "docs/views.md", by: "test/docs/api.test.ts" },
  ...ranBy(
    "test/docs/command-line.test.ts",
    "docs/coming-from-elsewhere.md",
    ["--csv users.csv --dry-run", "fromFile!.code"],
    ["2 not read.", "rows read"],
    ["--gem --table users", "fromGem!.code"],
  ),
  ...ranBy("test/docs/command-line.test.ts", "docs/command-line.md", "// two-factor.options.js"),
  ...ranBy("test/docs/command-line.test.ts", "docs/command-line.md", "// two-factor.config.js"),
  ...ranBy(
    "test/docs/customising.test.ts",
    "docs/customising.md",
    ["--tf-accent", 'blocksOf(page, "css")'],
    "const words",
    ["npx express-two-factor eject", 'blocksOf(page, "sh")'],
    'views: "views/two-factor"',
    "script: true",
    "locked: ({ heading })",
    "auditLog.write",
  ),
  ...ranBy("test/journeys/own-layout.test.ts", "docs/customising.md", "renderPage:"),
  ...ranBy("test/docs/factors.test.ts", "docs/factors.md", "tfa.addFactor(", "of factorConformance"),
  ...ranBy(
    "test/docs/front-ends.test.ts",
    "docs/front-ends.md",
    "tfa.pending",
    "import { twoFactorClient }",
    "wordsFor",
    "newRecoveryCodes",
  ),
  ...ranBy("test/docs/without-sessions.test.ts", "docs/front-ends.md", "endLogin:", "keychain", '"machine"'),
  ...ranBy("test/journeys/another-origin.test.ts", "docs/front-ends.md", 'require("cors")', "// sends cookies along"),
  ...ranBy("test/hosts/nest.test.ts", "docs/hosts.md", "NestFactory.create", 'forRoutes("{*all}")'),
  ...ranBy("test/hosts/fastify.test.ts", "docs/hosts.md", "app.register("),
  ...ranBy("test/hosts/partial-loads.test.ts", "docs/hosts.md", ["hx-boost", 'blocksOf("docs/hosts.md", "html")']),
  ...ranBy("test/hosts/middlewares.test.ts", "docs/hosts.md", "withCsurf"),
  ...ranBy("test/hosts/logins.test.ts", "docs/hosts.md", 'app.all("/panel/logout"'),
  {
    page: "docs/identity-providers.md",
    by: "test/oidc/docs-page.test.ts",
    named: 'blocksOf("docs/identity-providers.md", "js")',
  },
  ...ranBy("test/docs/notices.test.ts", "docs/notices.md", "transport.sendMail", "italian"),
  ...ranBy(
    "test/docs/other-ways-in.test.ts",
    "docs/other-ways-in.md",
    "tfa.watch",
    "byToken",
    "/feeds",
    "provider.callback",
  ),
  {
    page: "docs/performance.md",
    because: "Measurements of minutes and hours; test/bench/bench.test.ts runs them short.",
  },
  ...ranBy("test/docs/recovery.test.ts", "docs/recovery.md", "tellRecoveries()"),
  {
    page: "docs/reliability.md",
    because: "Runs of minutes and hours, and what they said on the day that stands beside it.",
  },
  ...ranBy("test/docs/security-keys.test.ts", "docs/security-keys.md", "import { securityKeys }", "client.verifyKey", [
    "npm install @simplewebauthn",
    "npm install",
  ]),
  ...ranBy(
    "test/docs/stores.test.ts",
    "docs/stores.md",
    "postgresStore(pool)",
    ['CREATE TABLE IF NOT EXISTS "two_factor_records" (\n  user_id TEXT COLLATE "C"', 'COLLATE "C"'],
    "mysqlStore(",
    "ENGINE = InnoDB",
    'from "better-sqlite3"',
    "COLLATE BINARY",
    "redisStore(client)",
    "interface TwoFactorStore",
    "of conformance",
  ),
  ...recipes,
  ...notRun("docs/stores.md", "No MongoDB can be had where the tests run; the page says so at the recipe.", "mongoose"),
  ...ranBy("test/docs/websockets.test.ts", "docs/websockets.md", "const endsSockets", "tfa.upgrade(", "stillMay"),
];
