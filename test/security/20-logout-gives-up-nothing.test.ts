import cookieSession from "cookie-session";
import type { Request, RequestHandler } from "express";
import { Passport } from "passport";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { later, stopClock } from "../support/clock";
import type { TwoFactorOptions } from "../../src";
import { ownerAndUnproven, startHost, type HostOptions, type HostUser } from "../support/host";
import { cookiesOf } from "../support/raw";

beforeEach(() => void stopClock());
afterEach(() => void vi.restoreAllMocks());

const withUser = (req: Request) => req as unknown as { user?: unknown; session: Record<string, unknown> };

/** Hosts end a login in many ways; each comes after `tfa.logout`. */
const logouts: Record<string, RequestHandler> = {
  "by a new session": (req, res) => req.session.regenerate(() => res.json({})),
  "by no session": (req, res) => req.session.destroy(() => res.json({})),
  "by a new session with all that the old one held": (req, res) => {
    const { cookie: _, user: __, ...kept } = { ...req.session } as unknown as Record<string, unknown>;
    req.session.regenerate(() => res.json(Object.keys(Object.assign(req.session, kept))));
  },
  "by deleting the user from the session and the request": (req, res) => {
    delete withUser(req).session["user"];
    delete withUser(req).user;
    res.json({});
  },
  "by deleting the user, and saving": (req, res) => {
    delete withUser(req).session["user"];
    delete withUser(req).user;
    req.session.save(() => res.redirect("/"));
  },
};

describe("`tfa.logout` gives up nothing before the host has logged out", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    /** Somebody with an authenticator, and a second browser of theirs that has begun to log in. */
    async function start(
      end: RequestHandler,
      options: Partial<TwoFactorOptions<HostUser>> = {},
      more: HostOptions = {},
    ) {
      const host = startHost({
        version,
        ...more,
        options: { recoveryCodes: { count: 1 }, rememberBrowser: "never", allow: ["/state"], ...options },
        mount: (app, tfa) => {
          app.post("/leave", tfa.logout, (req, res, next) => {
            if (req.get("x-csrf") === "right") end(req, res, next);
            else res.status(403).send("no CSRF token");
          });
          app.post("/weak", (req, res) => {
            tfa.satisfy(req, { method: "acr", acr: "weak" }).then(
              () => void res.json({}),
              () => void res.status(403).end(),
            );
          });
          app.get("/state", (req, res) => void res.json(withUser(req).session["twoFactor"] ?? null));
          app.use(tfa);
        },
      });
      const { owner, browser } = await ownerAndUnproven(host);
      const state = async () => (await browser.get("/state").expect(200)).body as Record<string, unknown> | null;
      return { host, owner, browser, state };
    }

    const refuses = Object.values(logouts)[0]!;

    it("where its own check refuses then: the refusal stays", async () => {
      const { browser } = await start(refuses, { acceptedAcr: ["mfa"], onWeakAcr: "refuse" });
      await browser.post("/weak").expect(403);
      await browser.get("/admin").expect(403);
      await browser.post("/leave").expect(403);
      const answer = await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(403);
      expect(answer.body).toMatchObject({ code: "INSUFFICIENT_ACR" });
      expect((await browser.get("/admin").expect(403)).body).toMatchObject({ code: "INSUFFICIENT_ACR" });
    });

    it("and so does the clock of a pending login", async () => {
      const { browser } = await start(refuses);
      await browser.get("/admin").expect(403);
      for (let round = 0; round < 5; round += 1) {
        later(120);
        await browser.post("/leave").expect(403);
      }
      expect((await browser.get("/admin").expect(401)).body).toMatchObject({ code: "LOGIN_SESSION_EXPIRED" });
    });

    it("but the proof goes at once, and a set-up that was begun", async () => {
      const { host, owner, browser, state } = await start(refuses);
      const copy = cookiesOf(await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200));
      await browser.get("/admin").expect(200);
      await browser.post("/two-factor/setup", { replace: true }).expect(200);
      expect(await state()).toMatchObject({ proof: {}, pending: {} });
      await browser.post("/leave").expect(403);
      expect(await state()).not.toHaveProperty("proof");
      expect(await state()).not.toHaveProperty("pending");
      await browser.get("/admin").expect(403);
      expect(copy).not.toBe("");
      await owner.get("/admin").expect(200);
      expect((await host.tfa.status("1")).enabled).toBe(true);
    });

    it.each(Object.entries(logouts))("%s all of it is over: a later login starts with nothing", async (_name, end) => {
      for (const given of [
        { options: {}, session: {} },
        { options: {}, session: { resave: true, rolling: true } },
        // As hosts without passport say who is signed in.
        { options: { user: (req: Request) => withUser(req).session["user"] as HostUser | undefined }, session: {} },
      ]) {
        const { browser, state } = await start(end, given.options, { session: given.session });
        await browser.visit("/admin").expect(303);
        expect(await state()).toMatchObject({ next: "/admin", owedSince: expect.any(Number) as number });
        await browser.post("/leave").set("x-csrf", "right");
        expect(await state()).toBeNull();
        later(3600);
        await browser.login();
        await browser.visit("/admin").expect(303).expect("location", "/two-factor/verify");
        later(599);
        await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
      }
    });

    it("through passport, which keeps the session where it is told to", async () => {
      const passport = new Passport();
      passport.serializeUser((user, done) => done(null, (user as HostUser).id));
      passport.deserializeUser((id, done) => done(null, { id }));
      const end: RequestHandler = (req, res, next) =>
        req.logout({ keepSessionInfo: true }, (error) => (error ? next(error) : res.json({})));
      const { host, state } = await start(
        end,
        {},
        {
          before: (app) =>
            app
              .use(passport.session())
              .post("/sign-in", (req, res, next) =>
                req.logIn({ id: "1" } as never, { session: true, keepSessionInfo: true }, (error) =>
                  error ? next(error) : res.end(),
                ),
              ),
        },
      );
      const browser = host.browser();
      await browser.post("/sign-in").expect(200);
      await browser.visit("/admin").expect(303);
      await browser.post("/leave").set("x-csrf", "right").expect(200);
      expect((await browser.get("/state").expect(200)).body).toBeNull();
      expect(await state()).toBeNull();
    });

    it("with cookie-session, too", async () => {
      const end: RequestHandler = (req, res) => {
        delete withUser(req).session["user"];
        delete withUser(req).user;
        res.json({});
      };
      const { browser, state } = await start(
        end,
        {},
        { session: false, early: (app) => app.use(cookieSession({ secret: "for tests" })) },
      );
      await browser.get("/admin").expect(403);
      await browser.post("/leave").expect(403);
      expect(await state()).toMatchObject({ owedSince: expect.any(Number) as number });
      await browser.post("/leave").set("x-csrf", "right").expect(200);
      expect(await state()).toBeNull();
    });

    it("and an asynchronous user that fails meanwhile is no logout, and ends no process", async () => {
      let fails = false;
      const user = async (req: Request) => {
        if (fails) throw new Error("the database is down");
        return withUser(req).session["user"] as HostUser | undefined;
      };
      const { browser, state } = await start((_req, res) => ((fails = true), void res.json({})), { user });
      await browser.get("/admin").expect(403);
      await browser.post("/leave").set("x-csrf", "right").expect(200);
      fails = false;
      expect(await state()).toMatchObject({ owedSince: expect.any(Number) as number });
    });
  });
});
