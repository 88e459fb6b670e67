import { beforeEach, describe, expect, it } from "vitest";
import { later, stopClock } from "../support/clock";
import { memoryStore, type TwoFactorOptions } from "../../src";
import { startHost, type Browser, type HostOptions, type HostUser } from "../support/host";
import { signInHere } from "../support/states";

const one = { recoveryCodes: { count: 1 } };

beforeEach(() => void stopClock());

/** Every request that could show a key: none may. */
async function seesNoKey(browser: Browser, statuses: readonly number[]): Promise<void> {
  const asked = [
    () => browser.get("/two-factor/setup"),
    () => browser.visit("/two-factor/setup"),
    () => browser.post("/two-factor/setup"),
    () => browser.submit("/two-factor/setup", {}),
    () => browser.post("/two-factor/setup", { replace: true }),
    () => browser.submit("/two-factor/setup", { replace: "1" }),
    () => browser.post("/two-factor/setup/verify", { code: "123456" }),
    () => browser.submit("/two-factor/setup/verify", { code: "123456" }),
    () => browser.submit("/two-factor/setup/verify", { code: "" }),
  ];
  for (const ask of asked) {
    const { status, text, body } = await ask();
    // 400: an empty code; 410: nothing is pending.
    expect([...statuses, 400, 410]).toContain(status);
    expect(text).not.toMatch(/two-factor-secret|otpauth:/);
    expect(body).not.toHaveProperty("secret");
  }
}

