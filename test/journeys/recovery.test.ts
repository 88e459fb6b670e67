import { readdir, readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { directoryForThisTest, startApp } from "../example-app/support";
import { stopClock } from "../support/clock";
import { startHost } from "../support/host";
import { launchChromium, oathtoolCode } from "../support/services";

let chromium: Browser;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

async function newPage(): Promise<Page> {
  const page = await (await chromium.newContext({ javaScriptEnabled: false })).newPage();
  page.setDefaultTimeout(20_000);
  return page;
}

async function site() {
  const directory = await directoryForThisTest();
  const app = await startApp({ DATA_DIR: directory, RECOVERY_DELAY_SECONDS: "4" });
  const mails = join(directory, "mail");
  /** The newest mail of a kind, as text; it may still be on its way. */
  const mail = async (kind: string): Promise<string> => {
    await expect
      .poll(async () => (await readdir(mails)).some((name) => name.includes(kind)), { timeout: 20_000 })
      .toBe(true);
    const names = (await readdir(mails)).filter((name) => name.includes(kind) && name.endsWith(".txt")).toSorted();
    return readFile(join(mails, names.at(-1) ?? ""), "utf8");
  };
  return { app, mail };
}

async function logIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/login`);
  await page.getByLabel("Email").fill("member@example.com");
  await page.getByLabel("Password").fill("correct horse battery staple");
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function give(page: Page, code: string): Promise<void> {
  await page.locator("[name=code]").first().fill(code);
  await page.locator("[name=code]").first().press("Enter");
}

async function turnOn(page: Page, url: string): Promise<string> {
  await page.goto(`${url}/two-factor/setup`);
  const secret = (await page.locator("#two-factor-secret").innerText()).replaceAll(/\s/g, "");
  await give(page, await oathtoolCode(secret));
  expect(await page.locator("[data-recovery-code]").count()).toBe(10);
  return secret;
}

const pathOf = (page: Page) => new URL(page.url()).pathname;
const nextCode = (secret: string) => oathtoolCode(secret, new Date(Date.now() + 30_000));
const codeIn = (mail: string) => /([A-Z2-7]{4}-){3}[A-Z2-7]{4}/.exec(mail)?.[0] ?? "";
const linkIn = (mail: string) => /http\S+\/recovery\/cancel\?token=\S+/.exec(mail)?.[0] ?? "";

/** From the code page to the waiting time. */
async function askForRecovery(page: Page, url: string, mail: (kind: string) => Promise<string>): Promise<void> {
  await page.goto(`${url}/profile`);
  await page.getByRole("link", { name: "Lost everything?" }).click();
  await page.getByRole("button", { name: "Send me the code" }).click();
  await give(page, codeIn(await mail("recovery-requested")));
  expect(await page.locator("main").innerText()).toContain("The waiting time ends");
}

describe("Somebody who owns the account", () => {
  test("is locked out by a stranger, and gets in from a browser that is known", async () => {
    const { app } = await site();
    const [owner, stranger] = [await newPage(), await newPage()];
    await logIn(owner, app.url);
    const secret = await turnOn(owner, app.url);
    await logIn(stranger, app.url);
    await stranger.goto(`${app.url}/profile`);
    for (const wrong of ["000000", "000001", "000002"]) await give(stranger, wrong);
    expect(await stranger.locator("[role=alert]").innerText()).toContain("we take no codes");
    await owner.goto(`${app.url}/`);
    await owner.getByRole("button", { name: /sign out/i }).click();
    await logIn(owner, app.url);
    await owner.goto(`${app.url}/profile`);
    await give(owner, await nextCode(secret));
    expect(pathOf(owner)).toBe("/profile");
    await app.end();
  });

  test("is locked out on a new browser, and unlocks it with three codes, a minute apart", async () => {
    const clock = stopClock();
    const host = startHost({ options: { lockout: { baseSeconds: 86_400, maxSeconds: 86_400 } } });
    const enroller = host.browser();
    await enroller.login();
    await enroller.enrol();
    const url = `http://127.0.0.1:${(enroller.server.address() as AddressInfo).port}`;
    const page = await newPage();
    await page.request.post(`${url}/login`, { data: { id: "1", email: "one@example.com" } });
    await page.goto(`${url}/page`);
    for (let wrong = 0; wrong < 3; wrong += 1) await give(page, enroller.wrongCode());
    await page.getByRole("link", { name: /three codes/i }).click();
    for (let given = 0; given < 3; given += 1) {
      clock.later(60);
      await give(page, enroller.code());
    }
    expect(pathOf(page)).toBe("/page");
  });

  test("has lost everything, and is back after the waiting time", async () => {
    const { app, mail } = await site();
    const page = await newPage();
    await logIn(page, app.url);
    const old = await turnOn(page, app.url);
    const fresh = await newPage();
    await logIn(fresh, app.url);
    await askForRecovery(fresh, app.url, mail);
    await mail("recovery-confirmed");
    await mail("recovery-ready");
    await fresh.goto(`${app.url}/two-factor/recovery`);
    await fresh.getByRole("button", { name: "Send me a fresh code" }).click();
    await give(fresh, codeIn(await mail("recovery-code-")));
    expect(pathOf(fresh)).toBe("/two-factor/setup");
    expect(await turnOn(fresh, app.url)).not.toBe(old);
    await fresh.goto(`${app.url}/profile`);
    expect(pathOf(fresh)).toBe("/profile");
    // What was proven before is over.
    await page.goto(`${app.url}/profile`);
    expect(pathOf(page)).toBe("/two-factor/verify");
    expect(await mail("recovery-finished")).toContain("Your account was recovered");
    await app.end();
  });

  test("stops what a thief with the password has asked for, from the mail, without signing in", async () => {
    const { app, mail } = await site();
    const page = await newPage();
    await logIn(page, app.url);
    await turnOn(page, app.url);
    const thief = await newPage();
    await logIn(thief, app.url);
    await thief.goto(`${app.url}/two-factor/recovery`);
    await thief.getByRole("button", { name: "Send me the code" }).click();
    const owner = await newPage();
    await owner.goto(linkIn(await mail("recovery-requested")));
    await owner.getByRole("button", { name: "Stop it" }).click();
    expect(await owner.locator("main").innerText()).toContain("The recovery is stopped");
    await thief.goto(`${app.url}/two-factor/recovery`);
    expect(await thief.locator("main").innerText()).toContain("You can ask for it again");
    expect(await mail("recovery-cancelled")).toContain("was stopped");
    await owner.reload();
    await app.end();
  });
});
