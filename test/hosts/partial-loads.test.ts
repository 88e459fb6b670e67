import { readFileSync } from "node:fs";
import type { Browser as Chromium, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { TwoFactorOptions } from "../../src";
import { blocksOf } from "../docs/pages";
import { portOf } from "../support/sockets";
import { codeOf, ownerAndUnproven, startHost, type Browser, type Host, type HostUser } from "../support/host";
import { launchChromium } from "../support/services";
import { hostPackages } from "./packages";

let chromium: Chromium;
const scripts = { htmx: "", turbo: "" };
beforeAll(async () => {
  const load = await hostPackages();
  scripts.htmx = readFileSync(load.resolve("htmx.org/dist/htmx.js"), "utf8");
  scripts.turbo = readFileSync(load.resolve("@hotwired/turbo/dist/turbo.es2017-umd.js"), "utf8");
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

const pages = {
  htmx: `<body><script src="/script"></script><h1>Shown</h1>
    <button hx-get="/part" hx-target="#here">Load</button>
    <form hx-post="/save" hx-target="#here"><button>Save</button></form>
    <a href="/other" hx-boost="true">Boosted</a><div id="here"></div></body>`,
  turbo: `<head><script src="/script"></script></head><body><h1>Shown</h1><a href="/other">Visit</a>
    <form action="/save" method="post"><button>Save</button></form>
    <turbo-frame id="here"><a href="/part">Load</a></turbo-frame>
    <a href="/two-factor/setup" id="setup">Set up</a></body>`,
};

function startSite(kind: "htmx" | "turbo", options: Partial<TwoFactorOptions<HostUser>> = {}): Host {
  return startHost({
    options,
    before: (app) => {
      app.get("/shown", (_req, res) => void res.send(`<!doctype html>${pages[kind]}`));
      app.get("/script", (_req, res) => void res.type("js").send(scripts[kind]));
    },
    behind: (app) => {
      app.get("/part", (_req, res) => void res.send('<turbo-frame id="here">The part</turbo-frame>'));
      app.get("/other", (_req, res) => void res.send("<!doctype html><h1>The other</h1>"));
      app.post("/save", (_req, res) => res.redirect(303, "/other"));
    },
  });
}

/** The page as somebody sees it who has signed in elsewhere, in a browser that runs scripts. */
async function pageOf(browser: Browser): Promise<Page> {
  const context = await chromium.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.setDefaultNavigationTimeout(10_000);
  const url = `http://127.0.0.1:${portOf(browser.server)}`;
  const cookies = browser.agent.jar.getCookies({ path: "/", domain: "127.0.0.1", secure: false, script: false });
  await context.addCookies(cookies.map(({ name, value }) => ({ name, value, url })));
  await page.goto(`${url}/shown`);
  return page;
}

async function proveAndReturn(page: Page, browser: Browser, where: string): Promise<void> {
  await page.waitForURL("**/two-factor/verify");
  await page.locator("main [name=code]").fill(codeOf(browser.secret, 1));
  await page.locator("main [name=code]").press("Enter");
  await page.waitForURL(`**${where}`);
}

describe.each([
  ["htmx", "Load", "/shown"],
  ["htmx", "Save", "/shown"],
  ["htmx", "Boosted", "/other"],
  ["turbo", "Load", "/shown"],
  ["turbo", "Visit", "/other"],
  ["turbo", "Save", "/shown"],
] as const)("%s: “%s” of somebody who owes a code", (kind, what, where) => {
  test("leads to the code page, whole, and back to the page", async () => {
    const { browser } = await ownerAndUnproven(startSite(kind));
    const page = await pageOf(browser);
    await page.getByText(what, { exact: true }).click();
    await proveAndReturn(page, browser, where);
  });
});

/** The element of docs/hosts.md, in a layout whose every link and form is otherwise loaded by a script. */
const [wrapper] = blocksOf("docs/hosts.md", "html");
const layouts = {
  htmx: (html: string) => `<body hx-boost="true"><script src="/script"></script>${html}</body>`,
  turbo: (html: string) => `<head><script src="/script"></script></head><body>${html}</body>`,
};

test.each(["htmx", "turbo"] as const)("%s: our pages in the host's own layout are plain pages", async (kind) => {
  const renderPage: TwoFactorOptions<HostUser>["renderPage"] = (_req, res, { html }) =>
    void res.send(`<!doctype html>${layouts[kind](wrapper!.code.replace("<!-- html -->", html))}`);
  const { browser } = await ownerAndUnproven(startSite(kind, { renderPage }));
  const page = await pageOf(browser);
  await page.goto(new URL("/two-factor/verify", page.url()).href);
  const sent = page.waitForRequest((request) => request.method() === "POST");
  await page.locator("[name=code]").fill(codeOf(browser.secret, 1));
  await page.locator("[name=code]").press("Enter");
  expect((await sent).isNavigationRequest()).toBe(true);
  await page.waitForURL("**/");
});

test("turbo: a link that is hovered over begins no set-up", async () => {
  const host = startSite("turbo");
  const browser = host.browser();
  await browser.login();
  const page = await pageOf(browser);
  const asked = page.waitForRequest("**/two-factor/setup");
  await page.locator("#setup").hover();
  expect((await asked).headers()["x-sec-purpose"]).toBe("prefetch");
  await (await asked).response();
  expect((await browser.visit("/two-factor")).text).not.toContain("Not finished");
});

test("a page of another site is no way back, whatever a request calls the page that it comes from", async () => {
  const { browser } = await ownerAndUnproven(startSite("htmx"));
  const asked = browser.agent
    .get("/part")
    .set({ "HX-Request": "true", "HX-Current-URL": "https://evil.example/shown" });
  await asked.expect(403).expect("hx-redirect", "/two-factor/verify");
  await browser.submit("/two-factor/verify", { code: codeOf(browser.secret, 1) }).expect("location", "/");
});