describe("There is one place where a set-up begins, and that place asks", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    function mailHost(options: Partial<TwoFactorOptions<HostUser>> = {}, more: HostOptions = {}) {
      const mails: string[] = [];
      const send = async (_user: HostUser, code: string) => mails.push(code);
      const host = startHost({
        version,
        ...more,
        options: { ...one, sendTwoFactorAuthenticationCode: send, pendingLoginSeconds: 3600, ...options },
      });
      return { ...host, mails };
    }

    it("who is served by codes by mail proves one of the last 300 s, by every way there is", async () => {
      const { browser: open, mails } = mailHost();
      const browser = open();
      await browser.login();
      await seesNoKey(browser, [303, 403, 409]);
      mails.length = 0;
      await browser.post("/two-factor/verify/send");
      later(31);
      await browser.post("/two-factor/verify/send");
      await browser.post("/two-factor/verify", { code: mails.at(-1) }).expect(200);
      later(301);
      await seesNoKey(browser, [303, 403, 409]);
      later(3600);
    });

    it("nor does a browser that is remembered see a key", async () => {
      const { browser: open, mails } = mailHost();
      const browser = open();
      await browser.login();
      await browser.get("/two-factor/verify").expect(200);
      await browser.post("/two-factor/verify", { code: mails.at(-1) }).expect(200);
      await browser.post("/logout").expect(200);
      await browser.login();
      await browser.get("/page").expect(200);
      await seesNoKey(browser, [303, 403, 409]);
    });

    it("a predicate that reads the address does not open the set-up to a password alone", async () => {
      const { browser: open, mails } = mailHost({
        needTwoFactorAuthentication: (_user, req) => req.path.startsWith("/admin"),
      });
      const browser = open();
      await browser.login();
      await seesNoKey(browser, [303, 403, 409]);
      await browser.get("/admin").expect(403);
      await browser.visit("/two-factor").expect(303);
      await browser.get("/two-factor/verify").expect(200);
      await browser.post("/two-factor/verify", { code: mails.at(-1) }).expect(200);
      await browser.enrol();
      await browser.get("/admin").expect(200);
    });

    it("a set-up that was begun with nothing to prove ends where there is a factor by now", async () => {
      let serves = false;
      const { browser: open } = mailHost({ directOtp: () => serves });
      const browser = open();
      await browser.login();
      const { body } = await browser.post("/two-factor/setup").expect(200);
      serves = true;
      const code = browser.code(0, (body as { secret: string }).secret);
      const { status } = await browser.post("/two-factor/setup/verify", { code });
      expect([403, 410]).toContain(status);
      await browser.get("/page").expect(403);
    });

    it("whom the predicate never asks, it offers no set-up", async () => {
      const host = startHost({ version, options: { ...one, needTwoFactorAuthentication: () => "never" } });
      const browser = host.browser();
      await browser.login();
      await seesNoKey(browser, [403]);
      expect((await browser.post("/two-factor/setup").expect(403)).body).toMatchObject({ code: "SETUP_NOT_OFFERED" });
      await browser.get("/page").expect(200);
    });

    it("a set-up begun before the predicate said never is not confirmed after", async () => {
      let need: boolean | "never" = true;
      const host = startHost({ version, options: { ...one, needTwoFactorAuthentication: () => need } });
      const browser = host.browser();
      await browser.login();
      const { body } = await browser.post("/two-factor/setup").expect(200);
      need = "never";
      const code = browser.code(0, (body as { secret: string }).secret);
      await browser.post("/two-factor/setup/verify", { code }).expect(403);
      expect(await host.tfa.status("1")).toMatchObject({ enabled: false });
    });

    it("somebody without any factor sets up as ever", async () => {
      const browser = startHost({ version, options: one }).browser();
      await browser.login();
      await browser.visit("/two-factor/setup").expect(200);
      await browser.enrol();
      await browser.get("/page").expect(200);
    });
  });

  describe("who proves at an identity provider has a factor", () => {
    const acr = "https://idp.example/2fa";

    function idpHost(options: Partial<TwoFactorOptions<HostUser>> = {}) {
      return startHost({
        options: { ...one, acceptedAcr: [acr], ...options },
        mount(app, tfa) {
          app.get("/callback", (req, res, next) => {
            signInHere(req, res, { id: "1", email: "one@example.com" });
            const { strong, ago } = req.query as { strong?: string; ago?: string };
            const at = new Date(Date.now() - Number(ago ?? 0) * 1000);
            tfa
              .satisfy(req, { method: "acr", acr: strong ? acr : "weak", at })
              .then((proven) => res.json({ proven }), next);
          });
          app.post("/payout", tfa.requireRecent({ seconds: 300 }), (_req, res) => void res.json({ paid: true }));
          app.use(tfa);
        },
      });
    }

    it("so a session of his that it proved too little is led to no set-up", async () => {
      const host = idpHost();
      await host.browser().get("/callback?strong=1").expect(200, { proven: true });
      const thief = host.browser();
      await thief.get("/callback").expect(200, { proven: false });
      expect((await thief.get("/page").expect(403)).body).toMatchObject({ code: "INSUFFICIENT_ACR" });
      expect((await thief.visit("/page").expect(403)).text).toContain("/login");
      await seesNoKey(thief, [403]);
      expect(await host.tfa.status("1")).toMatchObject({ enabled: false });
    });

    it("so a stolen session that it proved an hour ago sets nothing up, and passes no step-up", async () => {
      const host = idpHost();
      const thief = host.browser();
      await thief.get("/callback?strong=1&ago=3600").expect(200, { proven: true });
      await thief.get("/page").expect(200);
      await seesNoKey(thief, [403]);
      expect((await thief.post("/payout").expect(403)).body).toMatchObject({
        code: "TWO_FACTOR_REQUIRED",
        reason: "recent",
      });
      expect((await thief.submit("/payout", {}).expect(403)).text).toContain("/login");
    });

    it("and with a sign-in of the last 300 s adds an authenticator", async () => {
      const browser = idpHost().browser();
      await browser.get("/callback?strong=1").expect(200, { proven: true });
      await browser.enrol();
      await browser.post("/payout").expect(200);
    });

    it.each([
      ["who has no factor", {}],
      ["whom codes are sent to", { sendTwoFactorAuthenticationCode: () => undefined }],
    ] as [string, Partial<TwoFactorOptions<HostUser>>][])(
      "a refusal bites %s also where the predicate reads the address and is asked at the callback",
      async (_who, more) => {
        const host = idpHost({
          onWeakAcr: "refuse",
          needTwoFactorAuthentication: (_user, req) => req.path.startsWith("/admin"),
          ...more,
        });
        const browser = host.browser();
        await browser.get("/callback").expect(200, { proven: false });
        await browser.get("/page").expect(200);
        await seesNoKey(browser, [403]);
        await browser.post("/two-factor/verify/send").expect(403);
        expect((await browser.get("/admin").expect(403)).body).toMatchObject({ code: "INSUFFICIENT_ACR" });
        await browser.get("/callback?strong=1").expect(200, { proven: true });
        await browser.get("/admin").expect(200);
      },
    );

    it("unless the host takes no provider's word any more", async () => {
      const store = memoryStore();
      await idpHost({ store }).browser().get("/callback?strong=1").expect(200);
      const browser = startHost({ options: { ...one, store } }).browser();
      await browser.login();
      await browser.enrol();
    });
  });
});
