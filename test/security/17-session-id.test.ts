import cookieSession from "cookie-session";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { later, stopClock } from "../support/clock";
import { startHost, type Browser, type Host, type HostOptions } from "../support/host";
import { cookiesOf, sendRaw } from "../support/raw";
import { FaultyStore, sessionCookieOf, sessionIdOf } from "../support/sessions";

beforeEach(() => void vi.spyOn(console, "error").mockReturnValue());
afterEach(() => void vi.restoreAllMocks().useRealTimers());

describe("The session id changes when unproven becomes proven", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    const start = ({ options, ...given }: HostOptions = {}): Host =>
      startHost({
        version,
        options: { recoveryCodes: { count: 1 }, rememberBrowser: "never", allow: ["/session"], ...options },
        behind: (app) => app.get("/session", (req, res) => void res.json({ ...req.session, cookie: undefined })),
        ...given,
      });

    async function enrolled(host: Host): Promise<Browser> {
      const browser = host.browser();
      await browser.login();
      await browser.enrol();
      return browser;
    }

    /** Somebody else's browser, signed in as the same user. */
    async function unproven(
      host: Host,
      owner: Browser,
    ): Promise<{ browser: Browser; login: Awaited<ReturnType<Browser["login"]>> }> {
      const browser = host.browser();
      const login = await browser.login();
      browser.secret = owner.secret;
      return { browser, login };
    }

    it("by a code and by a set-up, and the old id is worth nothing", async () => {
      const host = start();
      const owner = host.browser();
      const first = await owner.login();
      const confirmed = await owner.enrol();
      const { browser, login } = await unproven(host, owner);
      const proven = await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200);
      for (const [before, after] of [
        [first, confirmed],
        [login, proven],
      ] as const) {
        const [old, fresh] = [sessionIdOf(before), sessionIdOf(after)];
        expect(old).toBeTruthy();
        expect(fresh).toBeTruthy();
        expect(fresh).not.toBe(old);
        const dead = await sendRaw(host.browser().server, ["GET /session HTTP/1.1", `Cookie: ${cookiesOf(before)}`]);
        expect(dead.text).not.toContain("host's own");
      }
      await browser.get("/admin").expect(200);
    });

    it("and at no other time", async () => {
      const store = new FaultyStore();
      const host = start({ session: { store } });
      const owner = await enrolled(host);
      const { browser } = await unproven(host, owner);
      await browser.visit("/admin").expect(303);
      store.sets = 0;
      const quiet = [
        ...[browser.get("/admin").expect(403), browser.post("/admin").expect(403), browser.get("/login").expect(200)],
        ...[
          browser.visit("/admin").expect(303),
          browser.visit("/two-factor/verify").expect(200),
          browser.get("/two-factor/verify"),
        ],
        ...[
          browser.post("/two-factor/verify", { code: "1" }).expect(400),
          browser.post("/two-factor/verify", { code: owner.wrongCode() }).expect(422),
        ],
        ...[
          owner.get("/admin").expect(200),
          owner.get("/two-factor").expect(200),
          owner.visit("/two-factor/disable").expect(200),
        ],
      ];
      for (const answer of await Promise.all(quiet)) expect(answer.headers["set-cookie"]).toBeUndefined();
      expect(store.sets).toBe(0);
      const again = await owner.post("/two-factor/verify", { code: owner.code(1) }).expect(200);
      expect(sessionIdOf(again)).toBeUndefined();
      await owner.get("/admin").expect(200);
    });

    it("while what the host kept survives", async () => {
      const cart = { items: [1, { sku: "x" }], when: "2026-01-01", empty: {}, none: null };
      const host = start({
        before: (app) =>
          app.post(
            "/cart",
            (req, res) => (Object.assign(req.session, { cart, views: 0, "odd key": "é\u0000" }), void res.end()),
          ),
      });
      const { browser } = await unproven(host, await enrolled(host));
      await browser.post("/cart").expect(200);
      await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200);
      expect((await browser.get("/session")).body).toMatchObject({
        ...{ cart, views: 0, "odd key": "é\u0000", kept: "the host's own" },
        user: { id: "1", email: "one@example.com" },
      });
    });

    it("and its cookie's settings", async () => {
      const settings = { maxAge: 3_600_000, sameSite: "strict", path: "/", priority: "high" } as const;
      const host = start({ session: { cookie: settings } });
      const owner = await enrolled(host);
      const { browser, login } = await unproven(host, owner);
      later(1800);
      const proven = await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
      const attributes = (answer: Parameters<typeof sessionCookieOf>[0]) =>
        sessionCookieOf(answer)
          ?.split("; ")
          .slice(1)
          .filter((part) => !part.startsWith("Expires"))
          .sort();
      expect(attributes(proven)).toEqual(attributes(login));
      expect(attributes(proven)).toEqual(["HttpOnly", "Path=/", "Priority=High", "SameSite=Strict"]);
      const expires = (answer: Parameters<typeof sessionCookieOf>[0]) =>
        Date.parse(/Expires=([^;]+)/.exec(sessionCookieOf(answer) ?? "")?.[1] ?? "");
      expect(Math.abs(expires(proven) - expires(login) - 1_800_000)).toBeLessThan(60_000);
    });

    it.each([
      ["a longer one", 30 * 86_400_000],
      ["the browser's", null],
    ])("and the life that the host gave this one session: %s", async (_name, maxAge) => {
      const host = start({
        session: { cookie: { maxAge: 3_600_000 } },
        before: (app) =>
          app.post("/stay", (req, res) => {
            req.session.cookie.maxAge = maxAge as number;
            req.session.cookie.sameSite = "strict";
            res.end();
          }),
      });
      const { browser } = await unproven(host, await enrolled(host));
      await browser.post("/stay").expect(200);
      const proven = sessionCookieOf(await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200));
      const lifeOf = (cookie = "") =>
        Math.round((Date.parse(/Expires=([^;]+)/.exec(cookie)?.[1] ?? "") - Date.now()) / 60_000);
      expect(proven).toContain("SameSite=Strict");
      expect(lifeOf(proven)).toEqual(maxAge === null ? Number.NaN : maxAge / 60_000);
      await browser.get("/admin").expect(200);
    });

    it("where sessions have ids: cookie-session goes without", async () => {
      const host = start({
        session: false,
        early: (app) => app.use(cookieSession({ name: "s", secret: "for tests" })),
      });
      const owner = host.browser();
      await owner.login();
      await owner.visit("/admin").expect(303).expect("location", "/two-factor/setup");
      await owner.get("/admin").expect(403);
      const proven = await owner.enrol();
      const cookie = cookiesOf(proven);
      expect(Buffer.from(cookie, "base64").toString()).not.toContain(owner.secret);
      await owner.get("/admin").expect(200);
      const { browser } = await unproven(host, owner);
      await browser.get("/admin").expect(403);
      await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200);
      await browser.get("/admin").expect(200);
      await owner.post("/logout").expect(200);
      await owner.get("/two-factor").expect(401);
      // Such a cookie outlives its logout; the proof in it does not.
      const replayed = await sendRaw(owner.server, ["GET /admin HTTP/1.1", `Cookie: ${cookie}`]);
      expect(replayed.status).toBe(403);
    });

    describe("and where the session cannot be saved", () => {
      it.each(["set fails", "set throws", "set hangs"] as const)("(%s) the login is as before", async (fault) => {
        stopClock();
        const store = new FaultyStore();
        const host = start({ session: { store } });
        const { browser } = await unproven(host, await enrolled(host));
        const code = browser.code(1);
        await browser.visit("/admin").expect(303);
        store.fault = fault;
        const failed = await browser.post("/two-factor/verify", { code }).expect(503);
        expect(failed.body).toMatchObject({ code: "STORE_UNAVAILABLE" });
        expect(Number(failed.headers["retry-after"])).toBeGreaterThan(0);
        expect(failed.headers["set-cookie"]).toBeUndefined();
        store.fault = "none";
        await browser.get("/admin").expect(403);
        expect((await browser.get("/session")).body).toMatchObject({ user: { id: "1" }, kept: "the host's own" });
        expect((await browser.post("/two-factor/verify", { code }).expect(409)).body).toMatchObject({
          code: "CODE_ALREADY_USED",
        });
        later(60);
        expect((await browser.post("/two-factor/verify", { code: browser.code() }).expect(200)).body).toMatchObject({
          next: "/admin",
        });
        await browser.get("/admin").expect(200);
      });

      it.each(["destroy fails", "destroy hangs"] as const)("(%s) the new one counts", async (fault) => {
        const store = new FaultyStore();
        const host = start({ session: { store } });
        const { browser, login } = await unproven(host, await enrolled(host));
        store.fault = fault;
        await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200);
        await browser.get("/admin").expect(200);
        const old = await sendRaw(browser.server, ["GET /admin HTTP/1.1", `Cookie: ${cookiesOf(login)}`]);
        expect(old.status).toBe(403);
      });

      it("the gate does not wait for ever", async () => {
        const store = new FaultyStore();
        const browser = start({ session: { store } }).browser();
        await browser.login();
        store.fault = "set hangs";
        await browser.visit("/admin").expect(503);
      });

      it.each(["set fails", "set throws"] as const)("(%s) a set-up and the gate say so", async (fault) => {
        const store = new FaultyStore();
        const browser = start({ session: { store } }).browser();
        await browser.login();
        store.fault = fault;
        await browser.post("/two-factor/setup").expect(503);
        await browser.visit("/admin").expect(503);
        store.fault = "none";
        await browser.enrol();
      });
    });
  });
});
