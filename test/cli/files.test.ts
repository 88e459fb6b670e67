import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { mysqlSchema } from "../../src/stores/mysql";
import { postgresSchema } from "../../src/stores/postgres";
import { sqliteSchema } from "../../src/stores/sqlite";
import { sql } from "../support/services";
import { postgresConfig, project } from "./project";

describe("generate-key", () => {
  const line = /^OTP_SECRET_ENCRYPTION_KEY=([A-Za-z0-9+/]{43}=)\n$/;

  test("piped, prints the key alone on stdout, a new one each time, and how to use it on stderr", async () => {
    const app = await project("", "no-config-needed.cjs");
    const [one, two] = [await app.run("generate-key"), await app.run("generate-key")];
    expect(one.stdout).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
    expect(Buffer.from(one.stdout, "base64")).toHaveLength(32);
    expect(one.stdout).not.toBe(two.stdout);
    expect(one.stderr).toContain("OTP_SECRET_ENCRYPTION_KEY=");
    expect(one.stderr).not.toContain(one.stdout.trim());
  });

  test("on a terminal, and wherever --env is said, prints the line for .env, which Node reads as it is", async () => {
    const app = await project("", "no-config-needed.cjs");
    const asked = await app.run("generate-key", "--env");
    expect(asked.stdout).toMatch(line);
    expect(asked.stderr).not.toContain(line.exec(asked.stdout)![1]);
    await writeFile(join(app.folder, "terminal.cjs"), "process.stdout.isTTY = true;");
    app.env["NODE_OPTIONS"] = `--require ${join(app.folder, "terminal.cjs")}`;
    expect((await app.run("generate-key")).stdout).toMatch(line);

    await writeFile(join(app.folder, ".env"), asked.stdout);
    const read = promisify(execFile)(
      process.execPath,
      ["--env-file=.env", "-p", "process.env.OTP_SECRET_ENCRYPTION_KEY"],
      { cwd: app.folder, env: {} },
    );
    expect((await read).stdout.trim()).toBe(line.exec(asked.stdout)![1]);
  });
});

describe("schema", () => {
  test("prints SQL that makes the table, and may run again", async () => {
    const app = await project(
      postgresConfig.replace("{ createTable: true }", '{ schema: "app", table: "second_factors" }'),
    );
    const { code, stdout, stderr } = await app.run("schema", "--table", "second_factors", "--schema", "app");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    await sql(app.env["DATABASE_URL"]!, "CREATE SCHEMA app");
    await sql(app.env["DATABASE_URL"]!, stdout);
    await sql(app.env["DATABASE_URL"]!, stdout);
    expect(await app.run("reset", "1", "--reason", "x")).toMatchObject({ code: 0, stderr: "" });
  });

  test("by default names the table of postgresStore(), and refuses what is no name", async () => {
    const app = await project("", "no-config-needed.cjs");
    expect((await app.run("schema")).stdout).toBe(postgresSchema());
    const ran = await app.run("schema", "--table", 'x"; DROP TABLE users; --');
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr.trim().split("\n")).toHaveLength(1);
  });

  test("prints the SQL of the dialect that is asked for, with its names, and SQLite has no schemas", async () => {
    const app = await project("", "no-config-needed.cjs");
    const print = async (...args: string[]) => (await app.run("schema", ...args)).stdout;
    expect(await print("--dialect", "postgres")).toBe(postgresSchema());
    expect(await print("--dialect", "sqlite", "--table", "factors")).toBe(sqliteSchema({ table: "factors" }));
    expect(await print("--dialect", "mysql", "--schema", "app")).toBe(mysqlSchema({ schema: "app" }));
    expect(await app.run("schema", "--dialect", "sqlite", "--schema", "app")).toMatchObject({ code: 1, stdout: "" });
    const unknown = await app.run("schema", "--dialect", "oracle");
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain("postgres, sqlite, mysql");
  });

  test("a table that is not there is told with the way to make it", async () => {
    const app = await project(postgresConfig.replace("{ createTable: true }", "{}"));
    const ran = await app.run("status", "1");
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("npx express-two-factor schema");
  });
});

describe("eject", () => {
  async function folder(): Promise<string> {
    const made = await mkdtemp(join(tmpdir(), "two-factor-eject-"));
    onTestFinished(() => rm(made, { recursive: true, force: true }));
    return made;
  }

  test("copies every view, which the option `views` then takes", async () => {
    const app = await project("", "no-config-needed.cjs");
    const ran = await app.run("eject", "pages");
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    const copied = await readdir(join(app.folder, "pages"), { recursive: true });
    expect(copied).toEqual(
      expect.arrayContaining(["verify.ejs", "setup.ejs", "layout.ejs", join("partials", "alert.ejs")]),
    );
    const ours = join(__dirname, "../../views");
    for (const file of copied.filter((name) => name.endsWith(".ejs"))) {
      expect(await readFile(join(app.folder, "pages", file))).toEqual(await readFile(join(ours, file)));
    }
    await writeFile(
      join(app.folder, "two-factor.config.cjs"),
      postgresConfig.replace("issuer:", 'views: __dirname + "/pages", issuer:'),
    );
    expect((await app.run("status", "1")).code).toBe(0);
  });

  test("copies all or nothing: a link that leads nowhere is in the way, and what cannot be written undoes the rest", async () => {
    const app = await project("", "no-config-needed.cjs");
    const linked = await folder();
    await symlink(join(linked, "nowhere"), join(linked, "verify.ejs"));
    expect(await app.run("eject", linked)).toMatchObject({ code: 1 });
    expect(await readdir(linked)).toEqual(["verify.ejs"]);
    const blocked = await folder();
    await mkdir(join(blocked, "verify.ejs"));
    expect(await app.run("eject", blocked, "--force")).toMatchObject({ code: 1 });
    expect(await readdir(blocked, { recursive: true })).not.toContain("layout.ejs");
  });

  test("overwrites nothing without --force, and then copies nothing at all", async () => {
    const app = await project("", "no-config-needed.cjs");
    const target = await folder();
    await writeFile(join(target, "verify.ejs"), "mine");
    const ran = await app.run("eject", target);
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain("verify.ejs");
    expect(await readdir(target)).toEqual(["verify.ejs"]);
    expect(await readFile(join(target, "verify.ejs"), "utf8")).toBe("mine");
    expect((await app.run("eject", target, "--force")).code).toBe(0);
    expect(await readFile(join(target, "verify.ejs"), "utf8")).not.toBe("mine");
  });
});
