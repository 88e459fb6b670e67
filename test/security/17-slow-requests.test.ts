import session from "express-session";
import { afterEach, describe, expect, it, vi } from "vitest";
import { later } from "../support/clock";
import { memoryStore, type TwoFactorStore } from "../../src";
import { Barrier } from "../support/barrier";
import { startHost, type Browser, type Host, type HostOptions } from "../support/host";
import { cookiesOf, sendRaw } from "../support/raw";
import { redisSessions } from "../support/session-stores";
import { FaultyStore, sessionIdOf } from "../support/sessions";

const stores = [
  { sessions: "MemoryStore", open: async () => new session.MemoryStore() },
  { sessions: "Redis", open: redisSessions },
];

const settings = [
  { rolling: false, resave: false },
  { rolling: true, resave: false },
  { rolling: false, resave: true },
  { rolling: true, resave: true },
];

afterEach(() => void vi.useRealTimers());

describe("The gate and answers that change nothing never modify or touch the session, so a slow parallel request can bring no dead session back", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    interface Slow {
      host: Host;
      owner: Browser;
      /** Begins a request that holds the session as it is now. @returns how to let it end, and then its answer */
      slow(
        browser: Browser,
        path?: string,
      ): Promise<() => Promise<{ status: number; headers: Record<string, unknown> }>>;
      /** Whom a cookie of old signs in now. */
      userOf(cookie: string): Promise<string>;
    }

    async function start(given: HostOptions = {}, make: typeof startHost = startHost): Promise<Slow> {
      let barrier = new Barrier();
      const host = make({
        version,
        ...given,
        options: {
          recoveryCodes: { count: 1 },
          rememberBrowser: "never",
          allow: ["/slow", "/write", "/who"],
          revalidateSeconds: 0,
          ...given.options,
        },
        before: (app) =>
          app.use((req, _res, next) => (req.query["hold"] === undefined ? next() : void barrier.pass().then(next))),
        behind: (app) => {
          app.get("/slow", (_req, res) => void barrier.pass().then(() => res.send("slow")));
          app.get("/write", (req, res) => {
            Object.assign(req.session, { written: true });
            void barrier.pass().then(() => res.send("slow"));
          });
          app.get(
            "/who",
            (req, res) => void res.send(String((req.user as { id: string } | undefined)?.id ?? "nobody")),
          );
        },
      });
      const owner = host.browser();
      await owner.login();
      await owner.enrol();
      return {
        host,
        owner,
        async slow(browser, path = "/slow") {
          barrier = new Barrier();
          const { arrived, release } = barrier;
          const answer = browser.visit(path).then((done) => done);
          await arrived;
          return async () => {
            release();
            return answer;
          };
        },
        userOf: async (cookie) => (await sendRaw(owner.server, ["GET /who HTTP/1.1", `Cookie: ${cookie}`])).text,
      };
    }

    async function unproven({ host, owner }: Slow): Promise<{ browser: Browser; cookie: string }> {
      const browser = host.browser();
      const cookie = cookiesOf(await browser.login());
      browser.secret = owner.secret;
      return { browser, cookie };
    }

    const combinations = stores.flatMap((kept) => settings.map((options) => ({ ...kept, ...options })));

    describe.each(combinations)("on $sessions, rolling $rolling, resave $resave", ({ open, rolling, resave }) => {
      it.each(["/slow", "/write", "/admin?hold"])("%s across a verify throws nobody out", async (path) => {
        const at = await start({ session: { store: await open(), rolling, resave } });
        const { browser, cookie } = await unproven(at);
        const finish = await at.slow(browser, path);
        await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200);
        expect((await finish()).headers["set-cookie"]).toBeUndefined();
        await browser.get("/admin").expect(200);
        expect(await at.userOf(cookie)).toBe("nobody");
      });

      it.each(["/slow", "/write"])("%s across a logout brings nothing back", async (path) => {
        const at = await start({ session: { store: await open(), rolling, resave } });
        const { browser } = await unproven(at);
        const cookie = cookiesOf(await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200));
        expect(await at.userOf(cookie)).toBe("1");
        const finish = await at.slow(browser, path);
        await browser.post("/logout").expect(200);
        expect(sessionIdOf(await finish())).toBeUndefined();
        expect(await at.userOf(cookie)).toBe("nobody");
        await browser.get("/two-factor").expect(401);
      });
    });

    it("a code that is still being checked when the login ends brings nobody in", async () => {
      const memory = memoryStore();
      const checking = new Barrier();
      let hold = false;
      const store: TwoFactorStore = {
        get: (id) => memory.get(id),
        compareAndSet: async (...given) => {
          if (hold) await checking.pass();
          return memory.compareAndSet(...given);
        },
      };
      vi.spyOn(console, "error").mockReturnValue();
      const at = await start({ options: { store } });
      const { browser, cookie } = await unproven(at);
      hold = true;
      const late = browser.post("/two-factor/verify", { code: browser.code(1) }).then((done) => done);
      await checking.arrived;
      await browser.post("/logout").expect(200);
      checking.release();
      const answer = await late;
      expect([answer.status, answer.body]).toMatchObject([401, { code: "LOGIN_SESSION_EXPIRED" }]);
      expect(answer.headers["set-cookie"]).toBeUndefined();
      expect(await at.userOf(cookie)).toBe("nobody");
      vi.restoreAllMocks();
    });

    it("an answer that ends while the login is being ended saves nothing behind its back", async () => {
      const ending = new Barrier();
      let hold = false;
      class SlowStore extends session.MemoryStore {
        override destroy(id: string, done?: (error?: unknown) => void): void {
          super.destroy(id, () => (hold ? void ending.pass().then(() => done?.()) : done?.()));
        }
      }
      const at = await start({ session: { store: new SlowStore() } });
      const { browser } = await unproven(at);
      const cookie = cookiesOf(await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200));
      const finish = await at.slow(browser, "/write");
      hold = true;
      const out = browser.post("/logout").then((done) => done);
      await ending.arrived;
      await finish();
      ending.release();
      expect((await out).status).toBe(200);
      expect(await at.userOf(cookie)).toBe("nobody");
    });

    it("a logout that fails leaves the login usable", async () => {
      const store = new FaultyStore();
      const at = await start({
        session: { store },
        mount: (app, tfa) => {
          app.post(
            "/sign-out",
            tfa.logout,
            (req, res) => void req.session.destroy((error) => res.status(error ? 500 : 200).end()),
          );
          app.use(tfa);
        },
      });
      const { browser } = await unproven(at);
      await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200);
      store.fault = "destroy fails";
      await browser.post("/sign-out").expect(500);
      await browser.get("/admin").expect(403);
      later(60);
      await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
      await browser.get("/admin").expect(200);
    });

    it("a session that another process brings back is not proven", async () => {
      const sessions = new session.MemoryStore();
      const options = { store: memoryStore(), otpSecretEncryptionKey: "A".repeat(43) + "=" };
      const here = await start({ session: { store: sessions }, options });
      // The same code once more, with a memory of its own.
      vi.resetModules();
      const { startHost: elsewhere } = await import("../support/host.js");
      // The same data behind a store of its own: what this process does to its store, the other one does not see.
      const itsStore = Object.assign(new session.MemoryStore(), {
        sessions: (sessions as unknown as { sessions: object }).sessions,
      });
      const there = elsewhere({
        version,
        session: { store: itsStore },
        options: { ...options, rememberBrowser: "never" },
      });
      const { browser } = await unproven(here);
      const cookie = cookiesOf(await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200));
      const finish = await here.slow(browser, "/write");
      const out = await sendRaw(there.browser().server, [
        "POST /logout HTTP/1.1",
        `Cookie: ${cookie}`,
        "Content-Length: 0",
      ]);
      expect(out.status).toBe(200);
      expect(await here.userOf(cookie)).toBe("nobody");
      await finish();
      expect(await here.userOf(cookie)).toBe("1");
      for (const { server } of [here.owner, there.browser()]) {
        expect((await sendRaw(server, ["GET /admin HTTP/1.1", `Cookie: ${cookie}`])).status).toBe(403);
      }
    });
  });
});
