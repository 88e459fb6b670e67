import { connect, type AddressInfo } from "node:net";
import session from "express-session";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { later, stopClock } from "../support/clock";
import { generateEncryptionKey, memoryStore, type TwoFactorStore } from "../../src";
import { Barrier } from "../support/barrier";
import { ownerAndUnproven, startHost, type Browser, type Host, type HostOptions } from "../support/host";
import { cookiesOf, sendRaw } from "../support/raw";
import { sessionStores } from "../support/session-stores";
import { sessionIdOf } from "../support/sessions";

beforeEach(() => void vi.spyOn(console, "error").mockReturnValue());
afterEach(() => void vi.restoreAllMocks().useRealTimers());

const holds = (sessions: session.Store, id: string): Promise<boolean> =>
  new Promise((resolve, reject) =>
    sessions.get(id, (error, found) => (error ? reject(error as Error) : resolve(Boolean(found)))),
  );

/** Sends the head of a form, and its body only when told to. */
async function withheld(browser: Browser, path: string, cookie: string, body: string, sent: Promise<void>) {
  const socket = connect((browser.server.address() as AddressInfo).port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  const closed = new Promise<string>((resolve) => socket.on("close", () => resolve(Buffer.concat(chunks).toString())));
  const head = ["Host: localhost", "Connection: close", `Cookie: ${cookie}`, "Content-Type: application/json"];
  socket.write([`POST ${path} HTTP/1.1`, ...head, `Content-Length: ${body.length}`, "", ""].join("\r\n"));
  await sent;
  return async (): Promise<string> => {
    socket.write(body);
    return closed;
  };
}

describe("A session that the host has destroyed meanwhile stays dead", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    describe.each(sessionStores)("on $sessions, over two processes", ({ open }) => {
      /** One app on two processes: each has a memory of its own. `hold` stops the next writes of the record. */
      async function start(given: HostOptions = {}) {
        const sessions = await open();
        const records = memoryStore();
        let barrier: Barrier | undefined;
        const seen = { barrier: new Barrier() };
        const held: TwoFactorStore = {
          get: (id) => records.get(id),
          compareAndSet: async (...change) => {
            await barrier?.pass();
            return records.compareAndSet(...change);
          },
        };
        const shared = {
          otpSecretEncryptionKey: generateEncryptionKey(),
          recoveryCodes: { count: 1 },
          rememberBrowser: "never" as const,
          revalidateSeconds: 0,
          ...given.options,
        };
        const here = startHost({
          version,
          session: { store: sessions, ...given.session },
          options: { ...shared, store: held },
          before: (app) =>
            app.use((req, _res, next) => {
              seen.barrier.arrive();
              if (req.query["hold"] === undefined) next();
              else void seen.barrier.released.then(() => next());
            }),
        });
        vi.resetModules();
        const { startHost: elsewhere } = await import("../support/host.js");
        const there = elsewhere({ version, session: { store: sessions }, options: { ...shared, store: records } });
        const owner = here.browser();
        await owner.login();
        const proven = cookiesOf(await owner.enrol());
        return {
          here,
          sessions,
          owner,
          proven,
          seen,
          hold: () => (barrier = new Barrier()),
          letGo: () => (barrier = undefined),
          /** The host's logout, with ours, on the other process. */
          logOutThere: async (cookie: string) => {
            const lines = ["POST /logout HTTP/1.1", `Cookie: ${cookie}`, "Content-Length: 0"];
            expect((await sendRaw(there.browser().server, lines)).status).toBe(200);
          },
        };
      }

      async function unproven(here: Host, owner: Browser) {
        const browser = here.browser();
        const login = await browser.login();
        browser.secret = owner.secret;
        return { browser, cookie: cookiesOf(login), id: sessionIdOf(login)! };
      }

      it("when a code is still being checked", async () => {
        const at = await start();
        const { browser, cookie, id } = await unproven(at.here, at.owner);
        await browser.get("/admin").expect(403);
        const checking = at.hold();
        const late = browser.post("/two-factor/verify", { code: browser.code(1) }).then((done) => done);
        await checking.arrived;
        await at.logOutThere(cookie);
        at.letGo();
        checking.release();
        const answer = await late;
        expect([answer.status, answer.body]).toMatchObject([401, { code: "LOGIN_SESSION_EXPIRED" }]);
        expect(answer.headers["set-cookie"]).toBeUndefined();
        expect(await holds(at.sessions, id)).toBe(false);
        await browser.get("/two-factor").expect(401);
      });

      it("when it ends as the new one is saved, which is taken back", async () => {
        const at = await start();
        const { browser, cookie, id } = await unproven(at.here, at.owner);
        await browser.get("/admin").expect(403);
        const saving = new Barrier();
        const saved: string[] = [];
        const set = at.sessions.set.bind(at.sessions);
        at.sessions.set = (newId, data, done) => {
          saved.push(newId);
          void saving.pass().then(() => set(newId, data, done));
        };
        const late = browser.post("/two-factor/verify", { code: browser.code(1) }).then((done) => done);
        await saving.arrived;
        at.sessions.set = set;
        await at.logOutThere(cookie);
        saving.release();
        const answer = await late;
        expect([answer.status, answer.body]).toMatchObject([401, { code: "LOGIN_SESSION_EXPIRED" }]);
        expect(answer.headers["set-cookie"]).toBeUndefined();
        expect(saved).toHaveLength(1);
        expect(await Promise.all([id, ...saved].map((one) => holds(at.sessions, one)))).toEqual([false, false]);
      });

      it.each([false, true])("when the body was withheld meanwhile (resave: %s)", async (resave) => {
        for (const path of ["/verify", "/disable", "/recovery-codes", "/setup", "/browsers/forget"]) {
          const at = await start({ session: { resave, rolling: resave } });
          const isVerify = path === "/verify";
          const { cookie } = isVerify ? await unproven(at.here, at.owner) : { cookie: at.proven };
          const id = /s%3A([^.]+)/.exec(cookie)![1]!;
          const body = JSON.stringify(isVerify ? { code: at.owner.code(1) } : { replace: true });
          at.seen.barrier = new Barrier();
          const send = await withheld(at.owner, `/two-factor${path}`, cookie, body, at.seen.barrier.arrived);
          // Not through `tfa.logout`, which would end the proof as well.
          await new Promise<void>((resolve) => at.sessions.destroy(id, () => resolve()));
          const answer = await send();
          expect([path, answer]).toEqual([path, expect.stringMatching(/^HTTP\/1.1 401 [^]*LOGIN_SESSION_EXPIRED/)]);
          expect(answer).not.toMatch(/set-cookie/i);
          expect(await holds(at.sessions, id)).toBe(false);
          const { enabled, activity } = await at.here.tfa.status("1");
          expect([path, enabled, activity.map(({ type }) => type)]).toEqual([path, true, ["enabled"]]);
        }
      });

      it("when the gate has something to keep, or a page of ours", async () => {
        for (const path of ["/admin?hold", "/two-factor/setup?hold", "/two-factor/verify?hold"]) {
          const at = await start();
          const browser = at.here.browser();
          const login = await browser.login({ id: path.includes("setup") ? "2" : "1" });
          at.seen.barrier = new Barrier();
          const late = browser.visit(path).then((done) => done);
          await at.seen.barrier.arrived;
          await at.logOutThere(cookiesOf(login));
          at.seen.barrier.release();
          expect((await late).headers["set-cookie"]).toBeUndefined();
          expect([path, await holds(at.sessions, sessionIdOf(login)!)]).toEqual([path, false]);
        }
      });
    });

    /** `get` goes wrong from the n-th time on that one request asks; 1 is express-session's own. */
    class Unsure extends session.MemoryStore {
      asked = 0;
      fault: ((done: (error: unknown) => void) => unknown) | undefined;
      from = 2;

      override get(id: string, done: (error: unknown, found?: session.SessionData | null) => void): void {
        this.asked += 1;
        if (this.fault === undefined || this.asked < this.from) super.get(id, done);
        else return this.fault(done) as undefined;
      }
    }

    const faults = [
      ["fails", (done: (error: unknown) => void) => done(new Error("the session store failed"))],
      [
        "throws",
        () => {
          throw new Error("the session store threw");
        },
      ],
      ["rejects", () => Promise.reject(new Error("the session store rejected"))],
      ["hangs", () => undefined],
    ] as const;

    it.each(faults)(
      "and where the store %s when it is asked, the login is as before",
      async (_name, fault) => {
        stopClock();
        const store = new Unsure();
        const host = startHost({
          version,
          session: { store },
          options: { recoveryCodes: { count: 1 }, rememberBrowser: "never" },
        });
        const { browser } = await ownerAndUnproven(host);
        await browser.get("/admin").expect(403);
        const code = browser.code(1);
        // At the door nothing has been looked at yet; later the code is spent.
        for (const [from, again] of [
          [2, 200],
          [3, 409],
        ] as const) {
          const { browser: fresh } = { browser: host.browser() };
          await fresh.login();
          await fresh.get("/admin").expect(403);
          Object.assign(store, { asked: 0, from, fault });
          const next = from === 2 ? code : browser.code(from);
          later(from === 2 ? 0 : 60);
          const shown = from === 2 ? next : browser.code();
          const failed = await fresh.post("/two-factor/verify", { code: shown }).expect(503);
          expect(failed.headers["set-cookie"]).toBeUndefined();
          store.fault = undefined;
          await fresh.get("/admin").expect(403);
          await fresh.post("/two-factor/verify", { code: shown }).expect(again);
        }
      },
      60_000,
    );

    it("while a session that the host made in this very request is not asked for: it was never saved", async () => {
      const store = new Unsure();
      const host = startHost({
        version,
        session: { store },
        options: { acceptedAcr: ["mfa"], needTwoFactorAuthentication: () => true },
        mount: (app, tfa) => {
          app.post("/callback", (req, res, next) => {
            req.session.regenerate(() => {
              Object.assign(req.session, { user: { id: "7" } });
              Object.assign(req, { user: { id: "7" } });
              tfa.satisfy(req, { method: "acr", acr: "mfa" }).then((proven) => void res.json({ proven }), next);
            });
          });
          app.use(tfa);
        },
      });
      const browser = host.browser();
      await browser.login({ id: "6" });
      expect((await browser.post("/callback").expect(200)).body).toEqual({ proven: true });
      await browser.get("/admin").expect(200);
    });

    it("and a store that cannot be asked is as good as before", async () => {
      const host = startHost({
        version,
        options: { recoveryCodes: { count: 1 } },
        before: (app) =>
          app.use((req, _res, next) => {
            const { generate } = req.sessionStore as session.Store & { generate: unknown };
            const set = req.sessionStore.set.bind(req.sessionStore);
            req.sessionStore = { generate, set } as unknown as typeof req.sessionStore;
            next();
          }),
      });
      const browser = host.browser();
      await browser.login();
      await browser.enrol();
      await browser.get("/admin").expect(200);
    });
  });
});
