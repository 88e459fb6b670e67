import { beforeEach, describe, expect, it } from "vitest";
import { stopClock } from "../support/clock";
import { ownerAndUnproven, startHost, type Browser, type Host, type HostUser } from "../support/host";
import type { Need, TwoFactorOptions } from "../../src";

const one = { recoveryCodes: { count: 1 } };
const posts = ["/setup", "/setup/verify", "/recovery-codes", "/disable", "/browsers/forget"];
const gets = ["", "/setup", "/recovery-codes", "/disable"];

beforeEach(() => void stopClock());

describe("Own routes ask for a proof whatever the predicate says", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    /** Enrolled while the predicate said so; what it says since is `need`. */
    async function unproven(
      need: Need,
      options: Partial<TwoFactorOptions<HostUser>> = {},
    ): Promise<{ host: Host; owner: Browser; browser: Browser }> {
      const host = startHost({ version, options: { ...one, needTwoFactorAuthentication: () => need, ...options } });
      const { owner, browser } = await ownerAndUnproven(host);
      return { host, owner, browser };
    }

    it.each([true, false, "optional"] as const)("when it says %s", async (need) => {
      const { host, owner, browser } = await unproven(need);
      for (const path of gets) {
        expect((await browser.get(`/two-factor${path}`).expect(403)).body).toMatchObject({
          code: "TWO_FACTOR_REQUIRED",
        });
        await browser.visit(`/two-factor${path}`).expect(303).expect("location", "/two-factor/verify");
        await browser.agent.head(`/two-factor${path}`).expect(403);
      }
      for (const path of posts) {
        for (const fields of [
          {},
          { code: owner.wrongCode() },
          { code: browser.code(1) },
          { replace: "1", code: browser.code(1) },
          { id: "x" },
        ]) {
          // A confirmation without a code is malformed, which is told before anything is read.
          const malformed = path === "/setup/verify" && !("code" in fields);
          const refused = await browser.post(`/two-factor${path}`, fields).expect(malformed ? 400 : 403);
          expect(refused.body).toMatchObject({ code: malformed ? "VALIDATION_ERROR" : "TWO_FACTOR_REQUIRED" });
          const page = await browser.submit(`/two-factor${path}`, fields).expect(403);
          expect(page.text).toContain('href="/two-factor/verify"');
        }
      }
      expect((await host.tfa.status("1")).enabled).toBe(true);
      // Nothing of that was a guess, or spent the code.
      expect((await browser.post("/two-factor/verify", { code: owner.wrongCode() }).expect(422)).body).toMatchObject({
        attemptsRemaining: 2,
      });
      await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200);
      await browser.get("/two-factor").expect(200);
      await browser.get("/two-factor/disable").expect(200);
    });

    it("tells somebody locked out as much, and lets nobody change anything", async () => {
      const { browser, owner } = await unproven(false);
      for (const status of [422, 422, 429])
        await browser.post("/two-factor/verify", { code: owner.wrongCode() }).expect(status);
      const locked = await browser.post("/two-factor/disable", { code: browser.code(1) }).expect(429);
      expect(Number(locked.headers["retry-after"])).toBeGreaterThan(0);
      await owner.get("/two-factor").expect(200);
    });

    it("but lets somebody with no factor set one up", async () => {
      for (const need of [true, false, "optional"] as const) {
        const host = startHost({ version, options: { ...one, needTwoFactorAuthentication: () => need } });
        const browser = host.browser();
        await browser.login();
        expect((await browser.get("/two-factor").expect(200)).body).toMatchObject({
          enabled: false,
          required: need === true,
        });
        await browser.visit("/two-factor/setup").expect(200);
        for (const path of ["/recovery-codes", "/disable"]) {
          expect((await browser.get(`/two-factor${path}`).expect(409)).body).toMatchObject({ code: "2FA_NOT_ENABLED" });
          await browser.post(`/two-factor${path}`, { code: "123456" }).expect(409);
        }
        await browser.enrol();
      }
    });

    it("asks a code by mail of somebody who must have one, before anything is set up", async () => {
      let sent = "";
      const host = startHost({
        version,
        options: { ...one, sendTwoFactorAuthenticationCode: (_user, code) => void (sent = code) },
      });
      const browser = host.browser();
      await browser.login();
      await browser.get("/two-factor/setup").expect(403);
      await browser.post("/two-factor/setup").expect(403);
      await browser.get("/two-factor/verify").expect(200);
      await browser.post("/two-factor/verify", { code: sent }).expect(200);
      await browser.enrol();
    });

    it("takes a remembered browser for a look, and for no change", async () => {
      const { owner } = await unproven(true);
      await owner.remember();
      await owner.post("/logout").expect(200);
      await owner.login();
      await owner.get("/two-factor").expect(200);
      await owner.post("/two-factor/disable").expect(403);
      await owner.post("/two-factor/recovery-codes").expect(403);
      await owner.post("/two-factor/browsers/forget").expect(403);
      expect((await owner.post("/two-factor/setup", { replace: "1" }).expect(409)).body).toMatchObject({
        code: "TOTP_ALREADY_ENABLED",
      });
    });
  });
});
