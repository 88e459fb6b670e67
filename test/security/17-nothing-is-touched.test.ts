import session, { type SessionData } from "express-session";
import { describe, expect, it } from "vitest";
import { ownerAndUnproven, startHost, type Browser, type HostOptions } from "../support/host";
import { sessionIdOf } from "../support/sessions";

type Done = (error?: unknown) => void;

/** Counts what is written. What express-session touches by itself as an answer ends is counted apart. */
class CountingStore extends session.MemoryStore {
  writes: string[] = [];
  touches = 0;

  override set(id: string, data: SessionData, done?: Done): void {
    this.writes.push("set");
    super.set(id, data, done);
  }

  override destroy(id: string, done?: Done): void {
    this.writes.push("destroy");
    super.destroy(id, done);
  }

  override touch(id: string, data: SessionData, done?: () => void): void {
    this.touches += 1;
    super.touch(id, data, done);
  }
}

describe("The gate and answers that change nothing never modify or touch the session", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    async function start(options: HostOptions["options"] = {}) {
      const store = new CountingStore();
      const host = startHost({
        version,
        session: { store },
        options: { recoveryCodes: { count: 1 }, rememberBrowser: "never", maxLoginAttempts: 5, ...options },
        before: (app) => app.get("/before", (_req, res) => void res.send("before us")),
      });
      const { owner, browser } = await ownerAndUnproven(host);
      await browser.visit("/admin").expect(303);
      /** What one request writes and touches. */
      const cost = async (request: ReturnType<Browser["get"]>) => {
        Object.assign(store, { writes: [], touches: 0 });
        const { status, headers } = await request;
        expect(sessionIdOf({ headers })).toBeUndefined();
        return [status, store.writes, store.touches] as const;
      };
      return { host, owner, browser, cost };
    }

    it("for who passes", async () => {
      const { host, owner, cost } = await start();
      const before = await cost(owner.get("/before"));
      expect(before).toEqual([200, [], 1]);
      for (const request of [
        () => owner.get("/admin"),
        () => owner.visit("/admin"),
        () => owner.post("/admin", { some: "thing" }),
        () => owner.get("/two-factor"),
        () => owner.visit("/two-factor"),
        () => owner.visit("/two-factor/disable"),
        () => owner.get("/two-factor/verify"),
        () => owner.post("/two-factor/disable", { code: owner.wrongCode() }),
        () => owner.post("/two-factor/recovery-codes"),
      ]) {
        const [, writes, touches] = await cost(request());
        expect([writes, touches]).toEqual([[], 1]);
      }
      expect(await cost(host.browser().get("/admin"))).toEqual([200, [], 0]);
    });

    it("for who is turned away, from the second time on", async () => {
      const { owner, browser, cost } = await start();
      for (const [request, status] of [
        [() => browser.get("/admin"), 403],
        [() => browser.post("/admin"), 403],
        [() => browser.visit("/admin"), 303],
        [() => browser.submit("/admin", {}), 403],
        [() => browser.get("/two-factor"), 403],
        [() => browser.visit("/two-factor"), 303],
        [() => browser.get("/two-factor/verify"), 200],
        [() => browser.visit("/two-factor/verify"), 200],
        [() => browser.post("/two-factor/verify", { code: "1" }), 400],
        [() => browser.post("/two-factor/verify", { code: owner.wrongCode() }), 422],
        [() => browser.submit("/two-factor/verify", { code: owner.wrongCode() }), 422],
        [() => browser.post("/two-factor/verify/send"), 409],
        [() => browser.submit("/two-factor/verify", {}).set("sec-fetch-site", "cross-site"), 403],
        [() => browser.get("/two-factor/nothing"), 404],
      ] as const) {
        expect(await cost(request())).toEqual([status, [], 1]);
      }
    });

    it("and the first time says since when a proof is owed, once", async () => {
      const { host, owner, cost } = await start();
      for (const path of ["/admin", "/two-factor", "/two-factor/verify"]) {
        const browser = host.browser();
        await browser.login();
        browser.secret = owner.secret;
        const first = await cost(browser.get(path));
        expect([path, first[1]]).toEqual([path, ["set"]]);
        const second = await cost(browser.get(path));
        expect([path, second[1]]).toEqual([path, []]);
      }
    });

    it("not even a logout of who has nothing", async () => {
      const { host, cost } = await start({ needTwoFactorAuthentication: () => "optional" });
      const browser = host.browser();
      await browser.login({ id: "9" });
      expect(await cost(browser.get("/admin"))).toEqual([200, [], 1]);
    });
  });
});
