import cookieSession from "cookie-session";
import { beforeEach, describe, expect, it } from "vitest";
import { later, stopClock } from "../support/clock";
import type { TwoFactorOptions } from "../../src";
import { startHost, type Browser, type Host, type HostUser } from "../support/host";

beforeEach(() => void stopClock());

/** All cookies of a browser, as somebody who steals them would have them: session and remembered browser. */
function copyOf(host: Host, browser: Browser): Browser {
  const thief = host.browser();
  const jar = browser.agent.jar.getCookies({ domain: "127.0.0.1", path: "/", secure: false, script: false });
  for (const cookie of jar) thief.agent.jar.setCookie(cookie.toString(), "127.0.0.1", "/");
  return thief;
}

describe("A set-up that was begun with a proof ends with that proof", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    const cookieHost = (options: Partial<TwoFactorOptions<HostUser>> = {}) =>
      startHost({
        version,
        session: false,
        early: (app) => app.use(cookieSession({ name: "s", secret: "for tests" })),
        options: { recoveryCodes: { count: 1 }, ...options },
      });

    async function gainsNothing(thief: Browser, statuses: readonly number[]) {
      const shown = await thief.get("/two-factor/setup");
      expect(statuses).toContain(shown.status);
      expect(shown.body).not.toHaveProperty("secret");
      expect((await thief.visit("/two-factor/setup")).text).not.toContain("two-factor-secret");
    }

    it("a copy of the owner's cookies replaces nothing once the owner has signed out", async () => {
      const host = cookieHost();
      const owner = host.browser();
      await owner.login();
      await owner.enrol();
      await owner.post("/logout").expect(200);
      later(60);
      await owner.login();
      await owner.post("/two-factor/verify", { code: owner.code() }).expect(200);
      const { body } = await owner.post("/two-factor/setup", { replace: true }).expect(200);
      const thief = copyOf(host, owner);
      await thief.get("/page").expect(200);
      await owner.post("/logout").expect(200);
      // Nor does the browser that it has had remembered let that copy in.
      await gainsNothing(thief, [403]);
      const code = owner.code(0, (body as { secret: string }).secret);
      expect([403, 410]).toContain((await thief.post("/two-factor/setup/verify", { code })).status);
      expect((await host.tfa.status("1")).activity.map(({ type }) => type)).not.toContain("replaced");
    });

    it("nor does it bind a first authenticator where codes are sent", async () => {
      const mails: string[] = [];
      const host = cookieHost({ sendTwoFactorAuthenticationCode: (_user, code) => mails.push(code) });
      const owner = host.browser();
      await owner.login();
      await owner.get("/two-factor/verify").expect(200);
      await owner.post("/two-factor/verify", { code: mails.at(-1) }).expect(200);
      const { body } = await owner.post("/two-factor/setup").expect(200);
      const thief = copyOf(host, owner);
      await owner.post("/logout").expect(200);
      await gainsNothing(thief, [403]);
      const code = owner.code(0, (body as { secret: string }).secret);
      expect([403, 410]).toContain((await thief.post("/two-factor/setup/verify", { code })).status);
      expect(await host.tfa.status("1")).toMatchObject({ enabled: false });
    });

    it("nor does a copy from before a later code, which the session's proof has outlived", async () => {
      const host = cookieHost({ rememberBrowser: "never" });
      const owner = host.browser();
      await owner.login();
      await owner.enrol();
      const copies = [copyOf(host, owner)];
      later(60);
      await owner.post("/two-factor/verify", { code: owner.code() }).expect(200);
      copies.push(copyOf(host, owner));
      later(60);
      await owner.post("/two-factor/setup", { replace: true, code: owner.code() }).expect(200);
      copies.push(copyOf(host, owner));
      for (const copy of copies) await copy.get("/page").expect(200);
      await owner.post("/logout").expect(200);
      for (const copy of copies) await copy.get("/page").expect(403);
    });

    it.each([600, 86_400])(
      "and waits for a new one after 300 s, and the same key goes on (valid for %i s)",
      async (setupValidForSeconds) => {
        const host = cookieHost({ setupValidForSeconds });
        const owner = host.browser();
        await owner.login();
        await owner.enrol();
        later(290);
        const { body } = await owner.post("/two-factor/setup", { replace: true }).expect(200);
        const { secret } = body as { secret: string };
        const confirm = (browser: Browser) => browser.post("/two-factor/setup/verify", { code: owner.code(0, secret) });
        later(300);
        // The time counts from the beginning, not from the proof that allowed it.
        expect((await owner.get("/two-factor/setup").expect(200)).body).toMatchObject({ secret });
        later(1);
        const thief = copyOf(host, owner);
        await gainsNothing(thief, [403]);
        expect((await confirm(thief).expect(403)).body).toMatchObject({
          code: "TWO_FACTOR_REQUIRED",
          reason: "recent",
        });
        await thief.visit("/two-factor/setup").expect(303).expect("location", "/two-factor/verify");
        await thief
          .submit("/two-factor/setup/verify", { code: owner.code(0, secret) })
          .expect(303)
          .expect("location", "/two-factor/verify");
        await owner.visit("/two-factor/setup").expect(303).expect("location", "/two-factor/verify");
        expect((await owner.visit("/two-factor/verify").expect(200)).text).toContain('name="code"');
        await owner
          .submit("/two-factor/verify", { code: owner.code() })
          .expect(303)
          .expect("location", "/two-factor/setup");
        expect((await owner.visit("/two-factor/setup").expect(200)).text).toContain("two-factor-secret");
        expect((await owner.get("/two-factor/setup").expect(200)).body).toMatchObject({ secret });
        await gainsNothing(thief, [403]);
        await confirm(thief).expect(403);
        await confirm(owner).expect(200);
      },
    );

    it("so does a first authenticator of somebody who is sent codes", async () => {
      const mails: string[] = [];
      const host = cookieHost({ sendTwoFactorAuthenticationCode: (_user, code) => mails.push(code) });
      const owner = host.browser();
      await owner.login();
      await owner.get("/two-factor/verify").expect(200);
      await owner.post("/two-factor/verify", { code: mails.at(-1) }).expect(200);
      const { body } = await owner.post("/two-factor/setup").expect(200);
      const code = () => owner.code(0, (body as { secret: string }).secret);
      later(301);
      const thief = copyOf(host, owner);
      await gainsNothing(thief, [403]);
      await thief.post("/two-factor/setup/verify", { code: code() }).expect(403);
      await owner.post("/two-factor/verify/send").expect(200);
      await owner.post("/two-factor/verify", { code: mails.at(-1) }).expect(200);
      await owner.post("/two-factor/setup/verify", { code: code() }).expect(200);
    });

    it("a code in the form is such a proof: a remembered browser replaces with it, and is proven by it", async () => {
      const host = startHost({ version, options: { recoveryCodes: { count: 1 } } });
      const owner = host.browser();
      await owner.login();
      await owner.enrol();
      await owner.remember();
      await owner.post("/logout").expect(200);
      await owner.login();
      later(60);
      const { body } = await owner.post("/two-factor/setup", { replace: true, code: owner.code() }).expect(200);
      const { secret } = body as { secret: string };
      await owner.post("/two-factor/setup/verify", { code: owner.code(0, secret) }).expect(200);
      await owner.get("/page").expect(200);
    });
  });
});
