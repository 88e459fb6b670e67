import type { EventEmitter } from "node:events";
import session, { MemoryStore } from "express-session";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { memoryStore, type TwoFactorOptions, type TwoFactorStore } from "../../src";
import { failOnDeath } from "../support/deaths";
import { startHost, type Browser, type Host, type HostUser } from "../support/host";
import { cookieOf, listening, open, rawUpgrade, rest, upgrade, WebSocketServer, type Opened } from "../support/sockets";
import { recipe, run } from "./pages";

const page = "docs/websockets.md";
/** In the order in which a host would have them: the option, then the server. */
const code = ["const endsSockets", "tfa.upgrade(", "stillMay"].map((text) => recipe(page, text)).join("\n");

type Options = TwoFactorOptions<HostUser>;

interface Site {
  host: Host;
  server: EventEmitter & Parameters<typeof open>[0];
  /** What the recipe does once a minute. */
  minute: () => void;
  faults: { store: boolean };
}

/** The page's code, on a host with a session of its own. */
async function startSite(version: 4 | 5, more: Partial<Options> = {}): Promise<Site> {
  const records = memoryStore();
  const faults = { store: false };
  const store: TwoFactorStore = {
    ...records,
    get: (id) => (faults.store ? Promise.reject(new Error("down")) : records.get(id)),
  };
  const sessionOptions = { secret: "for tests", resave: false, saveUninitialized: false, store: new MemoryStore() };
  const made: { host?: Host; minute?: () => void } = {};
  const twoFactor = (options: Partial<Options>) => {
    made.host = startHost({
      version,
      options: { storeTimeoutSeconds: 1, ...more, ...options, store },
      session: sessionOptions,
      before: (app) =>
        app.use((req, _res, next) => {
          const kept = req.session as { user?: HostUser; userId?: unknown };
          kept.userId = kept.user?.id;
          next();
        }),
    });
    return made.host.tfa;
  };
  const server = await listening((req, res) => made.host!.app(req, res));
  run(code, {
    twoFactor,
    server,
    session: () => session(sessionOptions),
    require: (name: string) => (name === "ws" ? { WebSocketServer } : undefined),
    findUser: async (id?: string) => (id === undefined ? undefined : { id }),
    setInterval: (minute: () => void) => ((made.minute = minute), { unref: () => undefined }),
  });
  return { host: made.host!, server, minute: made.minute!, faults };
}

async function enrolled({ host }: Site, user?: HostUser): Promise<Browser> {
  const browser = host.browser();
  await browser.login(user);
  await browser.enrol();
  return browser;
}

const closed = ({ socket }: Opened) => vi.waitFor(() => expect(socket!.destroyed).toBe(true));

failOnDeath();
beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => undefined));
afterEach(() => void vi.restoreAllMocks());

describe.each([4, 5] as const)("the recipe of docs/websockets.md on Express %i", (version) => {
  test("opens a socket for who has proven a second factor, and for nobody else", async () => {
    const site = await startSite(version);
    expect(await upgrade(site.server, "")).toBe(401);
    const browser = site.host.browser();
    await browser.login();
    await browser.get("/two-factor");
    expect(await upgrade(site.server, cookieOf(browser))).toBe(401);
    await browser.enrol();
    expect(await upgrade(site.server, cookieOf(browser))).toBe(101);
    expect(await upgrade(site.server, cookieOf(browser), { origin: "https://elsewhere.example" })).toBe(403);
  });

  test("with its store down is 503, and a hostile first request ends nothing", async () => {
    const site = await startSite(version);
    expect(await rest(await rawUpgrade(site.server, "http://[/live"))).toContain("400");
    (await rawUpgrade(site.server, "/live")).resetAndDestroy();
    const browser = await enrolled(site);
    site.faults.store = true;
    expect(await upgrade(site.server, cookieOf(browser))).toBe(503);
    site.faults.store = false;
    expect(await upgrade(site.server, cookieOf(browser))).toBe(101);
  });

  const by = { reason: "a new phone", by: "an admin" };
  const ends: [event: string, act: (browser: Browser, site: Site) => Promise<unknown>, after: number][] = [
    ["reset", (_browser, { host }) => host.tfa.reset("1", by), 401],
    ["erased", (_browser, { host }) => host.tfa.erase("1"), 401],
    ["browsers-forgotten", (_browser, { host }) => host.tfa.forgetBrowsers("1"), 401],
    ["disabled", (browser) => browser.post("/two-factor/disable", { code: browser.code(1) }).expect(200), 401],
    ["logged-out", (browser) => browser.post("/logout").expect(200), 401],
    ["replaced", (browser) => replace(browser), 101],
  ];
  test.each(ends)("%s closes the sockets of that user, and of nobody else", async (_event, act, after) => {
    const site = await startSite(version);
    const browser = await enrolled(site);
    const other = await enrolled(site, { id: "2", email: "two@example.com" });
    const [own, others] = [await open(site.server, cookieOf(browser)), await open(site.server, cookieOf(other))];
    await act(browser, site);
    await closed(own);
    expect(others.socket!.destroyed).toBe(false);
    expect(await upgrade(site.server, cookieOf(browser))).toBe(after);
  });

  test("enabled closes the sockets that were let in without a second factor", async () => {
    const site = await startSite(version, { needTwoFactorAuthentication: () => "optional" });
    const browser = site.host.browser();
    await browser.login();
    await browser.get("/two-factor");
    const own = await open(site.server, cookieOf(browser));
    expect(own.status).toBe(101);
    await (await secondBrowser(site)).enrol();
    await closed(own);
    expect(await upgrade(site.server, cookieOf(browser))).toBe(401);
  });

  test("once a minute the sockets whose session has ended are closed, and the others stay", async () => {
    const site = await startSite(version);
    const [browser, other] = [await enrolled(site), await enrolled(site, { id: "2", email: "two@example.com" })];
    const [own, others] = [await open(site.server, cookieOf(browser)), await open(site.server, cookieOf(other))];
    site.minute();
    await browser.post("/logout").expect(200);
    site.minute();
    await closed(own);
    expect(others.socket!.destroyed).toBe(false);
    site.faults.store = true;
    site.minute();
    await closed(others);
  });
});

async function secondBrowser({ host }: Site): Promise<Browser> {
  const browser = host.browser();
  await browser.login();
  return browser;
}

async function replace(browser: Browser): Promise<void> {
  const { body } = await browser.post("/two-factor/setup", { replace: true, code: browser.code(1) }).expect(200);
  const { secret } = body as { secret: string };
  await browser.post("/two-factor/setup/verify", { code: browser.code(0, secret) }).expect(200);
}
