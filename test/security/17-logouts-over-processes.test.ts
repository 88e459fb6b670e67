import type express from "express";
import session, { type SessionData } from "express-session";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { generateEncryptionKey, memoryStore, twoFactor, type TwoFactorEvent, type TwoFactorOptions } from "../../src";
import { Barrier } from "../support/barrier";
import { later, stopClock } from "../support/clock";
import { startHost, type Browser, type Host, type HostUser } from "../support/host";
import { cookiesOf, sendRaw } from "../support/raw";
import { sessionStores } from "../support/session-stores";

beforeEach(() => void stopClock());
afterEach(() => void vi.restoreAllMocks().useRealTimers());

type Done = (error?: unknown, found?: SessionData | null) => void;

/** What one process has of the sessions of all. */
class OfOneProcess extends session.Store {
  constructor(readonly shared: session.Store) {
    super();
  }

  override get = (id: string, done: Done): void => this.shared.get(id, done);
  override set = (id: string, data: SessionData, done?: Done): void => this.shared.set(id, data, done);
  override destroy = (id: string, done?: Done): void => this.shared.destroy(id, done);
}

/** How a host ends a session; each waits, once its session is loaded, until it is let go. */
const logouts: Record<string, (host: Host, go: Barrier) => express.RequestHandler[]> = {
  "tfa.logout and destroy": ({ tfa }, go) => [
    (req, res, next) => void tfa.logout(req, res, next),
    (req, res) => void go.pass().then(() => req.session.destroy(() => res.json({ ok: true }))),
  ],
  "destroy alone": (_host, go) => [
    (req, res) => void go.pass().then(() => req.session.destroy(() => res.json({ ok: true }))),
  ],
  "regenerate alone": (_host, go) => [
    (req, res) => void go.pass().then(() => req.session.regenerate(() => res.json({ ok: true }))),
  ],
};

