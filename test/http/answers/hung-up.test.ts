import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeEach, describe, expect, test } from "vitest";
import { stopClock } from "../../support/clock";
import { memoryStore, type TwoFactorStore } from "../../../src";
import { startHost, type Browser, type Host } from "../../support/host";
import { cookiesOf } from "../../support/raw";

beforeEach(() => void stopClock());

/** A store whose next call waits until the test lets it go on: a slow database. */
function slowStore() {
  const memory = memoryStore();
  let pending: { call: "get" | "written"; arrive: () => void; released: Promise<void> } | undefined;
  const pass = async (call: "get" | "written") => {
    if (pending?.call !== call) return;
    const { arrive, released } = pending;
    pending = undefined;
    arrive();
    await released;
  };
  const store: TwoFactorStore = {
    async get(id) {
      await pass("get");
      return memory.get(id);
    },
    async compareAndSet(...given) {
      const won = await memory.compareAndSet(...given);
      await pass("written");
      return won;
    },
  };
  /** @returns when the call has come, and how to let it go on */
  function hold(call: "get" | "written") {
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    const arrived = new Promise<void>((resolve) => (pending = { call, arrive: resolve, released }));
    return { arrived, release };
  }
  return { store, memory, hold };
}

const key = '["user","1"]';

describe.each([4, 5] as const)("Who hangs up before the answer, on Express %i", (version) => {
  async function start() {
    const slow = slowStore();
    const hungUp: (() => void)[] = [];
    const host = startHost({
      version,
      options: { store: slow.store, recoveryCodes: { count: 1 }, rememberBrowser: "never" },
      early: (app) =>
        app.use((req, _res, next) => {
          if (req.headers["x-click"] === "first") req.socket.once("close", () => hungUp.forEach((tell) => tell()));
          next();
        }),
    });
    const browser = host.browser();
    const cookie = cookiesOf(await browser.login());
    /** Sends a form as a browser does, and hangs up while the store is at `call`. */
    async function sendAndHangUp(path: string, code: string, call: "get" | "written", sent = cookie) {
      const { arrived, release } = slow.hold(call);
      const heard = new Promise<void>((resolve) => hungUp.push(resolve));
      const body = new URLSearchParams({ code }).toString();
      const { port } = browser.server.address() as AddressInfo;
      const headers = {
        cookie: sent,
        "content-type": "application/x-www-form-urlencoded",
        accept: "text/html",
        "x-click": "first",
      };
      const first = request({
        port,
        path,
        method: "POST",
        headers: { ...headers, "sec-fetch-site": "same-origin", "content-length": Buffer.byteLength(body) },
      });
      first.on("error", () => undefined).end(body);
      await arrived;
      first.destroy();
      await heard;
      release();
    }
    return { ...slow, host, browser, cookie, sendAndHangUp };
  }

  const begin = async (browser: Browser) => {
    browser.secret = ((await browser.post("/two-factor/setup").expect(200)).body as { secret: string }).secret;
  };

  async function enrolled(host: Host, browser: Browser): Promise<void> {
    const owner = host.browser();
    await owner.login();
    await owner.enrol();
    browser.secret = owner.secret;
  }

  test("is not enrolled, and the second click shows the recovery codes", async () => {
    const { memory, browser, sendAndHangUp } = await start();
    await begin(browser);
    await sendAndHangUp("/two-factor/setup/verify", browser.code(), "get");
    const page = await browser.submit("/two-factor/setup/verify", { code: browser.code() }).expect(200);
    expect(page.text).toContain("data-recovery-code");
    expect((await memory.get(key))?.record).toContain("totp");
    await browser.get("/admin").expect(200);
  });

  test("and does not click again has set up nothing", async () => {
    const { memory, host, browser, sendAndHangUp } = await start();
    await begin(browser);
    await sendAndHangUp("/two-factor/setup/verify", browser.code(), "get");
    await browser.get("/admin").expect(403);
    expect(await memory.get(key)).toBeUndefined();
    expect(await host.tfa.status("1")).toMatchObject({ enabled: false });
  });

  test("has used no code up, and the second click passes", async () => {
    const { host, browser, sendAndHangUp } = await start();
    await enrolled(host, browser);
    await sendAndHangUp("/two-factor/verify", browser.code(1), "get");
    await browser.submit("/two-factor/verify", { code: browser.code(1) }).expect(303);
    await browser.get("/admin").expect(200);
  });

  test("while the code was being used up is not signed out", async () => {
    const { host, browser, sendAndHangUp } = await start();
    await enrolled(host, browser);
    await sendAndHangUp("/two-factor/verify", browser.code(1), "written");
    await browser.submit("/two-factor/verify", { code: browser.code(1) }).expect(409);
    await browser.get("/admin").expect(403);
    await browser.get("/two-factor/verify").expect(200);
  });

  test("has made a wrong guess all the same", async () => {
    const { host, browser, sendAndHangUp } = await start();
    await enrolled(host, browser);
    await sendAndHangUp("/two-factor/verify", browser.wrongCode(), "get");
    const { body } = await browser.post("/two-factor/verify", { code: browser.wrongCode() }).expect(422);
    expect(body).toMatchObject({ attemptsRemaining: 1 });
  });

  test("has made no new recovery codes: those written down stay good", async () => {
    const { host, browser, sendAndHangUp } = await start();
    const owner = host.browser();
    await owner.login();
    const cookie = cookiesOf(await owner.enrol());
    await sendAndHangUp("/two-factor/recovery-codes", "", "get", cookie);
    await browser.post("/two-factor/verify", { code: owner.recoveryCodes[0] }).expect(200);
  });
});
