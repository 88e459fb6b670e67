import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blocksOf, recipe } from "../docs/pages";
import { goesTo, password, signIn, startExample, walk } from "../examples/example";
import { databaseForThisTest, sql } from "../support/services";
import { installPacked, type Installed } from "./install";

const run = promisify(execFile);

let installed: Installed;
beforeAll(async () => {
  installed = await installPacked();
  await installed.add("express", "express-session", "passport", "passport-local", "pg");
}, 120_000);
afterAll(() => installed.remove());

/** The README's lines, as they are: before the line of the app that they belong before, or in its place. */
function pasted(app: string): string {
  const code = recipe("README.md", "app.use(tfa)");
  const lineWith = (start: string) => code.split("\n").find((line) => line.startsWith(start))!;
  const made = code.slice(0, code.indexOf("app.use(session("));
  return app
    .replace("app.use(session(", `${made}app.use(session(`)
    .replace('app.post("/logout", yourLogout);', lineWith('app.post("/logout", tfa.logout'))
    .replace('app.get("/", ', `${lineWith("app.use(tfa);")}\napp.get("/", `);
}

test("the README's lines, pasted into an existing app, give it a second factor for whom they name", async () => {
  const folder = installed.project;
  const app = await readFile(join(__dirname, "fixtures/existing-app.js"), "utf8");
  const guarded = pasted(app);
  expect(guarded.split("\n").length - app.split("\n").length).toBeLessThanOrEqual(12);
  await writeFile(join(folder, "app.js"), guarded);

  const commands = blocksOf("README.md", "sh").find(({ code }) => code.includes("generate-key --env >>"))!.code;
  const [install, key, schema] = commands.trim().split("\n");
  expect(install).toBe("npm install express-two-factor");
  await run("sh", ["-ec", key!], { cwd: folder });
  const { stdout: table } = await run("sh", ["-ec", schema!], { cwd: folder });
  const DATABASE_URL = await databaseForThisTest();
  await sql(DATABASE_URL, table);
  await sql(DATABASE_URL, 'CREATE TABLE users (id serial, email text, password text, "superAdmin" boolean)');
  const users = `('anna@example.com', '${password}', true), ('max@example.com', '${password}', false)`;
  await sql(DATABASE_URL, `INSERT INTO users (email, password, "superAdmin") VALUES ${users}`);

  const running = await startExample("existing-app", { folder, env: { DATABASE_URL }, flags: ["--env-file=.env"] });
  await walk(running, { email: "anna@example.com" });
  const max = running.browser();
  await signIn(max, "max@example.com");
  await max.visit("/").expect(200, "Hello max@example.com");
  await goesTo(running.browser(), "/", "/login");
});
