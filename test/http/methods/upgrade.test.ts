import { setTimeout as pause } from "node:timers/promises";
import session, { MemoryStore, type SessionData } from "express-session";
import { Passport } from "passport";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { memoryStore, type TwoFactorOptions, type TwoFactorStore } from "../../../src";
import { failOnDeath } from "../../support/deaths";
import { startHost, type HostUser } from "../../support/host";
import { cookieOf, listening, open, rawUpgrade, rest, upgrade, WebSocketServer } from "../../support/sockets";

type Kept = { user?: HostUser };
type Step = "none" | "fails" | "hangs" | "throws";

/** Sessions that are fine until they are told otherwise; each step can take its time. */
class SlowSessions extends MemoryStore {
  step: Step = "none";
  waitMs = 0;

  override get(id: string, done: (error: unknown, found?: SessionData | null) => void): void {
    if (this.step === "throws") throw new Error("the session store threw");
    if (this.step === "fails") return done(new Error("the session store failed"));
    if (this.step !== "hangs") setTimeout(() => super.get(id, done), this.waitMs);
  }
}

interface Given {
  options?: Partial<TwoFactorOptions<HostUser>>;
  /** Between `true` and the handshake. */
  beforeAccept?: () => Promise<unknown>;
}

async function hostWithSockets({ options, beforeAccept }: Given = {}) {
  const sessions = new SlowSessions();
  const sessionOptions = { secret: "for tests", resave: false, saveUninitialized: false, store: sessions };
  const records = memoryStore();
  const faults = { store: "none" as Step, findUser: "none" as Step, waitMs: 0 };
  const forever = () => new Promise<never>(() => undefined);
  const act = async (step: Step): Promise<void> => {
    if (step === "hangs") return forever();
    if (step !== "none") throw new Error("down");
    await pause(faults.waitMs);
  };
  const store: TwoFactorStore = {
    get: async (id) => (await act(faults.store), records.get(id)),
    compareAndSet: (...change) => records.compareAndSet(...change),
  };
  const host = startHost({
    options: { store, rememberBrowser: "never", storeTimeoutSeconds: 1, ...options },
    session: sessionOptions,
  });
  const answers: boolean[] = [];
  const mayUpgrade = host.tfa.upgrade<Kept>(session(sessionOptions), async (kept) => {
    await act(faults.findUser);
    return kept.user;
  });
  const webSockets = new WebSocketServer();
  const server = await listening(host.app);
  server.on("upgrade", (req, socket, head: Buffer) => {
    void mayUpgrade(req, socket, head).then(async (may) => {
      answers.push(may);
      if (may) await beforeAccept?.();
      if (may) webSockets.handleUpgrade(req, socket, head, () => undefined);
    });
  });
  return { host, server, sessions, faults, answers };
}

type Sockets = Awaited<ReturnType<typeof hostWithSockets>>;

async function provenCookie({ host }: Sockets): Promise<string> {
  const browser = host.browser();
  await browser.login();
  await browser.enrol();
  return cookieOf(browser);
}

failOnDeath();
beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => undefined));
afterEach(() => void vi.restoreAllMocks());

describe("A WebSocket's upgrade request", () => {
  test("passes for who has proven a second factor, and for nobody else", async () => {
    const site = await hostWithSockets();
    expect(await upgrade(site.server, "")).toBe(401);
    const browser = site.host.browser();
    await browser.login();
    expect(await upgrade(site.server, cookieOf(browser))).toBe(401);
    await browser.enrol();
    expect(await upgrade(site.server, cookieOf(browser))).toBe(101);
    await site.host.tfa.reset("1", { reason: "a new phone", by: "an admin" });
    expect(await upgrade(site.server, cookieOf(browser))).toBe(401);
  });

  test("finds the user of passport's session", async () => {
    const passport = new Passport();
    passport.deserializeUser((id: string, done) => done(null, { id }));
    const sessionOptions = { secret: "for tests", resave: false, saveUninitialized: false, store: new MemoryStore() };
    const host = startHost({
      session: sessionOptions,
      before: (app) =>
        app.use((req, _res, next) => {
          const kept = req.session as unknown as Kept & { passport?: object };
          if (kept.user !== undefined) kept.passport = { user: kept.user.id };
          next();
        }),
    });
    const server = await listening(host.app);
    const mayUpgrade = host.tfa.upgrade([session(sessionOptions), passport.session()]);
    server.on("upgrade", (req, socket, head: Buffer) => {
      void mayUpgrade(req, socket).then((may) => {
        if (may) new WebSocketServer().handleUpgrade(req, socket, head, () => undefined);
      });
    });
    const browser = host.browser();
    await browser.login();
    expect(await upgrade(server, cookieOf(browser))).toBe(401);
    await browser.enrol();
    expect(await upgrade(server, cookieOf(browser))).toBe(101);
  });

  test("may be decided by a predicate that reads its address", async () => {
    const needTwoFactorAuthentication: TwoFactorOptions<HostUser>["needTwoFactorAuthentication"] = (_user, req) =>
      req.path.startsWith("/live") && req.originalUrl === "/live" && req.get("upgrade") === "websocket";
    const site = await hostWithSockets({ options: { needTwoFactorAuthentication } });
    const browser = site.host.browser();
    await browser.login();
    expect(await upgrade(site.server, cookieOf(browser))).toBe(401);
  });
});

