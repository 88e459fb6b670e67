import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import helmet from "helmet";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { TwoFactorOptions } from "../../src";
import { securityKeys, type SecurityKeysOptions } from "../../src/factors/security-keys";
import { startHost, type HostUser } from "../support/host";
import { launchChromium } from "../support/services";
import { credentialsOn, ignoreTouch, plugIn, unplug } from "../support/virtual-keys";

let chromium: Browser;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

interface SiteOptions {
  keys?: Partial<SecurityKeysOptions<HostUser>>;
  options?: Partial<TwoFactorOptions<HostUser>>;
  version?: 4 | 5;
  javaScriptEnabled?: boolean;
}

/** A host under helmet's defaults on http://localhost, and a browser that can sign in there. */
async function site({ keys = {}, options = {}, version = 5, javaScriptEnabled = true }: SiteOptions = {}) {
  let listener: RequestListener = (_req, res) => void res.end();
  const server = createServer((req, res) => listener(req, res));
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  onTestFinished(() => void server.close());
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const factors = [securityKeys<HostUser>({ rpId: "localhost", origins: [origin], ...keys })];
  const host = startHost({
    version,
    options: { factors, recoveryCodes: { count: 2 }, ...options },
    early: (app) => app.use(helmet()),
  });
  listener = host.app as RequestListener;
  const newPage = async (user: HostUser = { id: "1", email: "one@example.com" }): Promise<Page> => {
    const context = await chromium.newContext({ javaScriptEnabled });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    await context.request.post(`${origin}/login`, { data: user });
    return page;
  };
  const logOut = async (page: Page) => {
    await page.context().request.post(`${origin}/logout`, { headers: { origin } });
    await page.context().clearCookies();
    await page.context().request.post(`${origin}/login`, { data: { id: "1", email: "one@example.com" } });
  };
  return { host, origin, newPage, logOut };
}

const pathOf = (page: Page) => new URL(page.url()).pathname;
const main = (page: Page) => page.locator("main").innerText();

async function addAt(page: Page, address: string, name: string): Promise<void> {
  await page.goto(address);
  await page.locator("#tf-key-name").fill(name);
  await page.locator("#add-security-key").click();
}

/** Somebody's first key, added on the page of set-up. @returns the recovery codes */
async function enrol(page: Page, origin: string, name = "blue key"): Promise<string[]> {
  await addAt(page, `${origin}/two-factor/setup`, name);
  await page.locator("[data-recovery-code]").first().waitFor();
  return page.locator("[data-recovery-code]").allInnerTexts();
}

describe.each([4, 5] as const)("On Express %i, with helmet's defaults", (version) => {
  test("a key is added, and signs in; a second one with a finger, too; they are renamed and removed", async () => {
    const { origin, newPage, logOut } = await site({ version });
    const page = await newPage();
    const blocked: string[] = [];
    page.on("console", (message) => /security policy/i.test(message.text()) && blocked.push(message.text()));
    const roaming = await plugIn(page, "usb");
    expect(await enrol(page, origin)).toHaveLength(2);
    expect(await credentialsOn(roaming)).toHaveLength(1);

    await logOut(page);
    await page.goto(`${origin}/private`);
    expect(pathOf(page)).toBe("/two-factor/verify");
    await page.locator("#use-security-key").click();
    await page.waitForURL(`${origin}/private`);

    await unplug(roaming);
    const platform = await plugIn(page, "internal");
    await addAt(page, `${origin}/two-factor`, "this laptop");
    await page.locator("[data-key-id]").nth(1).waitFor();
    expect(await page.locator("[data-key-id]").allInnerTexts()).toEqual([
      expect.stringContaining("blue key"),
      expect.stringContaining("this laptop"),
    ]);
    await logOut(page);
    await page.goto(`${origin}/private`);
    await page.locator("#use-security-key").click();
    await page.waitForURL(`${origin}/private`);
    expect(await credentialsOn(platform)).toHaveLength(1);

    await page.goto(`${origin}/two-factor`);
    const first = page.locator("[data-key-id]").first();
    await first.locator("summary").click();
    await first.locator("[name=name]").fill("key ring");
    await first.locator("[name=name]").press("Enter");
    expect(await main(page)).toContain("key ring");
    await page.locator("[data-key-id]").first().getByRole("button", { name: "Remove key ring" }).click();
    expect(await page.locator("[data-key-id]").count()).toBe(1);
    expect(blocked).toEqual([]);
  });
});

