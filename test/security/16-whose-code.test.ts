import { beforeEach, describe, expect, it } from "vitest";
import { later, stopClock } from "../support/clock";
import { startHost, type Browser, type Host, type HostOptions } from "../support/host";

beforeEach(() => void stopClock());

describe("Whose code it is comes from the host's session", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    /** Without remembered browsers, so that only sessions prove. The host's login and `/leave` keep the session's id. */
    const start = (options: HostOptions["options"] = {}): Host =>
      startHost({
        version,
        options: { recoveryCodes: { count: 1 }, rememberBrowser: "never", ...options },
        before: (app) => {
          app.post("/leave", (req, res) => {
            delete (req.session as unknown as { user?: unknown }).user;
            res.end();
          });
          app.get(
            "/state",
            (req, res) => void res.json((req.session as unknown as { twoFactor?: unknown }).twoFactor ?? null),
          );
        },
      });

    async function enrolled(host: Host, id: string): Promise<Browser> {
      const browser = host.browser();
      await browser.login({ id });
      await browser.enrol();
      return browser;
    }

    it("never from the request", async () => {
      const host = start();
      const [owner, thief] = [await enrolled(host, "1"), await enrolled(host, "2")];
      const other = host.browser();
      await other.login({ id: "2" });
      later(30);
      const claims = {
        userId: "1",
        user: { id: "1" },
        id: "1",
        email: "one@example.com",
        scope: "user",
        secret: owner.secret,
        sub: "1",
      };
      const answer = await other.agent
        .post("/two-factor/verify?userId=1&id=1&user=1")
        .set({ accept: "application/json", "x-user-id": "1", authorization: "Bearer 1" })
        .send({ code: owner.code(), ...claims });
      expect(answer.status).toBe(422);
      expect((await host.tfa.status("1")).activity.map(({ type }) => type)).toEqual(["enabled"]);
      expect((await host.tfa.status("2")).activity[0]?.type).toBe("challenge-failed");
      await other.post("/two-factor/verify", { code: thief.code(), ...claims }).expect(200);
      // The code that was tried on the wrong account is still good on its own.
      const again = host.browser();
      await again.login({ id: "1" });
      await again.post("/two-factor/verify", { code: owner.code() }).expect(200);
    });

    it("and never what is to be enrolled", async () => {
      const host = start();
      const browser = host.browser();
      await browser.login({ id: "1" });
      const mine = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
      const begun = await browser.post("/two-factor/setup", { secret: mine, userId: "2" }).expect(200);
      expect((begun.body as { secret: string }).secret).not.toBe(mine);
      await browser
        .post("/two-factor/setup/verify", { secret: mine, code: browser.code(0, mine), userId: "2" })
        .expect(422);
      expect((await host.tfa.status("2")).enabled).toBe(false);
    });

    it("so a proof is worth nothing to the next user of the session, nor to the first when he is back", async () => {
      const host = start();
      const browser = await enrolled(host, "1");
      await browser.get("/admin").expect(200);
      await browser.login({ id: "2" });
      await browser.get("/admin").expect(403);
      await browser.get("/two-factor/recovery-codes").expect(409);
      await browser.login({ id: "1" });
      await browser.get("/admin").expect(403);
      expect((await browser.get("/two-factor/disable").expect(403)).body).toMatchObject({
        code: "TWO_FACTOR_REQUIRED",
      });
    });

    it("and is gone when the user is seen leaving", async () => {
      for (const seen of ["/anything", "/two-factor"]) {
        const host = start();
        const browser = await enrolled(host, "1");
        await browser.post("/leave");
        await browser.get(seen);
        expect((await browser.get("/state")).body).toBeNull();
        await browser.login({ id: "1" });
        await browser.get("/admin").expect(403);
      }
    });

    it("so a pending set-up belongs to nobody else, and goes with its user", async () => {
      const host = start();
      const browser = host.browser();
      await browser.login({ id: "1" });
      const secretOf = async () =>
        ((await browser.get("/two-factor/setup").expect(200)).body as { secret: string }).secret;
      const first = await secretOf();
      expect(await secretOf()).toBe(first);
      await browser.login({ id: "2" });
      await browser.post("/two-factor/setup/verify", { code: browser.code(0, first) }).expect(410);
      const second = await secretOf();
      expect(second).not.toBe(first);
      await browser.login({ id: "1" });
      expect([first, second]).not.toContain(await secretOf());
      await browser.login({ id: "2" });
      await browser.post("/two-factor/setup/verify", { code: browser.code(0, second) }).expect(410);
    });

    it("so the page first asked for and the age of a login go, too", async () => {
      const host = start({ pendingLoginSeconds: 600 });
      await enrolled(host, "1");
      await enrolled(host, "2");
      const browser = host.browser();
      await browser.login({ id: "1" });
      await browser.visit("/admin?of=1").expect(303);
      later(599);
      await browser.login({ id: "2" });
      expect((await browser.get("/two-factor/verify").expect(200)).body).toMatchObject({ next: "/" });
      later(2);
      await browser.get("/admin").expect(403);
      expect((await browser.get("/two-factor/verify").expect(200)).body).toMatchObject({ next: "/" });
    });

    it("and a state that somebody else's session was given is worth nothing", async () => {
      let stolen: unknown;
      const host = startHost({
        version,
        options: { recoveryCodes: { count: 1 }, rememberBrowser: "never" },
        before: (app) => {
          app.post("/steal", (req, res) => (Object.assign(req.session, { twoFactor: stolen }), void res.end()));
          app.get("/state", (req, res) => void res.json((req.session as unknown as { twoFactor: unknown }).twoFactor));
        },
      });
      stolen = (await (await enrolled(host, "1")).get("/state")).body;
      expect(stolen).toMatchObject({ proof: { method: "enrolment" } });
      const thief = await enrolled(host, "2");
      await thief.post("/steal").expect(200);
      await thief.get("/admin").expect(403);
      for (const nonsense of [1, "x", [], null, { user: 1 }, { proof: true }]) {
        stolen = nonsense;
        await thief.post("/steal").expect(200);
        await thief.get("/admin").expect(403);
      }
    });

    it("and a remembered browser is its own user's", async () => {
      const host = start({ rememberBrowser: "always" });
      await (await enrolled(host, "2")).remember();
      const browser = await enrolled(host, "1");
      await browser.remember();
      await browser.login({ id: "2" });
      await browser.get("/admin").expect(403);
      await browser.login({ id: "1" });
      await browser.get("/admin").expect(200);
    });
  });
});