describe("A logout that one process is carrying out ends what another accepts meanwhile", () => {
  describe.each(sessionStores)("with sessions in $sessions", ({ open }) => {
    async function start(
      logout: keyof typeof logouts,
      {
        rememberBrowser = "never",
        place = "behind",
      }: Partial<Pick<TwoFactorOptions, "rememberBrowser">> & {
        place?: "before" | "behind";
      } = {},
    ) {
      const sessions = await open();
      const events: TwoFactorEvent[] = [];
      const shared = {
        store: memoryStore(),
        otpSecretEncryptionKey: generateEncryptionKey(),
        recoveryCodes: { count: 2 },
        rememberBrowser,
        knownBrowserForSeconds: 0,
        revalidateSeconds: 0,
        acceptedAcr: ["two-factors"],
        onEvent: (event: TwoFactorEvent) => void events.push(event),
      };
      const slow = new Barrier();
      const here: Host = startHost({
        session: { store: new OfOneProcess(sessions) },
        options: { ...shared, allow: ["/slow"] },
        behind: (app) => app.get("/slow", (_req, res) => void slow.pass().then(() => res.json({}))),
        before: (app) =>
          app.post("/callback", (req, res, next) => {
            here.tfa.satisfy(req, { method: "acr", acr: "two-factors", at: new Date() }).then(() => res.json({}), next);
          }),
      });
      vi.resetModules();
      const { startHost: elsewhere } = await import("../support/host.js");
      const leaving = new Barrier();
      const there: Host = elsewhere({
        session: { store: new OfOneProcess(sessions) },
        options: { ...shared, allow: ["/leave"] },
        [place]: (app: express.Express) => app.post("/leave", (req, res, next) => run(req, res, next)),
      });
      const handlers = logouts[logout]!(there, leaving);
      const run: express.RequestHandler = (req, res, next) => {
        const [first, second] = handlers as [express.RequestHandler, express.RequestHandler | undefined];
        return first(req, res, second === undefined ? next : () => second(req, res, next));
      };
      const owner = here.browser();
      await owner.login();
      await owner.enrol();
      later(31);
      const browser = here.browser();
      const login = await browser.login();
      browser.secret = owner.secret;
      browser.recoveryCodes = owner.recoveryCodes;
      const leave = async (cookie = cookiesOf(login)) => {
        const lines = ["POST /leave HTTP/1.1", `Cookie: ${cookie}`, "Content-Length: 0"];
        expect((await sendRaw(there.browser().server, lines)).status).toBe(200);
      };
      return { here, there, owner, browser, leaving, leave, events, slow };
    }

    const ended = async (browser: Browser) => {
      await browser.get("/admin").expect(403);
      expect((await browser.post("/two-factor/recovery-codes")).status).toBe(403);
    };

    it.each(Object.keys(logouts))("by %s", async (logout) => {
      const { owner, browser, leaving, leave, events } = await start(logout);
      const left = leave();
      await leaving.arrived;
      await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
      await browser.get("/admin").expect(200);
      events.length = 0;
      leaving.release();
      await left;
      expect(events.map(({ type }) => type)).toEqual(["logged-out"]);
      await ended(browser);
      await owner.get("/admin").expect(200);
      // Whoever is still at the host's door can prove it anew.
      later(31);
      await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
      await browser.get("/admin").expect(200);
    });

    it.each<[string, (browser: Browser) => Promise<unknown>]>([
      [
        "a recovery code",
        async (browser) => browser.post("/two-factor/verify", { code: browser.recoveryCodes[0]! }).expect(200),
      ],
      ["what the host's identity provider says", async (browser) => browser.post("/callback").expect(200)],
    ])("that becomes proven by %s", async (_what, prove) => {
      const { browser, leaving, leave } = await start("destroy alone");
      const left = leave();
      await leaving.arrived;
      await prove(browser);
      await browser.get("/admin").expect(200);
      leaving.release();
      await left;
      await ended(browser);
    });

    it("where a proof is ended, the browser that it has had remembered opens nothing for it", async () => {
      const { browser, leaving, leave } = await start("tfa.logout and destroy", { rememberBrowser: "always" });
      const left = leave();
      await leaving.arrived;
      const proven = await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
      expect(cookiesOf(proven)).toContain("remember_tfa");
      await browser.get("/admin").expect(200);
      leaving.release();
      await left;
      await ended(browser);
      later(31);
      await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
      await browser.get("/admin").expect(200);
    });

    it("by the first request that a process sees, a logout before the gate", async () => {
      const { browser, leaving, leave } = await start("tfa.logout and destroy", { place: "before" });
      const left = leave();
      await leaving.arrived;
      await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
      leaving.release();
      await left;
      await ended(browser);
    });

    it("but not its own, by a slow request that still holds the session as it was", async () => {
      const { here, browser, slow } = await start("destroy alone");
      const late = browser.get("/slow").then(({ status }) => status);
      await slow.arrived;
      await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
      slow.release();
      expect(await late).toBe(200);
      await browser.get("/admin").expect(200);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await browser.get("/admin").expect(200);
      expect((await here.tfa.status("1")).activity[0]).toMatchObject({ type: "challenge-passed" });
    });

    it("that sets a first authenticator up", async () => {
      const { here, leaving, leave } = await start("tfa.logout and destroy");
      const browser = here.browser();
      const login = await browser.login({ id: "2" });
      const begun = await browser.post("/two-factor/setup").expect(200);
      browser.secret = (begun.body as { secret: string }).secret;
      const left = leave(cookiesOf(login));
      await leaving.arrived;
      await browser.post("/two-factor/setup/verify", { code: browser.code() }).expect(200);
      await browser.get("/admin").expect(200);
      leaving.release();
      await left;
      await ended(browser);
    });
  });

  it("of every scope that became proven in it, one after the other", async () => {
    const sessions = new session.MemoryStore();
    const shared = { store: memoryStore(), otpSecretEncryptionKey: generateEncryptionKey(), revalidateSeconds: 0 };
    const more = { ...shared, rememberBrowser: "never" as const, knownBrowserForSeconds: 0 };
    const leaving = new Barrier();
    const startProcess = (start: typeof startHost, make: typeof twoFactor): Host => {
      const staff = make<HostUser>({ ...more, issuer: "Staff", scope: "staff", path: "/staff/2fa", allow: ["/leave"] });
      return start({
        session: { store: new OfOneProcess(sessions) },
        options: { ...more, allow: ["/leave"] },
        mount: (app, tfa) => {
          app.use(tfa.routes, staff.routes);
          app.post("/leave", tfa.gate, staff.gate, (req, res) => {
            void leaving.pass().then(() => req.session.destroy(() => res.json({})));
          });
          app.get("/one", tfa.gate, (_req, res) => res.json({}));
          app.get("/staff", staff.gate, (_req, res) => res.json({}));
        },
      });
    };
    const here = startProcess(startHost, twoFactor);
    vi.resetModules();
    const elsewhere = await import("../support/host.js");
    const there = startProcess(elsewhere.startHost, (await import("../../src/index.js")).twoFactor);
    const [owner, browser] = [here.browser(), here.browser()];
    await owner.login();
    await owner.enrol();
    const { secret } = owner;
    await owner.enrol("/staff/2fa");
    later(31);
    const login = await browser.login();
    const left = sendRaw(there.browser().server, [
      "POST /leave HTTP/1.1",
      `Cookie: ${cookiesOf(login)}`,
      "Content-Length: 0",
    ]);
    await leaving.arrived;
    await browser.post("/two-factor/verify", { code: browser.code(0, secret) }).expect(200);
    await browser.post("/staff/2fa/verify", { code: browser.code(0, owner.secret) }).expect(200);
    for (const path of ["/one", "/staff"]) await browser.get(path).expect(200);
    leaving.release();
    expect((await left).status).toBe(200);
    for (const path of ["/one", "/staff"]) await browser.get(path).expect(403);
  });

  it("and strangers who log out as often as they like end nothing else, and write nothing", async () => {
    const records = memoryStore();
    const writes = vi.spyOn(records, "compareAndSet");
    const host = startHost({
      options: { store: records, revalidateSeconds: 0, rememberBrowser: "never", knownBrowserForSeconds: 0 },
    });
    const owner = host.browser();
    await owner.login();
    await owner.enrol();
    writes.mockClear();
    for (let times = 0; times < 40; times += 1) {
      const stranger = host.browser();
      await stranger.login();
      await stranger.post("/logout").expect(200);
    }
    expect(writes).not.toHaveBeenCalled();
    await owner.get("/admin").expect(200);
  });
});
