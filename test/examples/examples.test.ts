import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { databaseForThisTest } from "../support/services";
import { examples, goesTo, password, signIn, startExample, variables, walk } from "./example";

const anna = { email: "anna@example.com" };

describe.each([4, 5] as const)("on Express %i", (version) => {
  test("minimal: a login, and a second factor for everybody", async () => {
    await walk(await startExample("minimal", { version }), anna);
  });

  test("passport-postgres: super admins are asked, others are not", async () => {
    const app = await startExample("passport-postgres", {
      version,
      env: variables({ DATABASE_URL: await databaseForThisTest() }),
    });
    await walk(app, anna);
    const max = app.browser();
    await signIn(max, "max@example.com");
    await max.visit("/").expect(200);
    const stranger = app.browser();
    await signIn(stranger, "nobody@example.com");
    await goesTo(stranger, "/", "/login");
  });

  test("own-views: its layout, its code page and its words", async () => {
    const app = await startExample("own-views", { version });
    const browser = await walk(app, anna);
    const account = await browser.visit("/two-factor").expect(200);
    expect(account.text).toContain("Own views – Anna");
    await browser.submit("/logout", {}).expect(303);
    const other = app.browser();
    await signIn(other, anna.email);
    const { text } = await other.visit("/two-factor/verify").expect(200);
    expect(text).toContain("Hello again, Anna");
    expect(text).toContain("Let me in");
    expect(text).toContain('href="/static/site.css"');
    await other.visit("/static/site.css").expect(200);
  });

  test("two-scopes: two logins in one browser, and each asks for its own code", async () => {
    const app = await startExample("two-scopes", { version });
    const staff = { login: "/staff/login", home: "/staff", twoFactor: "/staff/two-factor", logout: "/staff/logout" };
    const browser = await walk(app, { email: "sara@example.com", ...staff });

    // A customer may have one, and has none yet: not asked. The staff's proof goes on.
    await goesTo(browser, "/account", "/account/login");
    await signIn(browser, anna.email, "/account/login");
    await browser.visit("/account").expect(200);
    await browser.visit("/staff").expect(200);
    await browser.enrol("/account/two-factor");

    // The same id, but another scope: the customer's code is none of the staff's.
    const other = app.browser();
    await signIn(other, anna.email, "/account/login");
    await goesTo(other, "/account", "/account/two-factor/verify");
    await signIn(other, "sara@example.com", "/staff/login");
    await other.submit("/staff/two-factor/verify", { code: browser.code(1) }).expect(422);
    await other.submit("/account/two-factor/verify", { code: browser.code(1) }).expect(303);
    await other.visit("/account").expect(200);
    await goesTo(other, "/staff", "/staff/two-factor/verify");
  });

  test("codes-by-mail: a code by mail, until there is an authenticator", async () => {
    const app = await startExample("codes-by-mail", { version });
    const browser = app.browser();
    await signIn(browser, anna.email);
    await goesTo(browser, "/", "/two-factor/verify");
    await browser.visit("/two-factor/verify").expect(200);
    await expect.poll(app.output).toMatch(/^(\d{6}) is your code/m);
    expect(app.output()).toMatch(/^Subject: Your code$/m);
    const [, code] = /^(\d{6}) is your code/m.exec(app.output())!;
    await browser.submit("/two-factor/verify", { code }).expect(303);
    await browser.visit("/").expect(200);

    await browser.enrol();
    await expect.poll(app.output).toMatch(/^Subject: Two-factor authentication is on/m);
    await browser.submit("/logout", {}).expect(303);
    const other = app.browser();
    await signIn(other, anna.email);
    await other.visit("/two-factor/verify").expect(200);
    await other.submit("/two-factor/verify/send", {});
    await other.submit("/two-factor/verify", { code: browser.code(1) }).expect(303);
    await other.visit("/").expect(200);
    expect(app.output().match(/is your code/g)).toHaveLength(1);
  });

  test("single-page: the same over JSON", async () => {
    const app = await startExample("single-page", { version });
    const browser = app.browser();
    await browser.get("/api/me").expect(401);
    const login = () => browser.post("/api/login", { email: anna.email, password });
    await browser.post("/api/login", { email: anna.email, password: "wrong" }).expect(401);
    expect((await login().expect(200)).body).toMatchObject({ requiresOtp: false, requiresOtpSetup: true });
    await browser.get("/api/me").expect(403);
    await browser.enrol();
    await browser.get("/api/me").expect(200, anna);

    await browser.post("/api/logout").expect(204);
    expect((await login().expect(200)).body).toMatchObject({ requiresOtp: true, requiresOtpSetup: false });
    await browser.get("/api/me").expect(403);
    await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200);
    await browser.get("/api/me").expect(200, anna);
  });
});

test("an example is one folder, stands in the table, and the smallest has at most forty lines", () => {
  const folders = readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const table = readFileSync(join(examples, "README.md"), "utf8");
  for (const { name } of folders) {
    expect(table).toContain(`[${name}](${name}/app.js)`);
    expect(existsSync(join(examples, name, "app.js"))).toBe(true);
  }
  expect(folders).toHaveLength(9);
  expect(readFileSync(join(examples, "minimal/app.js"), "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(40);
});
