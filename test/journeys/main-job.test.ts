import type { Browser, Page } from "playwright-core";
import supertest from "supertest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { directoryForThisTest, startApp } from "../example-app/support";
import { launchChromium, oathtoolCode, scanQr } from "../support/services";

const password = "correct horse battery staple";
const asked = "/admin?from=a%20letter&page=2";

let chromium: Browser;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

async function logIn(page: Page, email: string): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** What a phone's camera sees, and what its authenticator then shows. */
async function codeFromScreen(page: Page): Promise<{ secret: string; code: string }> {
  const uri = new URL(await scanQr(await page.screenshot()));
  const secret = uri.searchParams.get("secret") ?? "";
  return { secret, code: await oathtoolCode(secret) };
}

describe("A super admin sets up, proves and is remembered", () => {
  test("in Chromium: scan, confirm, reach the page asked for, log out and in with a code, then without", async () => {
    const app = await startApp({ DATA_DIR: await directoryForThisTest(), APP_NAME: "EventHub" });
    // No script, on purpose: the pages need none.
    const context = await chromium.newContext({ javaScriptEnabled: false, viewport: { width: 900, height: 1000 } });
    const page = await context.newPage();

    await page.goto(`${app.url}/login`);
    await logIn(page, "super@example.com");
    await page.goto(`${app.url}${asked}`);
    expect(new URL(page.url()).pathname).toBe("/two-factor/setup");

    const { secret, code } = await codeFromScreen(page);
    expect(await page.locator("#two-factor-secret").innerText()).toBe(secret.match(/.{4}/g)?.join(" "));
    await page.locator("[name=code]").fill(`${code.slice(0, 3)} ${code.slice(3)}`);
    await page.locator("[name=code]").press("Enter");
    expect(await page.locator("[data-recovery-code]").count()).toBe(10);
    const recoveryCode = await page.locator("[data-recovery-code]").first().innerText();
    await page.locator(`a[href="${asked}"]`).click();
    expect(page.url()).toBe(`${app.url}${asked}`);
    expect(await page.locator("h1").innerText()).toMatch(/admin/i);

    await page.getByRole("button", { name: /sign out/i }).click();
    await page.goto(`${app.url}/login`);
    await logIn(page, "super@example.com");
    await page.goto(`${app.url}/admin`);
    expect(new URL(page.url()).pathname).toBe("/two-factor/verify");
    await page.locator("[name=code]").fill(await oathtoolCode(secret, new Date(Date.now() + 30_000)));
    await page.locator("[name=code]").press("Enter");
    expect(new URL(page.url()).pathname).toBe("/admin");

    // That code was typed at a sign-in, so this browser is not asked again.
    await page.getByRole("button", { name: /sign out/i }).click();
    await page.goto(`${app.url}/login`);
    await logIn(page, "super@example.com");
    await page.goto(`${app.url}/admin`);
    expect(new URL(page.url()).pathname).toBe("/admin");

    // Another browser is asked, and a recovery code opens it once.
    const other = await chromium.newContext({ javaScriptEnabled: false });
    const stranger = await other.newPage();
    await stranger.goto(`${app.url}/login`);
    await logIn(stranger, "super@example.com");
    await stranger.goto(`${app.url}/admin`);
    expect(new URL(stranger.url()).pathname).toBe("/two-factor/verify");
    await stranger.locator("[name=code]").first().fill(recoveryCode.toLowerCase());
    await stranger.locator("[name=code]").first().press("Enter");
    expect(new URL(stranger.url()).pathname).toBe("/admin");
    await other.close();
    await context.close();
    await app.end("SIGTERM");
  });

  test("over plain HTTP, and the enrolment survives a restart", async () => {
    const DATA_DIR = await directoryForThisTest();
    const first = await startApp({ DATA_DIR });
    const agent = supertest.agent(first.url);
    const page = { accept: "text/html", "sec-fetch-mode": "navigate" };
    const credentials = { email: "super@example.com", password };

    await agent.post("/login").set(page).type("form").send(credentials).expect(303);
    const led = await agent.get(asked).set(page).expect(303);
    expect(led.headers["location"]).toBe("/two-factor/setup");
    const setup = await agent.get("/two-factor/setup").set(page).expect(200);
    const secret = /id="two-factor-secret"[^>]*>([^<]+)</.exec(setup.text)?.[1]?.replace(/\s/g, "") ?? "";
    await agent.post("/two-factor/setup/verify").set(page).type("form").send({ code: "000000" }).expect(422);
    const code = await oathtoolCode(secret);
    const done = await agent.post("/two-factor/setup/verify").set(page).type("form").send({ code }).expect(200);
    expect(done.text.match(/data-recovery-code/g)).toHaveLength(10);
    expect(done.text).toContain(`href="${asked.replace("&", "&amp;")}"`);
    await agent.get(asked).set(page).expect(200);
    await agent.post("/logout").set(page).expect(303);
    await agent.post("/login").set(page).type("form").send(credentials).expect(303);
    await agent.get("/admin").set(page).expect(303).expect("location", "/two-factor/verify");
    const next = await oathtoolCode(secret, new Date(Date.now() + 30_000));
    await agent.post("/two-factor/verify").set(page).type("form").send({ code: next }).expect(303);
    await agent.post("/logout").set(page).expect(303);
    await agent.post("/login").set(page).type("form").send(credentials).expect(303);
    await agent.get("/admin").set(page).expect(200);
    expect(await first.end("SIGTERM")).toBe(0);

    const second = await startApp({ DATA_DIR });
    const stranger = supertest.agent(second.url);
    const login = await stranger.post("/login").set("accept", "application/json").send(credentials).expect(200);
    expect(login.body).toEqual({ requiresOtp: true, requiresOtpSetup: false, next: "/two-factor/verify" });
    await stranger.get("/admin").set("accept", "application/json").expect(403);
    const again = await stranger.post("/two-factor/verify").set("accept", "application/json").send({ code });
    expect([again.status, (again.body as { code: string }).code]).toEqual([409, "CODE_ALREADY_USED"]);
    const recoveryCode = /data-recovery-code[^>]*>([^<]+)</.exec(done.text)?.[1];
    await stranger
      .post("/two-factor/verify")
      .set("accept", "application/json")
      .send({ code: recoveryCode })
      .expect(200);
    await stranger.get("/admin").set("accept", "application/json").expect(200);
    await second.end("SIGTERM");
  });
});
