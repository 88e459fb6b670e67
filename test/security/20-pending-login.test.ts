import cookieSession from "cookie-session";
import type { Request, Response } from "express";
import { Passport } from "passport";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { later, stopClock } from "../support/clock";
import type { TwoFactorEvent, TwoFactorOptions } from "../../src";
import { startHost, type Browser, type Host, type HostOptions, type HostUser } from "../support/host";
import { cookiesOf, sendRaw } from "../support/raw";
import { FaultyStore } from "../support/sessions";

beforeEach(() => void stopClock());
afterEach(() => void vi.restoreAllMocks());

describe("A pending login expires into a real logout", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    /** Somebody who has an authenticator, and a second browser that has begun to log in. */
    async function start(options: Partial<TwoFactorOptions<HostUser>> = {}, more: HostOptions = {}) {
      const events: TwoFactorEvent[] = [];
      const host = startHost({
        version,
        ...more,
        options: {
          recoveryCodes: { count: 1 },
          allow: ["/who"],
          onEvent: (event) => void events.push(event),
          ...options,
        },
        behind: (app) =>
          app.get("/who", (req, res) => void res.send(String((req.user as HostUser | undefined)?.id ?? "nobody"))),
      });
      const owner = host.browser();
      await owner.login();
      await owner.enrol();
      const browser = host.browser();
      const cookie = cookiesOf(await browser.login());
      browser.secret = owner.secret;
      const who = async (as: Browser = browser) => (await as.get("/who")).text;
      return { host, owner, browser, cookie, who, events };
    }

    it("after pendingLoginSeconds from the first request that was turned away", async () => {
      const { browser, cookie, who, events } = await start();
      later(3600);
      await browser.visit("/admin").expect(303).expect("location", "/two-factor/verify");
      later(599);
      await browser.visit("/admin").expect(303).expect("location", "/two-factor/verify");
      later(1);
      expect(await who()).toBe("1");
      await browser.visit("/admin").expect(303).expect("location", "/login?reason=expired");
      expect(await who()).toBe("nobody");
      expect((await sendRaw(browser.server, ["GET /who HTTP/1.1", `Cookie: ${cookie}`])).text).toBe("nobody");
      expect(events.filter(({ type }) => type === "login-expired")).toHaveLength(1);
      // No loop: the login is there, and so is the next try.
      await browser.visit("/login").expect(200);
      await browser.login();
      await browser.visit("/admin").expect(303).expect("location", "/two-factor/verify");
      await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
      await browser.get("/admin").expect(200);
    });

    it("where the clock was set back meanwhile, from the next request on, not for as long again", async () => {
      const { browser, who } = await start();
      later(86_400);
      await browser.get("/admin").expect(403);
      later(-86_400);
      await browser.get("/admin").expect(403);
      later(599);
      await browser.get("/two-factor/verify").expect(200);
      later(1);
      await browser.get("/admin").expect(401);
      expect(await who()).toBe("nobody");
    });

    it("also once a reset has left nothing to prove: it does not set up", async () => {
      const { host, browser, who } = await start();
      await browser.get("/admin").expect(403);
      later(600);
      await host.tfa.reset("1", { reason: "lost", by: "desk" });
      await browser.post("/two-factor/setup").expect(401);
      expect(await who()).toBe("nobody");
      await browser.login();
      await browser.post("/two-factor/setup").expect(200);
    });

    it("or from the login's own answer", async () => {
      const { browser, who } = await start(
        {},
        {
          mount: (app, tfa) => {
            app.get("/pending", (req, res, next) => void tfa.pending(req).then((owed) => res.json(owed), next));
            app.use(tfa);
          },
        },
      );
      expect((await browser.get("/pending").expect(200)).body).toMatchObject({
        requiresOtp: true,
        next: "/two-factor/verify",
      });
      later(600);
      expect((await browser.post("/two-factor/verify", { code: browser.code() }).expect(401)).body).toMatchObject({
        code: "LOGIN_SESSION_EXPIRED",
      });
      expect(await who()).toBe("nobody");
    });

    it("before any code is looked at, on every route of ours", async () => {
      for (const [method, path] of [
        ["post", "/verify"],
        ["get", "/verify"],
        ["post", "/verify/send"],
        ["get", ""],
        ["post", "/disable"],
      ] as const) {
        const { host, browser, who } = await start();
        await browser.get("/admin").expect(403);
        later(600);
        const fields = { code: browser.code() };
        const expired = await (method === "get"
          ? browser.get(`/two-factor${path}`)
          : browser.post(`/two-factor${path}`, fields));
        expect([path, expired.status, expired.body]).toMatchObject([path, 401, { code: "LOGIN_SESSION_EXPIRED" }]);
        expect(await who()).toBe("nobody");
        expect((await host.tfa.status("1")).activity).toHaveLength(1);
      }
      const { browser } = await start();
      await browser.get("/admin").expect(403);
      later(600);
      const page = await browser.submit("/two-factor/verify", { code: "123456" }).expect(401);
      expect(page.text).toContain('href="/login"');
    });

    it.each([
      ["express-session", {}],
      ["cookie-session", { session: false, early: (app) => app.use(cookieSession({ secret: "for tests" })) }],
    ] satisfies [string, HostOptions][])("on our own routes alone, with %s", async (_name, more) => {
      for (const [method, path] of [
        ["get", "/verify"],
        ["visit", "/verify"],
        ["get", ""],
        ["visit", ""],
        ["visit", "/disable"],
        ["post", "/disable"],
        ["post", "/verify"],
        ["post", "/verify/send"],
      ] as const) {
        const { host, owner, browser, who } = await start({}, more);
        const send = () =>
          method === "post"
            ? browser.post(`/two-factor${path}`, { code: owner.wrongCode() })
            : browser[method](`/two-factor${path}`);
        const { activity } = await host.tfa.status("1");
        await send();
        later(300);
        await send();
        later(299);
        expect([path, await who()]).toEqual([path, "1"]);
        later(1);
        const code = browser.code();
        const late = await browser.post("/two-factor/verify", { code });
        expect([path, late.status, late.body]).toMatchObject([path, 401, { code: "LOGIN_SESSION_EXPIRED" }]);
        expect(await who()).toBe("nobody");
        // No code was looked at: it is as good as before.
        expect((await host.tfa.status("1")).activity.length).toBeLessThanOrEqual(activity.length + 2);
        if (path === "/verify" && method === "post") later(60);
        await browser.login();
        await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
      }
    });

    it("without a loop on our own routes alone, where the host's endLogin does nothing", async () => {
      const { browser, who } = await start({ endLogin: () => undefined });
      for (let round = 0; round < 3; round += 1) {
        await browser.visit("/two-factor").expect(303).expect("location", "/two-factor/verify");
        await browser.visit("/two-factor/verify").expect(200);
        later(600);
        await browser.visit("/two-factor/verify").expect(303).expect("location", "/login?reason=expired");
        await browser.visit("/login?reason=expired").expect(200);
        expect(await who()).toBe("1");
      }
      await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
    });

    it.each([
      ["/sign-in?from=app", "/sign-in?from=app&reason=expired"],
      ["/sign-in?", "/sign-in?reason=expired"],
      ["/#/sign-in", "/?reason=expired#/sign-in"],
      ["/sign-in?a=1#form", "/sign-in?a=1&reason=expired#form"],
    ])("and says so on the login page, wherever that is: %s", async (loginPath, location) => {
      const { browser } = await start({ loginPath });
      await browser.visit("/admin").expect(303);
      later(600);
      await browser.visit("/admin").expect(303).expect("location", location);
    });

    it("also for somebody locked out, who tries on", async () => {
      const { owner, browser, who } = await start();
      await browser.get("/admin").expect(403);
      for (const status of [422, 422, 429])
        await browser.post("/two-factor/verify", { code: owner.wrongCode() }).expect(status);
      later(30);
      await browser.get("/admin").expect(429);
      later(570);
      await browser.get("/admin").expect(401);
      expect(await who()).toBe("nobody");
    });

    it("and never for who is proven, never asked, or setting up", async () => {
      const { host, owner, browser, who } = await start();
      await browser.get("/admin").expect(403);
      later(30);
      await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
      const fresh = host.browser();
      await fresh.login({ id: "2" });
      await fresh.visit("/admin").expect(303);
      later(3600);
      await browser.get("/admin").expect(200);
      await owner.get("/admin").expect(200);
      await fresh.enrol();
      expect([await who(), await who(owner), await who(fresh)]).toEqual(["1", "1", "2"]);
    });

    it.each([
      ["does nothing", () => undefined],
      ["is asynchronous and does nothing", async () => undefined],
    ])("without a loop where the host's endLogin %s", async (_name, endLogin) => {
      const { browser, who } = await start({ endLogin });
      for (let round = 0; round < 3; round += 1) {
        await browser.visit("/admin").expect(303).expect("location", "/two-factor/verify");
        await browser.visit("/two-factor/verify").expect(200);
        later(600);
        await browser.visit("/admin").expect(303).expect("location", "/login?reason=expired");
        await browser.visit("/login").expect(200);
        expect(await who()).toBe("1");
      }
      await browser.visit("/two-factor/verify").expect(200);
      await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
    });

    it("in the host's own way, with its own answer where it gives one", async () => {
      const endLogin = (req: Request, res: Response) => {
        (req.session as unknown as { user?: unknown }).user = undefined;
        res.redirect("/goodbye");
      };
      const { browser, who } = await start({ endLogin });
      await browser.visit("/admin").expect(303);
      later(600);
      await browser.visit("/admin").expect(302).expect("location", "/goodbye");
      expect(await who()).toBe("nobody");
    });

    it("and stays due where the host's endLogin fails", async () => {
      vi.spyOn(console, "error").mockReturnValue();
      let fails = true;
      const endLogin = (req: Request) => {
        if (fails) throw new Error("no");
        (req.session as unknown as { user?: unknown }).user = undefined;
      };
      const { browser, who } = await start({ endLogin });
      await browser.get("/admin").expect(403);
      later(600);
      await browser.get("/admin").expect(500);
      await browser.post("/two-factor/verify", { code: browser.code() }).expect(500);
      fails = false;
      await browser.get("/admin").expect(401);
      expect(await who()).toBe("nobody");
    });

    it("which says so where the session store fails or hangs", async () => {
      vi.spyOn(console, "error").mockReturnValue();
      for (const fault of ["destroy fails", "destroy hangs"] as const) {
        const store = new FaultyStore();
        const { host, browser } = await start({}, { session: { store } });
        await browser.get("/admin").expect(403);
        later(600);
        store.fault = fault;
        const failed = await browser.get("/admin").expect(503);
        expect(Number(failed.headers["retry-after"])).toBeGreaterThan(0);
        expect(host.reached).toEqual([]);
      }
    });

    it("through passport, new and old", async () => {
      const passport = new Passport();
      passport.serializeUser((user, done) => done(null, (user as HostUser).id));
      passport.deserializeUser((id, done) => done(null, { id }));
      const signIn = (app: Host["app"]) =>
        app
          .use(passport.session())
          .post("/sign-in", (req, res, next) =>
            req.logIn({ id: "1" } as never, (error) => (error ? next(error) : res.end())),
          );
      const { host, owner } = await start({}, { before: signIn });
      const browser = host.browser();
      await browser.post("/sign-in").expect(200);
      await browser.visit("/admin").expect(303).expect("location", "/two-factor/verify");
      later(600);
      await browser.visit("/admin").expect(303).expect("location", "/login?reason=expired");
      expect((await browser.get("/who")).text).toBe("nobody");
      await owner.get("/admin").expect(200);

      const old = (app: Host["app"]) =>
        app.use((req, _res, next) => {
          Object.assign(req, { logout: () => (req.user = undefined) });
          next();
        });
      const at = await start({}, { before: old });
      await at.browser.get("/admin").expect(403);
      later(600);
      await at.browser.get("/admin").expect(401);
      expect(await at.who()).toBe("nobody");
    });

    it("with cookie-session, too", async () => {
      const { browser, who } = await start(
        {},
        { session: false, early: (app) => app.use(cookieSession({ secret: "for tests" })) },
      );
      await browser.visit("/admin").expect(303).expect("location", "/two-factor/verify");
      later(600);
      await browser.visit("/admin").expect(303).expect("location", "/login?reason=expired");
      expect(await who()).toBe("nobody");
    });
  });
});
