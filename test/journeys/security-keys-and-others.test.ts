import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stopClock } from "../support/clock";
import { codeOf } from "../support/host";
import {
  addKeyAt,
  enrolKey,
  keySite,
  listenOnLocalhost,
  pathOf,
  typeCode,
  type KeySiteOptions,
} from "../support/key-site";
import { launchChromium } from "../support/services";
import { credentialsOn, plugIn, unplug } from "../support/virtual-keys";

let chromium: Browser;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());
const site = (options: KeySiteOptions = {}) => keySite(chromium, options);

async function addApp(page: Page, origin: string): Promise<string> {
  await page.goto(`${origin}/two-factor/setup`);
  const secret = (await page.locator("#two-factor-secret").innerText()).replaceAll(/\s/g, "");
  await typeCode(page, codeOf(secret));
  await page.waitForURL(`${origin}/two-factor`);
  return secret;
}

test("beside an app each signs in, and the code page begins with what was used last", async () => {
  stopClock();
  const { origin, newPage } = await site({ options: { rememberOtpSessionForSeconds: 0 } });
  const page = await newPage();
  await plugIn(page, "usb");
  const [code] = await enrolKey(page, origin);
  const secret = await addApp(page, origin);
  const signInAgain = async () => {
    await page.context().request.post(`${origin}/logout`, { headers: { origin } });
    await page.context().request.post(`${origin}/login`, { data: { id: "1" } });
    await page.goto(`${origin}/private`);
    const [button, field] = ["#use-security-key", "[name=code]"].map((what) => page.locator(what));
    const [above, below] = [await button!.boundingBox(), await field!.boundingBox()];
    return above!.y < below!.y ? "key" : "code";
  };
  expect(await signInAgain()).toBe("key");
  await typeCode(page, codeOf(secret, 1));
  await page.waitForURL(`${origin}/private`);
  expect(await signInAgain()).toBe("code");
  expect(await page.locator("[name=code]:focus").count()).toBe(1);
  await page.locator("#use-security-key").click();
  await page.waitForURL(`${origin}/private`);
  expect(await signInAgain()).toBe("key");
  await typeCode(page, code);
  await page.waitForURL(`${origin}/private`);
});

test("a lost key: a recovery code lets in, another is added, the lost one is removed", async () => {
  const { host, origin, newPage, logOut } = await site();
  const page = await newPage();
  const lost = await plugIn(page, "usb");
  const [code] = await enrolKey(page, origin, "lost key");
  await unplug(lost);
  await logOut(page);
  await page.goto(`${origin}/private`);
  await typeCode(page, code);
  await page.waitForURL(`${origin}/private`);
  const found = await plugIn(page, "usb");
  await addKeyAt(page, `${origin}/two-factor`, "new key");
  await page.locator("[data-key-id]").nth(1).waitFor();
  await page.getByRole("button", { name: "Remove lost key" }).click();
  await page.waitForURL(`${origin}/two-factor`);
  expect((await host.tfa.status("1")).keys).toMatchObject([{ name: "new key" }]);
  expect(await credentialsOn(found)).toHaveLength(1);
  await logOut(page);
  await page.goto(`${origin}/private`);
  await page.locator("#use-security-key").click();
  await page.waitForURL(`${origin}/private`);
});

test("the last one: of who need not, it turns off; of who must, it stays, and the page says why", async () => {
  let required = false;
  const { host, origin, newPage } = await site({
    options: { needTwoFactorAuthentication: () => (required ? true : "optional") },
  });
  const page = await newPage();
  await plugIn(page, "usb");
  await enrolKey(page, origin);
  required = true;
  await page.goto(`${origin}/two-factor`);
  await page.getByRole("button", { name: "Remove blue key" }).click();
  await page.locator("[role=alert]").waitFor();
  expect(await host.tfa.status("1")).toMatchObject({ enabled: true, recoveryCodesRemaining: 2 });
  required = false;
  await page.goto(`${origin}/two-factor`);
  await page.getByRole("button", { name: "Remove blue key" }).click();
  await page.waitForURL(`${origin}/two-factor`);
  expect(await host.tfa.status("1")).toMatchObject({ enabled: false, keys: [], recoveryCodesRemaining: 0 });
  expect(await page.locator("[data-key-id]").count()).toBe(0);
});