test("the same key is not added twice, and the page says so", async () => {
  const { origin, newPage } = await site();
  const page = await newPage();
  await plugIn(page, "usb");
  await enrol(page, origin);
  await addAt(page, `${origin}/two-factor`, "again");
  await page.getByText("registered already").waitFor();
});

test("somebody who does not touch the key loses nothing, and clicks again", async () => {
  const { host, origin, newPage, logOut } = await site();
  const page = await newPage();
  const key = await plugIn(page, "usb");
  const [code] = await enrol(page, origin);
  await logOut(page);
  await page.goto(`${origin}/private`);
  // The browser refuses at once, as it does after a cancel.
  await page.evaluate(() => {
    const { get } = navigator.credentials;
    navigator.credentials.get = async () => {
      navigator.credentials.get = get;
      throw new DOMException("no", "NotAllowedError");
    };
  });
  await page.locator("#use-security-key").click();
  await page.getByText("Nothing was sent").waitFor();
  await page.locator("#use-security-key").dblclick();
  await page.waitForURL(`${origin}/private`);
  expect((await host.tfa.status("1")).activity.map(({ type }) => type)).not.toContain("challenge-failed");
  await ignoreTouch(key);
  await logOut(page);
  await page.goto(`${origin}/private`);
  await page.locator("[name=code]").fill(code ?? "");
  await page.locator("[name=code]").press("Enter");
  await page.waitForURL(`${origin}/private`);
});

test("without JavaScript the code field and a sentence are there, and no button", async () => {
  const { origin, newPage } = await site({ javaScriptEnabled: false });
  const page = await newPage();
  await page.goto(`${origin}/two-factor/setup`);
  expect(await page.locator("#add-security-key").isVisible()).toBe(false);
  expect(await main(page)).toContain("only with JavaScript");
  expect(await page.locator("#two-factor-secret").isVisible()).toBe(true);
});

test("for requiredFor, the set-up is of a key, and a recovery code leads to adding one", async () => {
  const { origin, newPage, logOut } = await site({ keys: { requiredFor: () => true } });
  const page = await newPage();
  const key = await plugIn(page, "usb");
  await page.goto(`${origin}/private`);
  expect(pathOf(page)).toBe("/two-factor/keys");
  await page.locator("#add-security-key").click();
  await page.locator("[data-recovery-code]").first().waitFor();
  const [code] = await page.locator("[data-recovery-code]").allInnerTexts();
  await unplug(key);
  await logOut(page);
  await plugIn(page, "usb");
  await page.goto(`${origin}/private`);
  await page.locator("[name=code]").fill(code ?? "");
  await page.locator("[name=code]").press("Enter");
  await page.waitForURL(`${origin}/two-factor/keys`);
  await page.locator("#tf-key-name").fill("new key");
  await page.locator("#add-security-key").click();
  await page.waitForURL((url) => url.pathname !== "/two-factor/keys");
  await page.goto(`${origin}/private`);
  expect(pathOf(page)).toBe("/private");
});

test("a proof that is old is asked for anew before a key is added", async () => {
  const { origin, newPage, logOut } = await site();
  const page = await newPage();
  await plugIn(page, "usb");
  await enrol(page, origin);
  await logOut(page);
  await page.goto(`${origin}/private`);
  await page.locator("#use-security-key").click();
  await page.waitForURL(`${origin}/private`);
  // Remembered, and no more than that.
  await page.context().request.post(`${origin}/logout`, { headers: { origin } });
  await page.context().request.post(`${origin}/login`, { data: { id: "1", email: "one@example.com" } });
  await page.goto(`${origin}/two-factor`);
  await page.locator("#add-security-key").click();
  expect(pathOf(page)).toBe("/two-factor/verify");
  await page.locator("#use-security-key").click();
  await page.waitForURL(`${origin}/two-factor/keys`);
  expect(await page.locator("#tf-key-name").isVisible()).toBe(true);
});
