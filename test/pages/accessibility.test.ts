import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { AxeResults } from "axe-core";
import type { Browser, Page as BrowserPage } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { qrCodeSvg } from "../../src/http/render/qr";
import { createRenderer, stylesheet } from "../../src/http/render/renderer";
import { comfort, script } from "../../src/http/render/stylesheet";
import type { Page } from "../../src/http/render/pages";
import { launchChromium } from "../support/services/chromium";
import { contextIn, links, now, otpauthUri, samplePages } from "./samples";

vi.setConfig({ testTimeout: 120_000 });

const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const renderer = createRenderer({ issuer: "EventHub", now: () => now });

/** Stricter than helmet's: nothing but our stylesheet, and where a key is asked our script. */
const policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

let pages: Readonly<Record<string, Page>>;
let browser: Browser;
let server: Server;
let origin: string;

async function answer(path: string): Promise<{ type: string; body: string | Buffer }> {
  const [, locale = "", name = ""] = path.split("/");
  const page = pages[name];
  if (path === links.comfort) return { type: "text/javascript", body: comfort.body };
  if (path === links.script) return { type: "text/javascript", body: script.body };
  if (!page) return { type: "text/css", body: path === links.stylesheet ? stylesheet.body : "" };
  const result = await renderer.render(page, contextIn(locale));
  return { type: "text/html; charset=utf-8", body: "document" in result ? result.document : "" };
}

