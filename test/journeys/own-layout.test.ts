import helmet from "helmet";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { memoryStore, type TwoFactorOptions } from "../../src";
import { recipe, run } from "../docs/pages";
import { codeOf, startHost, type Host, type HostUser } from "../support/host";
import { launchChromium, scanQr } from "../support/services";
import { listening, portOf } from "../support/sockets";

let chromium: Browser;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

interface SiteData {
  title: string;
  body: string;
  stylesheets: string[];
}

/** The recipe of docs/customising.md, where `site` is a view of the host's; `keeps`: of the stylesheets that it is handed. */
function startSite(keeps: (stylesheet: string) => boolean): Host {
  let host: Host | undefined;
  run(recipe("docs/customising.md", "renderPage:"), {
    store: memoryStore(),
    twoFactor: (options: Partial<TwoFactorOptions<HostUser>>) => {
      host = startHost({ options, early: (app) => app.use(helmet()) });
      return host.tfa;
    },
  });
  host!.app.engine("site", (_file: string, data: object, done: (error: null, html: string) => void) => {
    const { title, body, stylesheets } = data as SiteData;
    const links = stylesheets.filter(keeps).map((href) => `<link rel="stylesheet" href="${href}">`);
    done(null, `<!doctype html><title>${title}</title>${links.join("")}<body><header>My site</header>${body}</body>`);
  });
  host!.app.set("views", __dirname).set("view engine", "site");
  // Any file will do: the engine reads none.
  host!.app.set(
    "view",
    class {
      readonly path = "site";
      render(data: object, done: (error: null, html: string) => void) {
        const engines = (host!.app as unknown as { engines: Record<string, (...given: unknown[]) => void> }).engines;
        engines[".site"]!("site", data, done);
      }
    },
  );
  return host!;
}

test.each([
  { looks: "with our stylesheet", keeps: (href: string) => href.startsWith("/two-factor/assets/") },
  { looks: "with none at all", keeps: () => false },
])("a page in the host's own layout is whole, and a phone reads its QR code ($looks)", async ({ keeps }) => {
  const host = startSite(keeps);
  const origin = `http://127.0.0.1:${portOf(await listening(host.app))}`;
  const context = await chromium.newContext({ viewport: { width: 320, height: 640 } });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const refused: string[] = [];
  page.on("console", (message) => void (/security policy/i.test(message.text()) && refused.push(message.text())));
  const answers: number[] = [];
  page.on("response", (answer) => void (answer.url().includes("/assets/") && answers.push(answer.status())));
  await page.goto(`${origin}/two-factor`);
  await page.evaluate(async () => {
    const headers = { "content-type": "application/json" };
    await fetch("/login", { method: "POST", headers, body: JSON.stringify({ id: "1", email: "one@example.com" }) });
  });
  answers.length = 0;
  await page.goto(`${origin}/two-factor/setup`);
  expect(await page.locator("header").innerText()).toBe("My site");
  expect(await page.title()).toBe(await page.locator("h1").innerText());
  expect(answers).toEqual(keeps("/two-factor/assets/") ? [200] : []);
  expect(refused).toEqual([]);

  const picture = page.locator("svg").first();
  for (const size of [1280, 320]) {
    await page.setViewportSize({ width: size, height: 640 });
    const { width, height } = (await picture.boundingBox())!;
    expect(width).toBe(height);
    expect(width).toBeGreaterThan(150);
    expect(width).toBeLessThan(300);
  }
  const secret = (await page.locator("#two-factor-secret").innerText()).replaceAll(/\s/g, "");
  expect(await scanQr(await picture.screenshot())).toContain(`secret=${secret}`);

  await page.locator("[name=code]").fill(codeOf(secret));
  await page.locator("[name=code]").press("Enter");
  expect(await page.locator("[data-recovery-code]").count()).toBe(10);
});
