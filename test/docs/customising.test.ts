import { mkdtemp, rm } from "node:fs/promises";
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { memoryStore, type TwoFactorEvent, type TwoFactorOptions } from "../../src";
import { startHost, type Browser, type Host, type HostUser } from "../support/host";
import { launchChromium } from "../support/services";
import { portOf } from "../support/sockets";
import { blocksOf, recipe, run } from "./pages";

const page = "docs/customising.md";

/** A host with the options of the page's block, in which somebody is enrolled. */
async function startSite(text: string, known: object = {}, change = (code: string) => code) {
  let host: Host | undefined;
  run(change(recipe(page, text)), {
    store: memoryStore(),
    twoFactor: (options: Partial<TwoFactorOptions<HostUser>>) => {
      host = startHost({ options });
      return host.tfa;
    },
    ...known,
  });
  const owner = host!.browser();
  await owner.login();
  await owner.enrol();
  const half = host!.browser();
  await half.login();
  return { host: host!, owner, half };
}

const codePage = async (browser: Browser, language = "en") =>
  (await browser.visit("/two-factor/verify").set("accept-language", language).expect(200)).text;

test("words of the host's own are said, in its region too, and what it left is ours", async () => {
  const { half } = await startSite("const words");
  for (const language of ["en", "en-GB"]) {
    const text = await codePage(half, language);
    expect(text).toContain("Hello again");
    expect(text).toContain("Let me in");
  }
  expect(await codePage(half, "fr")).not.toContain("Hello again");
});

test("a view of the host's engine and a function stand for our pages", async () => {
  const { host, half, owner } = await startSite("locked: ({ heading })");
  const shown: Record<string, unknown>[] = [];
  host.app.set(
    "view",
    class {
      readonly path = "account/code";
      constructor(readonly name: string) {}
      render(data: Record<string, unknown>, done: (error: null, html: string) => void) {
        shown.push(data);
        done(null, `<h1>${this.name}</h1>`);
      }
    },
  );
  expect(await codePage(half)).toContain("<h1>account/code</h1>");
  expect(shown[0]).toMatchObject({ page: { page: "verify" }, issuer: "EventHub", locale: "en" });
  for (let tries = 0; tries < 3; tries += 1) {
    await half.submit("/two-factor/verify", { code: owner.wrongCode() });
  }
  const locked = await half.visit("/two-factor/verify");
  expect(locked.text).toContain('<a href="/help">Help</a>');
});

test("ejected views are taken from the folder that the command names", async () => {
  const folder = await mkdtemp(join(tmpdir(), "two-factor-eject-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const command = blocksOf(page, "sh")[0]!.code.trim();
  const [, , ...given] = command.split(" ");
  await promisify(execFile)(process.execPath, [join(__dirname, "../../dist/cli/index.js"), ...given], { cwd: folder });
  const { half } = await startSite('views: "views/two-factor"', {}, (code) =>
    code.replace('"views/two-factor"', JSON.stringify(join(folder, "views/two-factor"))),
  );
  expect(await codePage(half)).toContain('autocomplete="one-time-code"');
});

test("events go to the host's log", async () => {
  const lines: unknown[][] = [];
  await startSite("auditLog.write", { auditLog: { write: async (...line: unknown[]) => void lines.push(line) } });
  expect(lines.map(([, user, type]) => [user, type as TwoFactorEvent["type"]])).toContainEqual(["1", "enabled"]);
});

test("colours of a stylesheet after ours are those of the page, and nothing else's", async () => {
  const [colours] = blocksOf(page, "css");
  const renderPage: TwoFactorOptions<HostUser>["renderPage"] = (_req, res, { html, stylesheet }) =>
    void res.send(`<!doctype html><title>Mine</title><link rel="stylesheet" href="${stylesheet}">
      <style>${colours!.code}</style><button id="mine">Mine</button><main class="tf-main">${html}</main>`);
  const host = startHost({ options: { renderPage } });
  const browser = host.browser();
  await browser.login();
  const tab = await (await chromium()).newPage();
  const url = `http://127.0.0.1:${portOf(browser.server)}`;
  await tab.context().addCookies([{ name: "connect.sid", value: browser.cookie("connect.sid")!, url }]);
  await tab.goto(`${url}/two-factor/setup`);
  const lookOf = (selector: string) =>
    tab
      .locator(selector)
      .first()
      .evaluate((element) => {
        const { backgroundColor, borderRadius } = getComputedStyle(element);
        return { backgroundColor, borderRadius };
      });
  const ours = { backgroundColor: "rgb(11, 110, 79)", borderRadius: "4px" };
  expect(await lookOf(".tf-button")).toEqual(ours);
  expect(await lookOf("#mine")).not.toMatchObject({ backgroundColor: ours.backgroundColor });
});

async function chromium() {
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  return browser;
}

test("the script of comfort is there where it is asked for", async () => {
  const { half } = await startSite("script: true");
  expect(await codePage(half)).toMatch(/<script src="\/two-factor\/assets\/two-factor-comfort\.[0-9a-f]{8}\.js" defer/);
});
