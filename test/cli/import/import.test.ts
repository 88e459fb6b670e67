import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startHost } from "../../support/host";
import { databaseForThisTest, oathtoolCode, sql } from "../../support/services";
import { opensWith, postgresConfig, project, type Project } from "../project";

const short = "JBSWY3DPEHPK3PXP";
const long = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

async function projectWith(csv: string): Promise<Project> {
  const app = await project(postgresConfig);
  await writeFile(join(app.folder, "users.csv"), csv);
  return app;
}

/** The app itself, on what was imported. */
const hostOf = (app: Project) =>
  startHost({
    options: { store: app.store, otpSecretEncryptionKey: app.env["OTP_SECRET_ENCRYPTION_KEY"]!, revalidateSeconds: 0 },
  });

describe("import", () => {
  test("takes over who has a secret, and their codes go on, of short keys too; those are asked to replace it", async () => {
    const app = await projectWith(`id,secret\n1,${long}\n2,${short.toLowerCase()}\n3,\n`);
    const ran = await app.run("import", "--csv", "users.csv");
    expect(ran).toMatchObject({
      code: 0,
      stdout:
        "3 rows read, 2 imported, 1 of them with a short key, whose owners are asked to replace it, 0 enrolled already and left as they are, 1 without a second factor, 0 not read.\n",
    });
    const host = hostOf(app);
    for (const [id, secret] of [
      ["1", long],
      ["2", short],
    ] as const) {
      const browser = host.browser();
      await browser.login({ id, email: "one@example.com" });
      await browser.get("/admin").expect(403);
      await browser.post("/two-factor/verify", { code: await oathtoolCode(secret) }).expect(200);
      await browser.get("/admin").expect(200);
      const { body } = await browser.get("/two-factor").expect(200);
      expect(body).toMatchObject({ enabled: true, recoveryCodesRemaining: 0 });
      expect((body as { replaceAdvised?: true }).replaceAdvised).toBe(id === "2" ? true : undefined);
      const page = await browser.get("/two-factor").set("Accept", "text/html").expect(200);
      expect(page.text.includes("shorter than those we make today")).toBe(id === "2");
    }
    expect((await app.run("status", "2")).stdout).toMatch(/Its key +short/);
  });

  test("with --dry-run tells the same and writes nothing", async () => {
    const app = await projectWith(`id,secret\n1,${long}\n2,${short}\n`);
    const ran = await app.run("import", "--csv", "users.csv", "--dry-run");
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^2 rows read, 2 would be imported, 1 of them with a short key/);
    expect(await app.store.get('["user","1"]')).toBeUndefined();
  });

  test("never touches who is enrolled, and may be run again", async () => {
    const app = await projectWith(`id,secret\n1,${long}\n2,${long}\n`);
    const key = await app.enrol("1");
    const before = await app.store.get(key);
    expect((await app.run("import", "--csv", "users.csv")).stdout).toMatch(/1 imported, 1 enrolled already and left/);
    expect(await app.store.get(key)).toEqual(before);
    const second = await app.store.get('["user","2"]');
    expect((await app.run("import", "--csv", "users.csv")).stdout).toMatch(/0 imported, 2 enrolled already and left/);
    expect(await app.store.get('["user","2"]')).toEqual(second);
    expect(await opensWith(app.store, key, app.env["OTP_SECRET_ENCRYPTION_KEY"]!)).toBe(true);
  });

  test("names whom a reset or their own turning off has ended since, and leaves them as they are; a dry run says the same", async () => {
    const app = await projectWith(`id,secret\n1,${long}\n2,${long}\n3,${long}\n`);
    await app.run("import", "--csv", "users.csv");
    await app.run("reset", "1", "--reason", "phone stolen", "--by", "the help desk");
    const before = await app.store.get('["user","1"]');
    for (const options of [["--dry-run"], []]) {
      const ran = await app.run("import", "--csv", "users.csv", ...options);
      expect(ran.code).toBe(0);
      expect(ran.stdout).toMatch(
        /^3 rows read, 0 (would be )?imported, 2 enrolled already and left as they are, 1 skipped: reset or turned off since, /,
      );
      expect(ran.stderr).toMatch(
        /These were reset, turned off or proven .* here since, and stay as they are:\n {2}1$/m,
      );
      expect(await app.store.get('["user","1"]')).toEqual(before);
    }
  });

  test("lists who could not be read and why, and shows no secret to anybody", async () => {
    const rows = [`1,${long}`, "2,not base32: 0189", "3,JBSWY3DP", `1,${short}`, `${"x".repeat(256)},${long}`];
    const app = await projectWith(`id,secret\n${rows.join("\n")}\n`);
    const ran = await app.run("import", "--csv", "users.csv");
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/5 rows read, 1 imported, .* 4 not read\./);
    expect(ran.stderr).toMatch(/^ {2}2: its secret is no base32$/m);
    expect(ran.stderr).toMatch(/^ {2}3: its secret has 40 bits/m);
    expect(ran.stderr).toMatch(/^ {2}1: its id is there more than once; the first row was taken$/m);
    expect(ran.stderr).toMatch(/^ {2}x+: .*at most 255 characters/m);
    const mails = await readFile(join(app.folder, "mails"), "utf8").catch(() => "");
    const said = ran.stdout + ran.stderr + mails + ((await app.store.get('["user","1"]'))?.record ?? "");
    for (const secret of [long, short, "0189", "JBSWY3DP"]) expect(said).not.toContain(secret);
  });

  test("of a damaged file, a missing column or no source writes nothing", async () => {
    const app = await projectWith(`id,secret\n1,${long}\n2,"cut off\n`);
    const damaged = await app.run("import", "--csv", "users.csv");
    expect(damaged).toMatchObject({ code: 1, stdout: "" });
    expect(damaged.stderr).toMatch(/ends within a quoted field/);
    await writeFile(join(app.folder, "users.csv"), `id,otp\n1,${long}\n`);
    expect((await app.run("import", "--csv", "users.csv")).stderr).toMatch(/no column secret; there are id, otp/);
    expect((await app.run("import")).stderr).toMatch(/--csv <file>, or --table <name>/);
    expect((await app.run("import", "--table", "users")).stderr).toMatch(/IMPORT_DATABASE_URL must hold/);
    expect((await app.run("import", "--csv", "users.csv", "--gem")).stderr).toMatch(
      /GEM_OTP_SECRET_ENCRYPTION_KEY must/,
    );
    expect(await app.store.get('["user","1"]')).toBeUndefined();
  });

  test("reads the gem's columns from PostgreSQL, of those who have confirmed", async () => {
    const app = await project(postgresConfig);
    const url = await databaseForThisTest();
    // As OpenSSL made them: reading.test.ts.
    const encrypted = "ug9bHfNdH0dJV/Z+y8ADsO1W2yXgk6rmUZ8ybzIHbCdNrfPCWQoP8i56vqxzLs1Q";
    await sql(
      url,
      `CREATE TABLE users (id INT, encrypted_otp_secret_key TEXT, encrypted_otp_secret_key_iv TEXT,
         encrypted_otp_secret_key_salt TEXT, confirmed BOOLEAN);
       INSERT INTO users SELECT n, '${encrypted}', '8PHy8/T19vf4+fr7/P3+/w==', '_AAECAwQFBgcICQoLDA0ODw==', n < 3
         FROM generate_series(1, 3) n`,
    );
    app.env["IMPORT_DATABASE_URL"] = url;
    app.env["GEM_OTP_SECRET_ENCRYPTION_KEY"] = "another key";
    const options = ["import", "--gem", "--table", "users", "--only-if", "confirmed"];
    expect((await app.run(...options)).stderr).toMatch(/1: it does not open with this key/);
    app.env["GEM_OTP_SECRET_ENCRYPTION_KEY"] = "the gem key: a long text of the app";
    const ran = await app.run(...options);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stdout).toMatch(/3 rows read, 2 imported, 0 enrolled already and left as they are, 1 without/);
    const browser = hostOf(app).browser();
    await browser.login({ id: "2", email: "two@example.com" });
    await browser.post("/two-factor/verify", { code: await oathtoolCode(long) }).expect(200);
  });
});

test("an imported authenticator that is replaced is asked about no more", async () => {
  const app = await projectWith(`id,secret\n1,${short}\n`);
  await app.run("import", "--csv", "users.csv");
  const browser = hostOf(app).browser();
  await browser.login();
  await browser.post("/two-factor/verify", { code: await oathtoolCode(short) }).expect(200);
  const { secret } = (await browser.post("/two-factor/setup", { replace: true }).expect(200)).body as {
    secret: string;
  };
  await browser.post("/two-factor/setup/verify", { code: await oathtoolCode(secret) }).expect(200);
  const { body } = await browser.get("/two-factor").expect(200);
  expect(body).not.toHaveProperty("replaceAdvised");
  expect(body).toMatchObject({ recoveryCodesRemaining: 10 });
});