describe("A hostile upgrade", () => {
  const targets = ["http://[/live", "http://a:b@[/", "[", "*", "//[/live", "/\\[", "/%ff%00", "/\u00a0live", "///"];

  test.each(targets)("to %j is answered and ended, and the process lives", async (target) => {
    const site = await hostWithSockets();
    const cookie = await provenCookie(site);
    const answer = await rest(await rawUpgrade(site.server, target));
    expect(answer).toMatch(/^HTTP\/1\.1 40[01] /);
    expect(await upgrade(site.server, cookie)).toBe(101);
  });

  test.each(targets.slice(0, 2))("`check` alone says false to %j", async (target) => {
    const { host } = await hostWithSockets();
    expect(await host.tfa.check({ url: target, headers: {}, session: {}, user: { id: "1" } } as never)).toBe(false);
  });

  test("that is reset at any moment ends no process", async () => {
    const site = await hostWithSockets({ beforeAccept: () => pause(80) });
    const cookie = await provenCookie(site);
    site.sessions.waitMs = site.faults.waitMs = 40;
    for (let after = 0; after <= 240; after += 12) {
      const socket = await rawUpgrade(site.server, "/live", cookie);
      await pause(after);
      socket.resetAndDestroy();
    }
    await vi.waitFor(() => expect(site.answers).toHaveLength(21));
    expect(site.answers).toContain(true);
    expect(site.answers).toContain(false);
    expect(await upgrade(site.server, cookie)).toBe(101);
  });

  test("whose client never closes its side is closed all the same", async () => {
    const site = await hostWithSockets();
    const socket = await rawUpgrade(site.server, "/live");
    socket.pause();
    await vi.waitFor(async () => {
      const count = await new Promise<number>((resolve) => site.server.getConnections((_, open) => resolve(open)));
      expect(count).toBe(0);
    });
  });
});

describe("An upgrade while something is down is 503 within the time limit", () => {
  const places: [where: string, break_: (site: Sockets, step: Step) => void][] = [
    ["the session store", ({ sessions }, step) => void (sessions.step = step)],
    ["findUser", ({ faults }, step) => void (faults.findUser = step)],
    ["the store", ({ faults }, step) => void (faults.store = step)],
  ];

  for (const [where, breakAt] of places) {
    test.each<Step>(["fails", "hangs", "throws"])(`${where} %s`, async (step) => {
      const site = await hostWithSockets();
      const cookie = await provenCookie(site);
      breakAt(site, step);
      const begun = Date.now();
      expect(await upgrade(site.server, cookie)).toBe(503);
      expect(Date.now() - begun).toBeLessThan(3000);
      breakAt(site, "none");
      expect(await upgrade(site.server, cookie)).toBe(101);
    });
  }

  test("a session middleware that calls back twice, or answers itself, opens nothing", async () => {
    const { host } = await hostWithSockets();
    const server = await listening(host.app);
    const odd = [
      (_req: unknown, _res: unknown, next: (error?: unknown) => void) => (next(new Error("down")), next()),
      (_req: unknown, res: { end: (text: string) => void }) => res.end("no"),
      async () => Promise.reject(new Error("down")),
    ];
    for (const one of odd) {
      server.removeAllListeners("upgrade");
      const mayUpgrade = host.tfa.upgrade(one as never);
      server.on("upgrade", (req, socket) => void mayUpgrade(req, socket));
      expect(await upgrade(server, "")).toBe(503);
    }
  });

  test("what is no middleware is told at once", () => {
    const { tfa } = startHost();
    expect(() => tfa.upgrade(undefined as never)).toThrow(TypeError);
    expect(() => tfa.upgrade([])).toThrow(TypeError);
    expect(() => tfa.upgrade(session({ secret: "x" }), "user" as never)).toThrow(TypeError);
  });
});

describe("An upgrade that a browser asks for", () => {
  const origins: [origin: string, more: Record<string, string>, status: number][] = [
    ["http://site.example", {}, 101],
    ["https://site.example", {}, 101],
    ["http://SITE.example", {}, 403],
    ["https://site.example", { "x-forwarded-proto": "https" }, 101],
    ["http://site.example", { "x-forwarded-proto": "https" }, 403],
    ["https://elsewhere.example", {}, 403],
    ["https://sub.site.example", {}, 403],
    ["https://site.example.evil.example", {}, 403],
    ["https://site.example:8443", {}, 403],
    ["https://elsewhere.example", { "x-forwarded-host": "elsewhere.example" }, 403],
    ["null", {}, 403],
    ["https://friend.example", {}, 101],
    ["https://site.example", { host: "site.example:443" }, 101],
    ["http://[", { host: "[" }, 403],
  ];

  test.each(origins)("from %s with %j is %i", async (origin, more, status) => {
    const site = await hostWithSockets({ options: { allowedOrigins: ["https://friend.example"] } });
    const cookie = await provenCookie(site);
    expect(await upgrade(site.server, cookie, { host: "site.example", origin, ...more })).toBe(status);
  });

  test("a socket that was handed over is the host's", async () => {
    const site = await hostWithSockets();
    const { status, socket } = await open(site.server, await provenCookie(site));
    expect(status).toBe(101);
    expect(socket!.destroyed).toBe(false);
  });
});
