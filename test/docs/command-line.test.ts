import { execFile } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { project, type Project } from "../cli/project";
import { databaseForThisTest, sql } from "../support/services";
import { blocksOf, recipe } from "./pages";

const page = "docs/command-line.md";
const run = promisify(execFile);

/** A folder with the page's two files, as they are; what they take from the reader's app is put before them. */
async function startProject(): Promise<Project> {
  const people = '[{ id: 1, email: "anna@example.com" }]';
  const users = `const users = { findOne: async ({ where }) => ${people}.find((one) => one.email === where.email) };\n`;
  const mailer = `const mailer = { tell: (event) => require("node:fs").appendFileSync(__dirname + "/mails", JSON.stringify(event) + "\\n") };\n`;
  const app = await project(users + recipe(page, "// two-factor.config.js"), "two-factor.config.js");
  await writeFile(join(app.folder, "two-factor.options.js"), mailer + recipe(page, "// two-factor.options.js"));
  return app;
}

test("the configuration of docs/command-line.md finds people by mail address, tells the app's mailer, and ends", async () => {
  const app = await startProject();
  await app.enrol("1");
  const status = await app.run("status", "anna@example.com", "--json");
  expect(JSON.parse(status.stdout)).toMatchObject({ userId: "1", enabled: true });
  expect(await app.run("reset", "anna@example.com", "--reason", "new phone")).toMatchObject({ code: 0, stderr: "" });
  expect((await app.mails()).map(({ type }) => type)).toEqual(["reset"]);
  expect(await app.run("reset", "nobody@example.com", "--reason", "new phone")).toMatchObject({ code: 1 });
});

/** Runs a block of a page for a shell, with our command where npm would put it. */
async function inShell(app: Project, code: string, env: Record<string, string> = {}) {
  const bin = join(app.folder, "bin");
  await mkdir(bin, { recursive: true });
  const main = join(__dirname, "../../dist/cli/index.js");
  await writeFile(join(bin, "npx"), `#!/bin/sh\nshift\nexec "${process.execPath}" "${main}" "$@"\n`);
  await chmod(join(bin, "npx"), 0o755);
  const PATH = `${bin}:${process.env["PATH"]}`;
  return run("sh", ["-ec", code], { cwd: app.folder, env: { ...app.env, ...env, PATH } });
}

const elsewhere = "docs/coming-from-elsewhere.md";
const [fromFile, fromGem] = blocksOf(elsewhere, "sh");

test("the commands of docs/coming-from-elsewhere.md read a file first, then take it over, and say it in its words", async () => {
  const app = await startProject();
  await writeFile(
    join(app.folder, "users.csv"),
    "id,secret\n1,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n2,\n3,JBSWY3DPEHPK3PXP\n",
  );
  await sql(app.env["DATABASE_URL"]!, (await app.run("schema")).stdout);
  const { stdout } = await inShell(app, fromFile!.code);
  const [trial, done] = stdout.trim().split("\n") as [string, string];
  expect(trial).toContain("would be imported");
  const shown = blocksOf(elsewhere, "")
    .find(({ code }) => code.includes("rows read"))!
    .code.split("\n")[0]!;
  const anyCount = (line: string) => line.replaceAll(/\d+/g, "N");
  expect(anyCount(done)).toBe(anyCount(shown));
  expect((await app.store.get('["user","1"]'))?.record).toContain("totp");
});

test("the gem's commands look at a table of the gem's, and write nothing", async () => {
  const app = await startProject();
  const url = await databaseForThisTest();
  await sql(
    url,
    `CREATE TABLE users (id int, encrypted_otp_secret_key text, encrypted_otp_secret_key_iv text, encrypted_otp_secret_key_salt text);
     INSERT INTO users VALUES (1, NULL, NULL, NULL)`,
  );
  // Only what a reader fills in is filled in.
  const code = fromGem!.code.replace("='…'", "='a key of thirty-two characters....'").replace("postgres://…", url);
  expect(code).not.toContain("…");
  const { stdout } = await inShell(app, code);
  expect(stdout).toMatch(/^1 rows read, 0 would be imported.* 1 without a second factor, 0 not read\.$/m);
});