test.each(["takes", "refuses", "does not know"])(
  "a browser that %s the signal of a removed key shows the account page all the same",
  async (browser) => {
    const { origin, newPage } = await site();
    const page = await newPage();
    await page.addInitScript((how) => {
      const told: unknown[] = [];
      const signalUnknownCredential = (about: unknown) => {
        told.push(about);
        return how === "takes" ? Promise.resolve() : Promise.reject(new DOMException("no", "SecurityError"));
      };
      const value = how === "does not know" ? undefined : signalUnknownCredential;
      Object.defineProperty(PublicKeyCredential, "signalUnknownCredential", { value });
      Object.assign(window, { told });
    }, browser);
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    const lost = await plugIn(page, "usb");
    await enrolKey(page, origin, "lost key");
    await unplug(lost);
    await plugIn(page, "usb");
    await addKeyAt(page, `${origin}/two-factor`, "new key");
    const id = await page.locator("[data-key-id]").first().getAttribute("data-key-id");
    await page.locator("[data-key-id]").nth(1).waitFor();
    await page.getByRole("button", { name: "Remove lost key" }).click();
    await page.waitForURL(`${origin}/two-factor`);
    await page.locator("#add-security-key").waitFor();
    const told = await page.evaluate(() => (window as unknown as { told: unknown[] }).told);
    expect(told).toEqual(browser === "does not know" ? [] : [{ rpId: "localhost", credentialId: id }]);
    expect(errors).toEqual([]);
  },
);

test("who comes by a link of another site has the button, and what it asks is asked at the click", async () => {
  const { origin, newPage, logOut } = await site();
  const page = await newPage();
  await plugIn(page, "usb");
  await enrolKey(page, origin);
  const { origin: mail } = await listenOnLocalhost(() => (_req, res) => {
    res.setHeader("content-type", "text/html").end(`<a href="${origin}/private">The mail's link</a>`);
  });
  await logOut(page);
  await page.goto(mail);
  await page.locator("a").click();
  await page.waitForURL(`${origin}/two-factor/verify`);
  await page.locator("#use-security-key").click();
  await page.waitForURL(`${origin}/private`);
});

test("recovery codes can be copied and printed; without JavaScript nothing of it is shown", async () => {
  const { origin, newPage } = await site();
  const page = await newPage();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin });
  await plugIn(page, "usb");
  const codes = await enrolKey(page, origin);
  await page.locator("#tf-copy").click();
  await page.locator("#tf-copied:has-text('Copied')").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.trim().split(/\s+/)).toEqual(codes);
  await page.evaluate(() => Object.assign(window, { print: () => (document.title = "printed") }));
  await page.locator("#tf-print").click();
  expect(await page.title()).toBe("printed");
  const still = await chromium.newContext({
    javaScriptEnabled: false,
    storageState: await page.context().storageState(),
  });
  const plain = await still.newPage();
  await plain.goto(`${origin}/two-factor/recovery-codes`);
  await plain.locator("main button[type=submit]").first().click();
  await plain.locator("[data-recovery-code]").first().waitFor();
  for (const what of ["#tf-copy", "#tf-print"]) expect(await plain.locator(what).isVisible()).toBe(false);
  await still.close();
});

test("a form is sent once, however often its button is pressed; a while later it is sent again", async () => {
  const { host, origin, newPage, logOut } = await site();
  const page = await newPage();
  await plugIn(page, "usb");
  await enrolKey(page, origin);
  await logOut(page);
  await page.goto(`${origin}/private`);
  const posts: string[] = [];
  page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
  await page.locator("[name=code]").fill("ABCD-EFGH-IJKL-MNOP");
  await page.locator("main form [type=submit]").first().dblclick();
  await page.locator("[role=alert]").waitFor();
  expect(posts).toHaveLength(1);
  expect((await host.tfa.status("1")).locked).toBe(false);
  await typeCode(page, "ABCD-EFGH-IJKL-MNOP");
  await expect.poll(() => posts.length).toBe(2);
  expect(pathOf(page)).toBe("/two-factor/verify");
});