beforeAll(async () => {
  pages = samplePages(await qrCodeSvg(otpauthUri));
  browser = await launchChromium();
  server = createServer((req, res) => {
    void answer(req.url ?? "/").then(({ type, body }) => {
      const isOfKeys = req.url?.includes("/key-");
      const allowed = isOfKeys ? `${policy}; script-src 'self'` : policy;
      res.writeHead(200, { "Content-Type": type, "Content-Security-Policy": allowed });
      res.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

const load = (tab: BrowserPage, path: string) => tab.goto(`${origin}${path}`);

/** Into the tab that has the stylesheet and axe: to load these anew takes longer than to look. What has a script is loaded. */
async function exchange(tab: BrowserPage, path: string): Promise<void> {
  const html = String((await answer(path)).body);
  if (html.includes("<script") || tab.url() === "about:blank") return void (await load(tab, path));
  await tab.evaluate((text) => {
    const { documentElement: page, title, body } = new DOMParser().parseFromString(text, "text/html");
    Object.assign(document.documentElement, { lang: page.lang, dir: page.dir });
    document.title = title;
    document.body.replaceWith(document.adoptNode(body));
  }, html);
}

interface Caller {
  context: Parameters<Browser["newContext"]>[0];
  locale?: string;
  /** Only the pages whose names begin so. */
  only?: string;
}

/**
 * What is wrong with which page; what the browser itself complains of (a refused style, a missing file) is added.
 * All pages in one tab, so that a hundred visits take seconds.
 */
async function findings(
  visit: Caller,
  look: (tab: BrowserPage) => Promise<string[]>,
  show: (tab: BrowserPage, path: string) => Promise<unknown> = load,
): Promise<Record<string, string[]>> {
  const { context: options, locale = "en", only = "" } = visit;
  const context = await browser.newContext(options);
  const found: Record<string, string[]> = {};
  try {
    const tab = await context.newPage();
    let complaints: string[] = [];
    tab.on("console", (message) => complaints.push(message.text()));
    tab.on("pageerror", (error) => complaints.push(error.message));
    for (const name of Object.keys(pages).filter((name) => name.startsWith(only))) {
      complaints = [];
      await show(tab, `/${locale}/${name}`);
      const problems = [...(await look(tab)), ...complaints];
      if (problems.length > 0) found[name] = problems;
    }
  } finally {
    await context.close();
  }
  return found;
}

const everyRule = {
  runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
};
/** What colours and width alone can change. */
const looks = { runOnly: { type: "rule", values: ["color-contrast", "target-size", "link-in-text-block"] } };

/** Through the debugger, since the policy of the page forbids every script. */
async function axeViolations(tab: BrowserPage, rules: object): Promise<string[]> {
  const results = await tab.evaluate(
    async (options) => {
      const { axe } = globalThis as unknown as { axe: { run: (options: object) => Promise<AxeResults> } };
      return axe.run(options);
    },
    { ...rules, resultTypes: ["violations"] },
  );
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}

const wideAt320 = (tab: BrowserPage): Promise<string[]> =>
  tab.evaluate(() => [
    ...(document.documentElement.scrollWidth > 320 ? ["the page"] : []),
    // The card ends 16 px before the edge.
    ...[...document.querySelectorAll(".tf-card *")]
      .filter((element) => element.getBoundingClientRect().right > 320 - 16)
      .map((element) => element.outerHTML),
  ]);

const settings = [
  { width: 320, colorScheme: "light", rules: looks },
  { width: 320, colorScheme: "dark", rules: everyRule },
  { width: 1280, colorScheme: "dark", rules: looks },
  { width: 1280, colorScheme: "light", rules: everyRule },
] as const;

/** One visit for all that a page is looked at in. */
async function axeInEachSetting(tab: BrowserPage): Promise<string[]> {
  const found: string[] = [];
  if (!(await tab.evaluate(() => "axe" in globalThis))) await tab.evaluate(axe);
  for (const { width, colorScheme, rules } of settings) {
    const said = (problems: string[]) => problems.map((problem) => `${width} px, ${colorScheme}: ${problem}`);
    await tab.setViewportSize({ width, height: 800 });
    await tab.emulateMedia({ colorScheme });
    found.push(...said(await axeViolations(tab, rules)));
    if (width === 320 && colorScheme === "light") found.push(...said(await wideAt320(tab)));
  }
  return found;
}

const inAllSettings = { context: { viewport: { width: 320, height: 800 }, reducedMotion: "reduce" } } as const;

test("every page is clean to axe (WCAG 2.2 AA) at 320 and 1280 px, light and dark, and scrolls sideways nowhere, under a policy that allows one stylesheet and nothing else", async () => {
  expect(await findings(inAllSettings, axeInEachSetting)).toEqual({});
});

test.each(["fr", "de", "es", "ru"])("and so it is in %s", async (locale) => {
  expect(await findings({ ...inAllSettings, locale }, axeInEachSetting, exchange)).toEqual({});
});

const telephone = { viewport: { width: 320, height: 640 } } as const;

test("what is pressed is at least 24 by 24 pixels", async () => {
  const small = (tab: BrowserPage): Promise<string[]> =>
    tab.evaluate(() =>
      [...document.querySelectorAll("a, button, input:not([type=hidden])")]
        .filter((element) => {
          const { width, height } = element.getBoundingClientRect();
          return width < 24 || height < 24;
        })
        .map((element) => element.outerHTML),
    );
  expect(await findings({ context: telephone }, small)).toEqual({});
});

test("the code field has the focus where a code is all that is asked for, and its focus can be seen", async () => {
  const unfocused = async (tab: BrowserPage): Promise<string[]> => {
    const field = tab.locator("input[name=code]:focus");
    await field.waitFor({ timeout: 10_000 });
    const outline = await field.evaluate((element) => getComputedStyle(element).outlineWidth);
    return outline === "3px" ? [] : [outline];
  };
  expect(await findings({ context: telephone, only: "verify" }, unfocused)).toEqual({});
});

test("the QR code is black on white, in the dark and in forced colours too", async () => {
  const context = { ...telephone, colorScheme: "dark", forcedColors: "active" } as const;
  const colours = (tab: BrowserPage): Promise<string[]> =>
    tab.evaluate(() => {
      const fill = (selector: string): string => getComputedStyle(document.querySelector(selector)!).fill;
      const around = getComputedStyle(document.querySelector(".tf-qr")!).backgroundColor;
      return [around, fill(".tf-qr path:first-child"), fill(".tf-qr path:last-child")];
    });
  const found = await findings({ context, only: "setup-optional" }, colours);
  expect(found["setup-optional"]).toEqual(["rgb(255, 255, 255)", "rgb(255, 255, 255)", "rgb(0, 0, 0)"]);
});

test("on paper there are the recovery codes, for which site, whose and of when, and no buttons", async () => {
  const onPaper = async (tab: BrowserPage): Promise<string[]> => {
    await tab.emulateMedia({ media: "print" });
    return tab.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>(".tf-print-only, [data-recovery-code], .tf-button, .tf-title")]
        .filter((element) => element.checkVisibility())
        .map((element) => element.innerText),
    );
  };
  const found = await findings({ context: { colorScheme: "dark" }, only: "recovery-codes-replaced" }, onPaper);
  expect(found["recovery-codes-replaced"]).toEqual([
    "Recovery codes for EventHub",
    "Account: super@example.com · Nov 21, 2026",
    "AAAA-BBBB-CCCC-DDDD",
  ]);
});
