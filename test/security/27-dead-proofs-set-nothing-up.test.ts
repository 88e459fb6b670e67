import type { RequestHandler } from "express";
import { beforeEach, describe, expect, it } from "vitest";
import { later, stopClock } from "../support/clock";
import { memoryStore, twoFactor, type TwoFactorOptions } from "../../src";
import { FaultyStore } from "../support/sessions";
import { startHost, type Browser, type HostUser } from "../support/host";

const options: Partial<TwoFactorOptions<HostUser>> = { recoveryCodes: { count: 1 }, revalidateSeconds: 0 };
const details = { reason: "lost phone", by: "support" };

beforeEach(() => void stopClock());

async function enrolled(version: 4 | 5, more: Partial<TwoFactorOptions<HostUser>> = {}) {
  const host = startHost({ version, options: { ...options, ...more } });
  const owner = host.browser();
  await owner.login();
  await owner.enrol();
  return { host, owner };
}

const isSignedIn = async (browser: Browser) => {
  const { status } = await browser.get("/two-factor/verify");
  return status !== 401;
};

describe("A session whose proof died with a reset does not set up", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    const ways: [
      string,
      (thief: Browser) => PromiseLike<{ status: number; headers: Record<string, string>; text: string }>,
    ][] = [
      ["the gate", (thief) => thief.get("/page")],
      ["a page load", (thief) => thief.visit("/page")],
      ["GET /setup", (thief) => thief.get("/two-factor/setup")],
      ["the set-up page", (thief) => thief.visit("/two-factor/setup")],
      ["POST /setup", (thief) => thief.post("/two-factor/setup")],
      ["POST /setup/verify", (thief) => thief.post("/two-factor/setup/verify", { code: "123456" })],
      ["its form", (thief) => thief.submit("/two-factor/setup/verify", { code: "123456" })],
      ["the account page", (thief) => thief.get("/two-factor")],
    ];

    it.each(ways)("ends at %s, and the next login sets up", async (_way, ask) => {
      const { host, owner } = await enrolled(version);
      await host.tfa.reset("1", details);
      const { status, headers, text } = await ask(owner);
      if (status === 303) expect(headers["location"]).toBe("/login?reason=reset");
      else expect([status, text]).toEqual([401, expect.stringMatching(/reset or turned off meanwhile/)]);
      expect(await isSignedIn(owner)).toBe(false);
      await owner.login();
      await owner.enrol();
      await owner.get("/page").expect(200);
    });

    it("nor does one that a remembered browser let in; and the cookie goes, so that nothing turns in circles", async () => {
      const { host, owner } = await enrolled(version);
      await owner.remember();
      await owner.post("/logout").expect(200);
      await owner.login();
      await owner.get("/page").expect(200);
      await host.tfa.reset("1", details);
      await owner.get("/page").expect(401);
      expect(await isSignedIn(owner)).toBe(false);
      await owner.login();
      await owner.get("/page").expect(403);
      await owner.enrol();
    });

    it("nor one whose thief leaves the remembered browser's cookie out", async () => {
      const { host, owner } = await enrolled(version);
      await owner.remember();
      await owner.post("/logout").expect(200);
      await owner.login();
      await owner.get("/page").expect(200);
      const session = owner.cookie("connect.sid");
      await host.tfa.reset("1", details);
      const thief = host.browser();
      const ask = () => thief.post("/two-factor/setup").set("cookie", `connect.sid=${session}`);
      expect((await ask().expect(401)).body).toMatchObject({ code: "LOGIN_SESSION_EXPIRED" });
      expect((await ask().expect(401)).body).toMatchObject({ code: "UNAUTHORIZED" });
    });

    it("nor where it was let in by our own pages alone", async () => {
      const { host, owner } = await enrolled(version);
      await owner.remember();
      await owner.post("/logout").expect(200);
      await owner.login();
      await owner.get("/two-factor").expect(200);
      await host.tfa.reset("1", details);
      const thief = host.browser();
      await thief
        .post("/two-factor/setup")
        .set("cookie", `connect.sid=${owner.cookie("connect.sid")}`)
        .expect(401);
    });

    it("which costs one write a session, however many requests come at once, and none for whom a code has proven", async () => {
      const store = new FaultyStore();
      const host = startHost({ version, options, session: { store } });
      const owner = host.browser();
      await owner.login();
      await owner.enrol();
      await owner.remember();
      store.sets = 0;
      await owner.get("/page").expect(200);
      expect(store.sets).toBe(0);
      await owner.post("/logout").expect(200);
      await owner.login();
      store.sets = 0;
      await Promise.all(Array.from({ length: 10 }, () => owner.get("/page").expect(200)));
      for (let times = 0; times < 3; times += 1) await owner.get("/page").expect(200);
      expect(store.sets).toBeGreaterThan(0);
      expect(store.sets).toBeLessThan(4);
    });

    it("nor one that asked for a logout which the host then refused", async () => {
      const host = startHost({
        version,
        options,
        before: (app) => {
          const refuse: RequestHandler = (_req, res) => void res.status(403).end();
          app.post("/no-logout", (req, res, next) => void host.tfa.logout(req, res, next), refuse);
        },
      });
      const owner = host.browser();
      await owner.login();
      await owner.enrol();
      await owner.post("/no-logout").expect(403);
      await host.tfa.reset("1", details);
      await owner.post("/two-factor/setup").expect(401);
      await owner.login();
      await owner.enrol();
    });

    it("who waits at the code page for the reset goes on, for that session was never let in", async () => {
      const { host } = await enrolled(version);
      const stuck = host.browser();
      await stuck.login();
      await stuck.get("/page").expect(403);
      await host.tfa.reset("1", details);
      await stuck.enrol();
    });

    it("whom a remembered browser let in, and who turned it off himself, goes on", async () => {
      const { owner } = await enrolled(version);
      await owner.remember();
      await owner.post("/logout").expect(200);
      await owner.login();
      await owner.get("/page").expect(200);
      later(60);
      await owner.post("/two-factor/disable", { code: owner.code() }).expect(200);
      await owner.enrol();
    });

    it("a set-up that was pending when the reset came is void", async () => {
      const { host, owner } = await enrolled(version);
      const { body } = await owner.post("/two-factor/setup", { replace: true }).expect(200);
      await host.tfa.reset("1", details);
      const code = owner.code(0, (body as { secret: string }).secret);
      await owner.post("/two-factor/setup/verify", { code }).expect(401);
      expect(await host.tfa.status("1")).toMatchObject({ enabled: false });
    });

    it("who turned it off himself goes on in that session, and sets up again", async () => {
      const { owner } = await enrolled(version);
      await owner.post("/two-factor/disable").expect(200);
      await owner.enrol();
    });

    it("who turned it off himself does not after a reset, as nobody else of before", async () => {
      const { host, owner } = await enrolled(version);
      await owner.post("/two-factor/disable").expect(200);
      await host.tfa.reset("1", details);
      const { body } = await owner.post("/two-factor/setup").expect(401);
      expect(body).toMatchObject({ code: "LOGIN_SESSION_EXPIRED" });
    });

    it("whom nothing asks for a second factor is not thrown out for it", async () => {
      let need = true;
      const { host, owner } = await enrolled(version, { needTwoFactorAuthentication: () => need });
      await host.tfa.reset("1", details);
      need = false;
      await owner.get("/page").expect(200);
      expect(await isSignedIn(owner)).toBe(true);
    });
  });

  describe("a second instance on one store with the same scope and another user is refused at construction", () => {
    const make = (store = memoryStore(), more: object = {}) =>
      twoFactor<HostUser>({
        issuer: "Test",
        store,
        otpSecretEncryptionKey: "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
        ...more,
      });

    it("and says what to do", () => {
      const store = memoryStore();
      make(store, { user: (req: { staff?: HostUser }) => req.staff });
      expect(() => make(store, { path: "/other", user: (req: { customer?: HostUser }) => req.customer })).toThrow(
        /scope: "user".*give each its own `scope` and `path`/,
      );
      expect(() =>
        make(store, { path: "/customers", scope: "customer", user: (req: { customer?: HostUser }) => req.customer }),
      ).not.toThrow();
    });

    it("and the same users on one store, as two processes are, are not", () => {
      const store = memoryStore();
      make(store);
      expect(() => make(store)).not.toThrow();
      expect(() => make(memoryStore(), { user: () => undefined })).not.toThrow();
    });
  });
});
