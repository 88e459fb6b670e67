import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addKeyAt, enrolKey, keySite, main, pathOf, type KeySiteOptions } from "../support/key-site";
import { launchChromium } from "../support/services";
import { credentialsOn, ignoreTouch, plugIn, unplug } from "../support/virtual-keys";

let chromium: Browser;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

const site = (options: KeySiteOptions = {}) => keySite(chromium, options);

describe.each([4, 5] as const)("On Express %i, with helmet's defaults", (version) => {
  test("a key is added, and signs in; a second one with a finger, too; they are renamed and removed", async () => {
    const { origin, newPage, logOut } = await site({ version });
    const page = await newPage();
    const blocked: string[] = [];
    page.on("console", (message) => /security policy/i.test(message.text()) && blocked.push(message.text()));
    const roaming = await plugIn(page, "usb");
    expect(await enrolKey(page, origin)).toHaveLength(2);
    expect(await credentialsOn(roaming)).toHaveLength(1);

    await logOut(page);
    await page.goto(`${origin}/private`);
    expect(pathOf(page)).toBe("/two-factor/verify");
    await page.locator("#use-security-key").click();
    await page.waitForURL(`${origin}/private`);

    await unplug(roaming);
    const platform = await plugIn(page, "internal");
    await addKeyAt(page, `${origin}/two-factor`, "this laptop");
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

  test("somebody who does not touch the key loses nothing, and clicks again", async () => {
    const { host, origin, newPage, logOut } = await site({ version });
    const page = await newPage();
    const key = await plugIn(page, "usb");
    const [code] = await enrolKey(page, origin);
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
    const { origin, newPage } = await site({ version, javaScriptEnabled: false });
    const page = await newPage();
    await page.goto(`${origin}/two-factor/setup`);
    expect(await page.locator("#add-security-key").isVisible()).toBe(false);
    expect(await main(page)).toContain("only with JavaScript");
    expect(await page.locator("#two-factor-secret").isVisible()).toBe(true);
  });

  test("for requiredFor, the set-up is of a key, and a recovery code leads to adding one", async () => {
    const { origin, newPage, logOut } = await site({ version, keys: { requiredFor: () => true } });
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
});

test("the same key is not added twice, and the page says so", async () => {
  const { origin, newPage } = await site();
  const page = await newPage();
  await plugIn(page, "usb");
  await enrolKey(page, origin);
  await addKeyAt(page, `${origin}/two-factor`, "again");
  await page.getByText("registered already").waitFor();
});

test("a proof that is old is asked for anew before a key is added", async () => {
  const { origin, newPage, logOut } = await site();
  const page = await newPage();
  await plugIn(page, "usb");
  await enrolKey(page, origin);
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
