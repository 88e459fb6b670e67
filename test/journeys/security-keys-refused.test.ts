import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { later, stopClock } from "../support/clock";
import { addKeyAt, enrolKey, keySite, listenOnLocalhost, main, pathOf, typeCode } from "../support/key-site";
import { launchChromium } from "../support/services";
import { plugIn, setBack, unplug } from "../support/virtual-keys";

let chromium: Browser;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

const useKey = (page: Page) => page.locator("#use-security-key").click();
const refusal = (page: Page) => page.locator("[role=alert]").innerText();

/** As a front end of the host's would: asks at one route, answers at another. */
const crossed = (page: Page) =>
  page.evaluate(async () => {
    const send = async (path: string, body: object) => {
      const headers = { "content-type": "application/json", accept: "application/json" };
      const answer = await fetch(`/two-factor${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      return { status: answer.status, body: (await answer.json()) as { code?: string; publicKey: never } };
    };
    const asked = await send("/verify/options", {});
    const adding = await send("/keys/options", {});
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON({
      ...(asked.body.publicKey as object),
      challenge: (adding.body.publicKey as { challenge: string }).challenge,
    } as never);
    const made = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
    const { status, body } = await send("/verify", { key: made.toJSON() });
    return { adding: adding.status, status, code: body.code };
  });

describe.each([4, 5] as const)("On Express %i", (version) => {
  test("a key whose counter was set back is refused, stays, and is told about; another way is open", async () => {
    const { host, events, origin, newPage, logOut } = await keySite(chromium, { version });
    const page = await newPage();
    const key = await plugIn(page, "usb");
    const [code] = await enrolKey(page, origin);
    await logOut(page);
    await page.goto(`${origin}/private`);
    await useKey(page);
    await page.waitForURL(`${origin}/private`);

    await setBack(key);
    await logOut(page);
    await page.goto(`${origin}/private`);
    await useKey(page);
    await page.locator("[role=alert]").waitFor();
    expect(pathOf(page)).toBe("/two-factor/verify");
    expect(events.map(({ type }) => type)).toContain("key-suspicious");
    const { keys, locked } = await host.tfa.status("1");
    expect([keys?.length, locked]).toEqual([1, false]);
    await typeCode(page, code);
    await page.waitForURL(`${origin}/private`);
  });

  test("a page of another origin of the same domain is told no, which counts for nothing", async () => {
    const { host, events, origin, listener, newPage, logOut } = await keySite(chromium, { version });
    const page = await newPage();
    await plugIn(page, "usb");
    await enrolKey(page, origin);
    const { origin: elsewhere } = await listenOnLocalhost(listener);
    await logOut(page);
    await page.goto(`${elsewhere}/private`);
    await useKey(page);
    await page.locator("[role=alert]").waitFor();
    expect(new URL(page.url()).origin).toBe(elsewhere);
    expect(events.map(({ type }) => type)).not.toContain("challenge-failed");
    expect(await host.tfa.status("1")).toMatchObject({ locked: false });
    await page.goto(`${origin}/private`);
    await useKey(page);
    await page.waitForURL(`${origin}/private`);
  });

  test("another user's key is refused, and does not say that it is somebody's", async () => {
    const { origin, newPage, logOut } = await keySite(chromium, { version });
    const page = await newPage();
    const own = await plugIn(page, "usb");
    await enrolKey(page, origin);
    await unplug(own);
    await plugIn(page, "usb");
    await logOut(page, { id: "2", email: "two@example.com" });
    await enrolKey(page, origin, "their key");
    await page.goto(`${origin}/two-factor`);
    const theirs = await page.locator("[data-key-id]").getAttribute("data-key-id");

    await logOut(page);
    await page.goto(`${origin}/private`);
    // The page asks for keys of its user; whoever can change that is told no by the server.
    await page.evaluate((id) => {
      const bytes = Uint8Array.from(atob(id.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
      const { get } = navigator.credentials;
      navigator.credentials.get = (options) =>
        get.call(navigator.credentials, {
          publicKey: { ...options!.publicKey!, allowCredentials: [{ type: "public-key", id: bytes }] },
        });
    }, theirs!);
    await useKey(page);
    await page.locator("[role=alert]").waitFor();
    expect(await refusal(page)).not.toMatch(/two@example\.com|their key/);
    await page.goto(`${origin}/private`);
    expect(pathOf(page)).toBe("/two-factor/verify");
  });

  test("what was asked for adding a key does not sign in", async () => {
    const { origin, newPage } = await keySite(chromium, { version });
    const page = await newPage();
    await plugIn(page, "usb");
    await enrolKey(page, origin);
    expect(await crossed(page)).toEqual({ adding: 200, status: 410, code: "KEY_CHALLENGE_EXPIRED" });
  });

  test("a page that was left open asks anew by itself, and one whose clock stood is told to click once more", async () => {
    const { origin, newPage, logOut } = await keySite(chromium, { version, options: { pendingLoginSeconds: 3600 } });
    const page = await newPage();
    await plugIn(page, "usb");
    await enrolKey(page, origin);
    stopClock();
    for (const knowsTheTime of [true, false]) {
      await logOut(page);
      await page.goto(`${origin}/private`);
      later(301);
      if (knowsTheTime) {
        await page.evaluate(() => {
          const { now } = Date;
          Date.now = () => now() + 301_000;
        });
      }
      await useKey(page);
      if (!knowsTheTime) {
        await page.locator("[role=alert]").waitFor();
        await useKey(page);
      }
      await page.waitForURL(`${origin}/private`);
    }
  });

  test("after an administrator's reset an open page does not pass, and leads to a set-up", async () => {
    const { host, origin, newPage, logOut } = await keySite(chromium, { version });
    const page = await newPage();
    await plugIn(page, "usb");
    await enrolKey(page, origin);
    await logOut(page);
    await page.goto(`${origin}/private`);
    await host.tfa.reset("1", { reason: "lost it", by: "ann" });
    await Promise.all([page.waitForResponse((answer) => answer.request().method() === "POST"), useKey(page)]);
    await page.locator("h1").waitFor();
    await page.waitForLoadState("networkidle");
    await page.goto(`${origin}/private`);
    expect(pathOf(page)).toBe("/two-factor/setup");
    expect(await main(page)).toContain("security key");
    await addKeyAt(page, `${origin}/two-factor/setup`, "new key");
    await page.locator("[data-recovery-code]").first().waitFor();
    await page.goto(`${origin}/private`);
    expect(pathOf(page)).toBe("/private");
  });

  test("in another site's frame there are the code field and a sentence, and no button", async () => {
    const { origin, newPage, logOut } = await keySite(chromium, {
      version,
      // A host that lets itself be framed.
      early: (app) =>
        app.use((_req, res, next) => {
          res.removeHeader("X-Frame-Options");
          res.set("Content-Security-Policy", "default-src 'self'; frame-ancestors *");
          next();
        }),
    });
    const page = await newPage();
    await plugIn(page, "usb");
    await enrolKey(page, origin);
    await logOut(page);
    const { origin: evil } = await listenOnLocalhost(() => (_req, res) => {
      res.setHeader("content-type", "text/html").end(`<iframe src="${origin}/two-factor/verify"></iframe>`);
    });
    await page.goto(evil, { waitUntil: "load" });
    const frame = page.frameLocator("iframe");
    await frame.locator("[name=code]").waitFor();
    expect(await frame.locator("#use-security-key").isVisible()).toBe(false);
    expect(await frame.locator("#tf-key-unable").isVisible()).toBe(true);
  });
});
