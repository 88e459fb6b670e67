import cookieSession from "cookie-session";
import session, { type SessionData } from "express-session";
import { describe, expect, it } from "vitest";
import type { TwoFactorOptions } from "../../src";
import { startHost, type Browser, type Host, type HostUser } from "../support/host";

const options: Partial<TwoFactorOptions<HostUser>> = { recoveryCodes: { count: 1 }, revalidateSeconds: 0 };

/** A session store whose writes land late, and are then acknowledged. */
class SlowStore extends session.MemoryStore {
  delay = 0;

  override set(id: string, data: SessionData, done?: (error?: unknown) => void): void {
    setTimeout(() => super.set(id, data, done), this.delay);
  }
}

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function copyOf(host: Host, browser: Browser): Browser {
  const copy = host.browser();
  const jar = browser.agent.jar.getCookies({ domain: "127.0.0.1", path: "/", secure: false, script: false });
  for (const cookie of jar) copy.agent.jar.setCookie(cookie.toString(), "127.0.0.1", "/");
  return copy;
}

describe("A logout that meets a change of the same session ends it", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    it.each([
      ["/two-factor/browsers/forget", {}],
      ["/two-factor/setup", { replace: true }],
      ["/two-factor/recovery-codes", {}],
      ["/two-factor/disable", {}],
    ])("where the session store is slower with the save of %s than with the end", async (path, fields) => {
      const store = new SlowStore();
      const host = startHost({
        version,
        options,
        session: { store },
        before: (app) =>
          app.post(
            "/leave",
            (req, res, next) => void host.tfa.logout(req, res, next),
            (req, res) => req.session.destroy(() => void res.json({ ok: true })),
          ),
      });
      const owner = host.browser();
      await owner.login();
      await owner.enrol();
      const copies = [copyOf(host, owner), copyOf(host, owner)] as const;
      store.delay = 60;
      const change = owner.post(path, fields).then(({ status }) => status);
      await wait(30);
      await copies[0].post("/leave").expect(200);
      await change;
      store.delay = 0;
      await wait(80);
      // Nobody is signed in there: the gate has nothing to say.
      expect((await copies[1].get("/page")).headers).not.toHaveProperty("x-signed-in");
      expect(Object.values((store as unknown as { sessions: object }).sessions)).toEqual([]);
    });

    it.each<[string, (owner: Browser) => Promise<unknown>]>([
      ["forgets all browsers", async (owner) => owner.post("/two-factor/browsers/forget").expect(200)],
      [
        "replaces the authenticator",
        async (owner) => {
          const { body } = await owner.post("/two-factor/setup", { replace: true }).expect(200);
          const code = owner.code(0, (body as { secret: string }).secret);
          await owner.post("/two-factor/setup/verify", { code }).expect(200);
        },
      ],
    ])("also by the cookie of before it %s", async (_what, change) => {
      const host = startHost({
        version,
        options,
        session: false,
        early: (app) => app.use(cookieSession({ name: "s", secret: "for tests" })),
      });
      const owner = host.browser();
      await owner.login();
      await owner.enrol();
      const before = copyOf(host, owner);
      await change(owner);
      await owner.get("/page").expect(200);
      await before.post("/logout").expect(200);
      await owner.get("/page").expect(403);
    });
  });
});
