import helmet from "helmet";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { comfort, script } from "../../src/http/render/stylesheet";
import { startHost, codeOf, type HostOptions } from "../support/host";
import { keySite, pathOf } from "../support/key-site";
import { launchChromium } from "../support/services";
import { listening, portOf } from "../support/sockets";
import { plugIn } from "../support/virtual-keys";

let chromium: Browser;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

interface SiteOptions extends Pick<HostOptions, "options" | "early"> {
  context?: BrowserContextOptions;
}

/** A host under helmet's default policy, and a page of somebody who is signed in there. */
async function site({ options, early, context: of }: SiteOptions = {}) {
  const sent: string[] = [];
  const host = startHost({
    options: {
      script: true,
      sendTwoFactorAuthenticationCode: (_user, code) => void sent.push(code),
      directOtp: (user, { enrolled }) => user.role === "mail" && !enrolled,
      ...options,
    },
    early: (app) => {
      app.use(helmet());
      early?.(app);
    },
  });
  const origin = `http://127.0.0.1:${portOf(await listening(host.app))}`;
  const context = await chromium.newContext({ locale: "en-GB", ...of });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  const login = (role?: string) =>
    context.request.post(`${origin}/login`, { data: { id: "1", email: "one@example.com", role }, headers: { origin } });
  return { host, origin, context, page, sent, errors, login };
}

async function enrol(page: Page, origin: string): Promise<string> {
  await page.goto(`${origin}/two-factor/setup`);
  const secret = (await page.locator("#two-factor-secret").innerText()).replaceAll(" ", "");
  await page.locator("[name=code]").fill(codeOf(secret));
  await page.locator("[name=code]").press("Enter");
  await page.locator("[data-recovery-code]").first().waitFor();
  return secret;
}

