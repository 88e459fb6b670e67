import { KeyringNode, RawAesKeyringNode, RawAesWrappingSuiteIdentifier } from "@aws-crypto/client-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memoryStore, type TwoFactorOptions, type TwoFactorStore } from "../../src";
import { ownerAndUnproven, startHost, type Browser, type Host, type HostUser } from "../support/host";

type Options = Partial<TwoFactorOptions<HostUser>>;

const never = () => new Promise<never>(() => undefined);
const timeoutSeconds = 0.3;
/** A few time-outs in a row, on a busy machine. */
const boundMilliseconds = 4000;

/** A key service that stops answering when told to. */
function keyService() {
  const service = { hangs: false };
  const local = new RawAesKeyringNode({
    keyNamespace: "test",
    keyName: "one",
    unencryptedMasterKey: new Uint8Array(32).fill(7),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
  class Service extends KeyringNode {
    _onEncrypt: KeyringNode["_onEncrypt"] = (...given) => (service.hangs ? never() : local._onEncrypt(...given));
    _onDecrypt: KeyringNode["_onDecrypt"] = (...given) => (service.hangs ? never() : local._onDecrypt(...given));
  }
  const cookie = { secret: "a secret of the cookies, of 32 characters" };
  // The test host has a key otherwise.
  return Object.assign(service, {
    options: { keyring: new Service(), cookie, otpSecretEncryptionKey: undefined as never },
  });
}

async function timed<T>(work: PromiseLike<T>): Promise<T> {
  const from = performance.now();
  try {
    return await work;
  } finally {
    expect(performance.now() - from).toBeLessThan(boundMilliseconds);
  }
}

const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
beforeEach(() => {
  vi.spyOn(console, "error").mockReturnValue();
  vi.spyOn(process, "emitWarning").mockReturnValue();
  unhandled.length = 0;
  process.on("unhandledRejection", note);
});
afterEach(() => {
  process.off("unhandledRejection", note);
  vi.restoreAllMocks();
});

describe("Every wait of ours ends", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    const start = (options: Options = {}, behind?: (app: Host["app"]) => void) =>
      startHost({
        version,
        options: { recoveryCodes: { count: 1 }, storeTimeoutSeconds: timeoutSeconds, ...options },
        ...(behind && { behind }),
      });

    async function enrolled(host: Host): Promise<{ owner: Browser; other: Browser }> {
      const { owner, browser: other } = await ownerAndUnproven(host);
      return { owner, other };
    }

    it("where a key service never answers: 503 for everybody in line, and a turn for each as soon as it does", async () => {
      const service = keyService();
      const host = start(service.options);
      const { owner, other } = await enrolled(host);
      service.hangs = true;
      const code = { code: other.code(1) };
      const tries = Array.from({ length: 6 }, () => timed(other.post("/two-factor/verify", code)));
      // In line behind them.
      await timed(owner.post("/logout").expect(200));
      for (const { status, headers } of await Promise.all(tries)) {
        expect([status, Number(headers["retry-after"]) > 0]).toEqual([503, true]);
      }
      await owner.get("/two-factor").expect(401);
      await timed(host.tfa.unlock("1"));
      service.hangs = false;
      await other.post("/two-factor/verify", code).expect(200);
      service.hangs = true;
      // It opens nothing, so it needs no key.
      await timed(host.tfa.reset("1", { reason: "lost", by: "test" }));
      expect((await host.tfa.status("1")).enabled).toBe(false);
      expect(unhandled).toEqual([]);
    });

    it("and a set-up: its pages are 503, and nothing is enrolled", async () => {
      const service = keyService();
      const host = start(service.options);
      const browser = host.browser();
      await browser.login();
      service.hangs = true;
      await timed(browser.post("/two-factor/setup").expect(503));
      await timed(browser.visit("/two-factor/setup").expect(503));
      service.hangs = false;
      browser.secret = ((await browser.post("/two-factor/setup").expect(200)).body as { secret: string }).secret;
      service.hangs = true;
      await timed(browser.post("/two-factor/setup/verify", { code: browser.code() }).expect(503));
      service.hangs = false;
      await browser.post("/two-factor/setup/verify", { code: browser.code() }).expect(200);
    });

    it("where the store never answers: a reset and an unlock fail, and a logout is done", async () => {
      const memory = memoryStore();
      const fault: Partial<TwoFactorStore> = {};
      const store: TwoFactorStore = {
        get: (id) => (fault.get ?? memory.get)(id),
        compareAndSet: (...given) => (fault.compareAndSet ?? memory.compareAndSet)(...given),
        erase: (id) => (fault.erase ?? memory.erase!)(id),
        userIds: () => ({ [Symbol.asyncIterator]: () => ({ next: never }) }),
      };
      const host = start({ store, deleteCookieOnLogout: true });
      const { owner } = await enrolled(host);
      Object.assign(fault, { get: never, compareAndSet: never, erase: never });
      const unavailable = { code: "STORE_UNAVAILABLE" };
      await expect(timed(host.tfa.reset("1", { reason: "lost", by: "test" }))).rejects.toMatchObject(unavailable);
      await expect(timed(host.tfa.unlock("1"))).rejects.toMatchObject(unavailable);
      await expect(timed(host.tfa.erase("1"))).rejects.toMatchObject(unavailable);
      await timed(owner.post("/logout").expect(200));
      await owner.get("/two-factor").expect(401);
    });

    const hanging: Record<string, Options> = {
      user: { user: never },
      secondFactorResourceId: { secondFactorResourceId: never },
      needTwoFactorAuthentication: { needTwoFactorAuthentication: never },
      allow: { allow: never },
      "directOtp, as does the sender": { directOtp: never, sendTwoFactorAuthenticationCode: never },
    };
    it.each(Object.entries(hanging))(
      "where the host's %s never answers: 503, and nothing passes",
      async (_, options) => {
        const host = start(options);
        const browser = host.browser();
        await browser.login();
        for (const answer of [browser.get("/admin"), browser.visit("/admin"), browser.post("/admin", { x: 1 })]) {
          const { status, headers } = await timed(answer);
          expect([status, Number(headers["retry-after"]) > 0]).toEqual([503, true]);
        }
        expect(host.reached).toEqual([]);
        await timed(browser.post("/logout").expect(200));
        expect((await browser.get("/two-factor")).status).toBe(options.user ? 503 : 401);
      },
    );

    const pages: Record<string, Options> = {
      formFields: { formFields: never },
      locals: { locals: never },
      label: { label: never },
      renderPage: { renderPage: never },
      "view function": { views: { setup: never, problem: never } },
      "view engine": { views: { setup: "a.hanging", problem: "a.hanging" } },
    };
    it.each(Object.entries(pages))("where the host's %s never answers: its page is 503", async (_, options) => {
      const host = start(options, (app) => {
        app.engine("hanging", () => undefined);
        app.set("views", __dirname);
        // Express asks whether the file exists before it calls the engine.
        app.set(
          "view",
          class {
            defaultEngine = "hanging";
            path = "there";
            render = () => undefined;
          },
        );
      });
      const browser = host.browser();
      await browser.login();
      const page = await timed(browser.visit("/two-factor/setup"));
      expect(page.status).toBe(503);
      expect(page.text).not.toContain("otpauth");
    });

    it("and a page that renderPage has sent is not cut off, whatever it still waits for", async () => {
      const host = start({ renderPage: (_req, res, { html }) => (res.send(html), never()) });
      const browser = host.browser();
      await browser.login();
      expect((await browser.visit("/two-factor/setup").expect(200)).text).toContain("otpauth");
    });

    it("where endLogin never answers: 503, and the login is still overdue, not forgotten", async () => {
      const host = start({ endLogin: never, pendingLoginSeconds: 1 });
      const { other } = await enrolled(host);
      await other.get("/admin").expect(403);
      await new Promise((resolve) => setTimeout(resolve, 2100));
      expect((await timed(other.get("/admin"))).status).toBe(503);
      expect((await timed(other.get("/admin"))).status).toBe(503);
      expect(host.reached).toEqual([]);
    });

    it("and what fails after its time ends no process", async () => {
      const late = () => new Promise<never>((_, reject) => setTimeout(() => reject(new Error("late")), 400));
      const host = start({ store: { ...memoryStore(), get: late }, allow: late, onEvent: late });
      const browser = host.browser();
      await browser.login();
      await browser.get("/admin").expect(503);
      await browser.get("/two-factor").expect(503);
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(unhandled).toEqual([]);
    });
  });
});
