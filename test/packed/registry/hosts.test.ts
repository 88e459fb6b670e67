import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { complaints, dialects, wholeHost } from "../compile";
import { commonjs, Project } from "./project";

const older = { express: "4.16.0", "@types/express": "4.17.25", "@types/node": "^20.0.0" };

describe("Express 4.16", () => {
  let project: Project;
  beforeAll(async () => {
    project = await Project.create(older);
    await project.install();
  });
  afterAll(() => project.remove());

  test("is guarded", async () => {
    expect(await project.must("npm", "ls", "express")).toContain("express@4.16.0");
    expect(await project.must("node", "host.cjs")).toBe("guarded");
  });

  test("with the types of Express 4 compiles", async () => {
    const text = `
      import express = require("express");
      import { twoFactor } from "express-two-factor";
      import { memoryStore } from "express-two-factor/stores/memory";
      interface Member { id: string; superAdmin: boolean }
      declare global { namespace Express { interface Request { user?: Member } } }
      express().use(twoFactor({ store: memoryStore(), needTwoFactorAuthentication: (user) => user.superAdmin }));`;
    const dialect = dialects.find(({ name }) => name === "TypeScript 5.9, node16")!;
    expect(await complaints(project.folder, text, dialect)).toBe("");
  });
});

describe("an app is guarded under", () => {
  let project: Project;
  beforeAll(async () => {
    project = await Project.create();
    await project.install();
  });
  afterAll(() => project.remove());

  test.each(["20.19.0", "22", "24", "26"])("Node %s", async (version) => {
    const tool = `node@${version}`;
    expect(await project.tool(tool, "node", "--version")).toMatch(new RegExp(`^v${version}\\.?`));
    expect(await project.tool(tool, "node", "host.cjs")).toBe("guarded");
    expect(await project.tool(tool, "node", "host.mjs")).toBe("guarded");
  });
});

describe("an app with security keys is guarded, with the same algorithms, under", () => {
  let project: Project;
  beforeAll(async () => {
    project = await Project.create({ "@simplewebauthn/server": "^14.0.0" });
    await project.install();
    await project.withSoftKey();
  });
  afterAll(() => project.remove());

  test.each(["20.19.0", "22", "24", "26"])("Node %s", async (version) => {
    const told = await project.tool(`node@${version}`, "node", "key-journey.cjs");
    // Added, asked, a false origin, in.
    // Node 20 says of itself that Ed25519 is an experiment in Web Crypto.
    expect(told.split("\n")[0]).toBe("-8,-7,-257 201 403 422 200 200");
  });

  test("without the library it says at once what to install", async () => {
    const bare = await Project.create();
    await bare.install();
    await bare.withSoftKey();
    const { code, text } = await bare.run("node", "key-journey.cjs");
    expect(code).toBe(1);
    expect(text).toContain("npm install @simplewebauthn/server@14");
    await bare.remove();
  });
});

describe("a strict TypeScript host compiles against what npm installs, declarations of all packages checked, under", () => {
  let project: Project;
  beforeAll(async () => {
    project = await Project.create({ "@types/express": "^5.0.0", "@types/node": "^20.0.0" });
    await project.install();
  });
  afterAll(() => project.remove());

  test.each(dialects)("$name", async (dialect) => {
    expect(await complaints(project.folder, wholeHost, dialect)).toBe("");
  });
});

describe("the stores take what the drivers' own types call a database, or a pool, and no connection, under", () => {
  let project: Project;
  beforeAll(async () => {
    const types = { "@types/express": "^5.0.0", "@types/node": "^24.0.0", "@types/better-sqlite3": "^7.6.13" };
    project = await Project.create({ ...types, mysql2: "^3.0.0" });
    await project.install();
  });
  afterAll(() => project.remove());

  test.each(dialects.filter(({ resolution }) => resolution === "node16" || resolution === "nodenext"))(
    "$name",
    async (dialect) => {
      const text = `
      import Database = require("better-sqlite3");
      import type { DatabaseSync } from "node:sqlite";
      import type { Connection, Pool } from "mysql2";
      import type { Pool as PromisePool, PoolConnection } from "mysql2/promise";
      import { mysqlStore } from "express-two-factor/stores/mysql";
      import { sqliteStore } from "express-two-factor/stores/sqlite";
      declare const drivers: [Database.Database, DatabaseSync, Pool, PromisePool];
      const [betterSqlite, nodeSqlite, pool, promised] = drivers;
      export const stores = [sqliteStore(betterSqlite), sqliteStore(nodeSqlite), mysqlStore(pool), mysqlStore(promised)];
      declare const connection: Connection;
      declare const taken: PoolConnection;
      // @ts-expect-error a connection is no pool
      mysqlStore(connection);
      // @ts-expect-error nor is one of the pool's
      mysqlStore(taken);
      // @ts-expect-error a path is no database
      sqliteStore("app.db");`;
      expect(await complaints(project.folder, text, dialect, { skipLibCheck: true })).toBe("");
    },
  );
});

describe("a host's tests run with", () => {
  const inTest = (imported: string) => `${imported}${commonjs}
    test("is guarded", async () => {
      const told = await journey(parts);
      if (told !== guarded) throw new Error(told);
    });`;

  test("node --test", async () => {
    const project = await Project.create();
    await project.install();
    await project.write("app.test.cjs", inTest(`const { test } = require("node:test");`));
    expect(await project.must("node", "--test", "--test-reporter=tap")).toMatch(/^# pass 1$/m);
    await project.remove();
  });

  test.each(["29", "30"])("Jest %s", async (version) => {
    const project = await Project.create({ jest: `^${version}.0.0` });
    await project.install();
    await project.write("app.test.js", inTest(""));
    expect(await project.must("npx", "--no-install", "jest")).toMatch(/^Tests: +1 passed, 1 total$/m);
    await project.remove();
  });
});