describe("with the option `script`", () => {
  test("the time until another code can be sent counts down, and its end alone is announced", async () => {
    const { origin, page, errors, login } = await site();
    await page.clock.install();
    await login("mail");
    await page.goto(`${origin}/two-factor/verify`);
    const hint = page.locator(".tf-send .tf-hint");
    expect(await hint.innerText()).toMatch(/^A new code can be sent in (30|29|28|27) seconds\.$/);
    const timer = hint.locator("[role=timer]");
    expect(await timer.getAttribute("aria-live")).toBe("off");
    await page.clock.runFor(10_000);
    expect(await hint.innerText()).toMatch(/in (20|19|18|17) seconds/);
    await page.clock.runFor(21_000);
    expect(await hint.innerText()).toBe("You can ask for a new code now.");
    expect(await hint.getAttribute("role")).toBe("status");
    expect(await page.locator("[role=timer]").count()).toBe(0);
    expect(errors).toEqual([]);
  });

  test("so does a lock, in the language of the page", async () => {
    const { origin, page, login } = await site({ context: { locale: "fr-FR" } });
    await page.clock.install();
    await login("mail");
    await page.goto(`${origin}/two-factor/verify`);
    for (let wrong = 0; wrong < 3; wrong++) {
      await page.locator("[name=code]").fill("000000");
      await page.locator("[name=code]").press("Enter");
      await page.waitForLoadState();
      await page.clock.runFor(3_500);
    }
    const alert = page.locator("[role=alert]");
    expect(await alert.innerText()).toMatch(/Vous pourrez réessayer dans \d\d secondes\.$/);
    await page.clock.runFor(61_000);
    expect(await alert.innerText()).toBe("Vous pouvez réessayer.");
  });

  test("times are those of the reader, unless `timeZone` says which", async () => {
    const shown = async (options: HostOptions["options"]) => {
      const { origin, page, login } = await site({
        options: { ...options, needTwoFactorAuthentication: () => false },
        context: { timezoneId: "Asia/Kathmandu", locale: "en-US" },
      });
      await login();
      await enrol(page, origin);
      await page.goto(`${origin}/two-factor`);
      const time = page.locator("#tf-activity ~ ul time").first();
      const at = new Date((await time.getAttribute("datetime")) ?? "");
      return { at, text: await time.innerText() };
    };
    const [local, paris] = [await shown({}), await shown({ timeZone: () => "Europe/Paris" })];
    const inZone = (at: Date, timeZone: string) =>
      new Intl.DateTimeFormat("en", { hour: "numeric", minute: "2-digit", timeZone }).format(at);
    expect(local.text).toContain(inZone(local.at, "Asia/Kathmandu"));
    expect(local.text).not.toMatch(/GMT|UTC/);
    expect(paris.text).toContain(inZone(paris.at, "Europe/Paris"));
    expect(paris.text).toMatch(/GMT\+|CE/);
  });

  test("a key and recovery codes are copied, and printed", async () => {
    const { origin, page, context, login } = await site();
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin });
    await login();
    await page.goto(`${origin}/two-factor/setup`);
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await page.getByRole("button", { name: "Copy the key" }).press("Enter");
    await page.locator("[role=status]:has-text('Copied.')").waitFor();
    expect(await copied()).toBe((await page.locator("#two-factor-secret").innerText()).replaceAll(" ", ""));
    await enrol(page, origin);
    await page.locator("#tf-copy").press("Enter");
    await page.locator("#tf-copied:has-text('Copied')").waitFor();
    expect((await copied()).trim().split(/\s+/)).toEqual(await page.locator("[data-recovery-code]").allInnerTexts());
    await page.evaluate(() => Object.assign(window, { print: () => (document.title = "printed") }));
    await page.locator("#tf-print").press("Enter");
    expect(await page.title()).toBe("printed");
  });

  test("a form is sent once, however often its button is pressed", async () => {
    const posts: string[] = [];
    const { origin, page, login } = await site({
      early: (app) =>
        app.use((req, _res, next) => {
          if (req.method === "POST" && req.path.startsWith("/two-factor")) posts.push(req.path);
          setTimeout(next, req.method === "POST" ? 400 : 0);
        }),
    });
    await login("mail");
    await page.goto(`${origin}/two-factor/verify`);
    await page.locator("[name=code]").fill("000000");
    await page.locator("form:has([name=code]) [type=submit]").evaluate((button: HTMLElement) => {
      button.click();
      setTimeout(() => button.click(), 100); // At once, a browser sends but the second.
    });
    await page.locator("[role=alert]").waitFor();
    expect(posts).toEqual(["/two-factor/verify"]);
  });

  test("a page that asks for a key does nothing twice", async () => {
    const { origin, newPage } = await keySite(chromium, { options: { script: true } });
    const page = await newPage();
    await plugIn(page, "usb");
    await page.goto(`${origin}/two-factor/setup`);
    expect(await page.locator("script").count()).toBe(2);
    const posts: string[] = [];
    page.on("request", (request) => request.method() === "POST" && posts.push(new URL(request.url()).pathname));
    await page.locator("#tf-key-name").fill("blue key");
    await page.locator("#add-security-key").evaluate((button: HTMLElement) => {
      button.click();
      button.click();
    });
    await page.locator("[data-recovery-code]").first().waitFor();
    expect(posts).toEqual(["/two-factor/keys"]);
    expect(await page.locator("script").count()).toBe(1);
    expect(await page.locator("#tf-copy").isVisible()).toBe(true);
  });

  test.each([
    { without: "JavaScript", context: { javaScriptEnabled: false } },
    {
      without: "leave of the host's policy",
      early: (app: Parameters<NonNullable<HostOptions["early"]>>[0]) =>
        app.use(
          (_req, res, next) => (res.set("Content-Security-Policy", "default-src 'none'; style-src 'self'"), next()),
        ),
    },
  ])("every page is whole without $without", async ({ context = {}, early }) => {
    const { origin, page, sent, login } = await site({ context, ...(early && { early }) });
    await login();
    await page.goto(`${origin}/two-factor/setup`);
    expect(await page.getByRole("button", { name: "Copy the key" }).count()).toBe(0);
    await login("mail");
    await page.goto(`${origin}/two-factor/verify`);
    const hint = page.locator(".tf-send .tf-hint");
    const said = await hint.innerText();
    expect(said).toMatch(/^A new code can be sent in \d+ seconds\.$/);
    await page.waitForTimeout(1500);
    expect(await hint.innerText()).toBe(said);
    await page.locator("[name=code]").fill(sent.at(-1) ?? "");
    await page.locator("[name=code]").press("Enter");
    await page.waitForURL(`${origin}/`);
    await login();
    await enrol(page, origin);
    for (const what of ["#tf-copy", "#tf-print"]) expect(await page.locator(what).isVisible()).toBe(false);
  });

  test("it is one file of at most three kilobytes, as that of keys is, kept for ever", async () => {
    for (const { body } of [comfort, script]) expect(body.byteLength).toBeLessThanOrEqual(3072);
    const { host } = await site();
    const browser = host.browser();
    await browser.login();
    const { text } = await browser.visit("/two-factor/setup").expect(200);
    const [, src = ""] = /<script src="([^"]+)" defer/.exec(text) ?? [];
    expect(text.match(/<script/g)).toHaveLength(1);
    const asset = await browser.get(src).expect(200);
    expect(asset.headers["content-type"]).toMatch(/javascript/);
    expect(asset.headers["cache-control"]).toContain("immutable");
    // Keys are not loaded here, nor is their script.
    await browser.get(`/two-factor/assets/${script.name}`).expect(404);
  });
});

test("without the option `script` no page has one, and there is none to load", async () => {
  const { host, origin, page, login } = await site({ options: { script: false } });
  await login();
  await enrol(page, origin);
  expect(pathOf(page)).toBe("/two-factor/setup/verify");
  expect(await page.locator("script, #tf-copy, #tf-print").count()).toBe(0);
  await page.goto(`${origin}/two-factor`);
  expect(await page.locator("script").count()).toBe(0);
  const browser = host.browser();
  await browser.login();
  await browser.get(`/two-factor/assets/${comfort.name}`).expect(404);
});
