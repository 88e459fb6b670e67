import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { directoryForThisTest, startApp } from "../example-app/support";
import { launchChromium, oathtoolCode } from "../support/services";

// A team's own scenarios, titled in their words, as somebody lives them who may have a second factor.
let chromium: Browser;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

async function member() {
  const app = await startApp({ DATA_DIR: await directoryForThisTest() });
  const newPage = async () => {
    const page = await (await chromium.newContext({ javaScriptEnabled: false })).newPage();
    page.setDefaultTimeout(10_000);
    return page;
  };
  return { app, newPage, page: await newPage() };
}

async function logIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/login`);
  await page.getByLabel("Email").fill("member@example.com");
  await page.getByLabel("Password").fill("correct horse battery staple");
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function logOutAndIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/`);
  await page.getByRole("button", { name: /sign out/i }).click();
  await logIn(page, url);
}

const keyOn = async (page: Page) => (await page.locator("#two-factor-secret").innerText()).replace(/\s/g, "");
const pathOf = (page: Page) => new URL(page.url()).pathname;

async function give(page: Page, code: string): Promise<void> {
  await page.locator("[name=code]").first().fill(code);
  await page.locator("[name=code]").first().press("Enter");
}

async function turnOn(page: Page, url: string): Promise<{ secret: string; codes: string[] }> {
  await page.goto(`${url}/two-factor`);
  await page.locator("main").getByText("Turn on", { exact: true }).click();
  const secret = await keyOn(page);
  await give(page, await oathtoolCode(secret));
  return { secret, codes: await page.locator("[data-recovery-code]").allInnerTexts() };
}

const nextCode = (secret: string) => oathtoolCode(secret, new Date(Date.now() + 30_000));

describe("Somebody who may have a second factor", () => {
  test("Scénario 1 : Premier setup complet", async () => {
    const { app, page } = await member();
    await logIn(page, app.url);
    const { secret, codes } = await turnOn(page, app.url);
    expect(new Set(codes).size).toBe(10);
    expect(await page.locator("main").innerText()).toMatch(/is on/i);
    // The state is right at once: no reload, no logging out to test.
    await page.goto(`${app.url}/two-factor`);
    expect(await page.locator("main").innerText()).toContain("10 codes left");

    // In the same browser: a set-up remembers none.
    await logOutAndIn(page, app.url);
    await page.goto(`${app.url}/profile?tab=security`);
    expect(pathOf(page)).toBe("/two-factor/verify");
    await give(page, await nextCode(secret));
    expect(page.url()).toBe(`${app.url}/profile?tab=security`);
    await app.end();
  });

  test("Scénario 2 : Setup incomplet puis désactivation", async () => {
    const { app, page } = await member();
    await logIn(page, app.url);
    await page.goto(`${app.url}/two-factor`);
    await page.locator("main").getByText("Turn on", { exact: true }).click();
    const secret = await keyOn(page);
    await page.goto(`${app.url}/profile`);
    expect(pathOf(page)).toBe("/profile");
    await page.goto(`${app.url}/two-factor`);
    expect(await page.locator("main").innerText()).toContain("Not finished");
    await page.goto(`${app.url}/two-factor/setup`);
    expect(await keyOn(page)).toBe(secret);
    await give(page, await oathtoolCode(secret));
    expect(await page.locator("[data-recovery-code]").count()).toBe(10);
    await app.end();
  });

  test("Scénario 3 : Désactivation du 2FA", async () => {
    const { app, page } = await member();
    await logIn(page, app.url);
    await turnOn(page, app.url);
    await page.goto(`${app.url}/two-factor`);
    await page.getByRole("link", { name: /turn off/i }).click();
    // It asks first, in words.
    expect(await page.locator("main").innerText()).toMatch(/password alone/i);
    await page.getByRole("button", { name: /turn off/i }).click();
    expect(pathOf(page)).toBe("/two-factor");
    expect(await page.locator("main").innerText()).toMatch(/off/i);

    await logOutAndIn(page, app.url);
    await page.goto(`${app.url}/profile`);
    expect(pathOf(page)).toBe("/profile");
    await app.end();
  });

  test("Scénario 4 : Utilisation code de backup", async () => {
    const { app, page, newPage } = await member();
    await logIn(page, app.url);
    const { codes } = await turnOn(page, app.url);
    await logOutAndIn(page, app.url);
    await page.goto(`${app.url}/profile`);
    await give(page, codes[0]!.toLowerCase().replaceAll("-", " "));
    expect(pathOf(page)).toBe("/profile");
    await page.goto(`${app.url}/two-factor`);
    expect(await page.locator("main").innerText()).toContain("9 codes left");

    // That sign-in is remembered here, so the code is tried again elsewhere.
    const again = await newPage();
    await logIn(again, app.url);
    await again.goto(`${app.url}/profile`);
    await give(again, codes[0]!);
    expect(pathOf(again)).toBe("/two-factor/verify");
    expect(await again.locator("[role=alert]").innerText()).not.toBe("");
    await app.end();
  });
});
