import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { postgresConfig, project } from "./project";

/** Any store will do: two methods over a file. */
const fileStore = `
import { existsSync, readFileSync, writeFileSync } from "node:fs";
const file = new URL("records.json", import.meta.url);
const read = () => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {});
export const store = {
  async get(id) { return read()[id]; },
  async compareAndSet(id, expected, next) {
    const records = read();
    if (records[id]?.revision !== expected) return false;
    writeFileSync(file, JSON.stringify({ ...records, [id]: next }));
    return true;
  },
};
`;

const reset = ["reset", "7", "--reason", "new phone"] as const;

describe("where the options come from", () => {
  test.each([
    ["module.exports with options at the top", "two-factor.config.cjs", postgresConfig],
    ["two-factor.config.js, CommonJS", "two-factor.config.js", postgresConfig],
    [
      "options beside findUser and close",
      "two-factor.config.cjs",
      postgresConfig.replace("issuer:", "options: { issuer:").replace("  findUser", "  }, findUser"),
    ],
    [
      "a function that makes them",
      "two-factor.config.cjs",
      postgresConfig.replace("module.exports = {", "module.exports = async () => ({").replace(/\};\s*$/, "});"),
    ],
    [
      "TypeScript compiled to CommonJS",
      "two-factor.config.cjs",
      postgresConfig.replace(
        "module.exports =",
        'Object.defineProperty(exports, "__esModule", { value: true }); exports.default =',
      ),
    ],
  ])("%s", async (_what, file, config) => {
    const app = await project(config, file);
    const ran = await app.run("reset", "anna@example.com", "--reason", "new phone");
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toContain("(id 1)");
    expect(await app.mails()).toHaveLength(1);
  });

  test("an ES module, any store, a named findUser, and a user id behind a function", async () => {
    const config = `${fileStore}
      export default { issuer: "Test", store, secondFactorResourceId: (user) => user.key };
      export const findUser = async (given) => ({ key: "k-" + given });`;
    const app = await project(config, "two-factor.config.mjs");
    expect(await app.run(...reset)).toMatchObject({ code: 0, stderr: "" });
    const { stdout } = await app.run("status", "7", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ userId: "k-7", activity: [{ type: "reset" }] });
  });

  test("findUser may give the id alone", async () => {
    const config = `${fileStore} export default { issuer: "Test", store, findUser: () => 12 };`;
    const app = await project(config, "two-factor.config.mjs");
    expect((await app.run(...reset)).stdout).toContain("user 7 (id 12)");
  });

  test("--config names another file, before or after the command", async () => {
    const app = await project(postgresConfig, "other.cjs");
    expect((await app.run("--config", "other.cjs", "status", "1")).code).toBe(0);
    expect((await app.run("status", "1", "-c", join(app.folder, "other.cjs"))).code).toBe(0);
  });
});

describe("the end", () => {
  test("comes even where something that nobody closes would keep the process for ever", async () => {
    const open = postgresConfig.replace(/ {2}close:.*\n/, "") + "setInterval(() => {}, 1000);";
    expect(await (await project(open)).run("reset", "1", "--reason", "new phone")).toMatchObject({
      code: 0,
      stderr: "",
    });
  });

  test("comes even where close() fails or hangs, with a warning", async () => {
    const closing = (how: string) => project(postgresConfig.replace(/close:.*\n/, `close: ${how},\n`));
    const failing = await closing('() => { throw new Error("cannot"); }');
    const failed = await failing.run("reset", "1", "--reason", "new phone");
    expect(failed).toMatchObject({ code: 0, stderr: "Warning: close() failed. cannot\n" });
    const hanging = await closing("() => new Promise(() => {})");
    const hung = await hanging.run("reset", "1", "--reason", "new phone");
    expect(hung).toMatchObject({ code: 0, stderr: "Warning: close() did not answer within 5 s.\n" });
  });
});

describe("what is wrong with it is said in words, without a stack", () => {
  const failing = async (config: string, file = "two-factor.config.cjs") => {
    const app = await project(config, file);
    const { code, stdout, stderr } = await app.run("status", "1");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).not.toMatch(/\n\s+at /);
    return stderr;
  };

  test("no configuration", async () => {
    expect(await failing("", "unrelated.cjs")).toContain("There is no two-factor.config.js, .mjs or .cjs in ");
  });

  test("a file that --config names and that is not there", async () => {
    const app = await project(postgresConfig);
    const ran = await app.run("status", "1", "--config", "nowhere.js");
    expect(ran).toMatchObject({
      code: 1,
      stderr: `express-two-factor: There is no ${join(app.folder, "nowhere.js")}.\n`,
    });
  });

  test("one that does not load", async () => {
    expect(await failing("module.exports = {")).toMatch(
      /^express-two-factor: two-factor\.config\.cjs cannot be loaded: Unexp/,
    );
    expect(await failing('throw new Error("DATABASE_URL is missing");')).toContain("DATABASE_URL is missing");
  });

  test("one that exports something else", async () => {
    expect(await failing("module.exports = 5;")).toContain("must export an object");
    expect(await failing("module.exports = { options: 5 };")).toContain("`options` of the configuration");
    expect(await failing('module.exports = { issuer: "x", store: {}, findUser: "me" };')).toContain("`findUser`");
    const made = `const { twoFactor, memoryStore } = require("express-two-factor");
      module.exports = twoFactor({ issuer: "Test", store: memoryStore() });`;
    expect(await failing(made)).toContain("let it export the options instead");
  });

  test("one whose store is in the app's memory, which no command reaches", async () => {
    const code = (options = "") => `const { memoryStore } = require("express-two-factor");
      module.exports = { issuer: "Test", store: { ...memoryStore(${options}) } };`;
    for (const config of [code(), code("{ production: true }")]) {
      const said = await failing(config);
      expect(said).toContain("memoryStore()");
      expect(said).toContain("Nothing was changed");
    }
  });

  test("wrong options are listed, each with its fix, as they are for the app", async () => {
    const said = await failing('module.exports = { isuer: "x", onEvent: 5 };');
    expect(said).toContain("Did you mean `issuer`?");
    expect(said).toContain("`store` is missing");
    expect(said).toContain("`onEvent`");
  });

  test("an error that the app's client throws from the side", async () => {
    const config = `setTimeout(() => { throw new Error("connection lost"); }, 50);
      module.exports = { issuer: "Test", store: { get: () => new Promise(() => {}), compareAndSet: async () => true } };`;
    expect(await failing(config)).toBe("express-two-factor: connection lost\n");
  });
});

test("an unknown command and a missing argument are told, with a hint", async () => {
  const app = await project(postgresConfig);
  const mistyped = await app.run("rest", "1");
  expect(mistyped.code).toBe(1);
  expect(mistyped.stderr).toContain("Did you mean reset?");
  expect((await app.run("status")).stderr).toContain("missing required argument 'user'");
  await writeFile(join(app.folder, "two-factor.config.cjs"), "throw new Error('not needed');");
  expect((await app.run("--help")).stdout).toContain("reencrypt");
  expect((await app.run("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
