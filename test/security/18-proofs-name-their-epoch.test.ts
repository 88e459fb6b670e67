import { describe, expect, onTestFinished, test, vi } from "vitest";
import { memoryStore, type TwoFactor, type TwoFactorStore } from "../../src";
import type { Browser } from "../support/host";
import { keepLog, onProcess, startProcesses, stopClock } from "../support/processes";

const at = (path: string) => `/two-factor${path}`;
const details = { reason: "lost phone", by: "the help desk" };

/** Somebody with a proven session, a remembered browser and, on the second process, a pending replacement. */
async function busyUser(revalidateSeconds = 30) {
  const clock = stopClock();
  const store = memoryStore();
  const reads = { count: 0 };
  const fault: { get?: Error } = {};
  const counting: TwoFactorStore = {
    ...store,
    get: (id) => ((reads.count += 1), fault.get === undefined ? store.get(id) : Promise.reject(fault.get)),
  };
  const [host, second] = startProcesses(2, { options: { store: counting, revalidateSeconds } });
  const other = second ?? host;
  const owner = host.browser();
  await owner.login();
  await owner.enrol();
  const session = other.browser();
  await session.login();
  await session.post(at("/verify"), { code: owner.code(1) }).expect(200);
  const { body } = await session.post(at("/setup"), { replace: true }).expect(200);
  clock.later(60);
  const remembered = other.browser();
  await remembered.login();
  await remembered.post(at("/verify"), { code: owner.code() }).expect(200);
  await remembered.post("/logout").expect(200);
  await remembered.login();
  const { secret } = body as { secret: string };
  return { clock, store, reads, fault, host, other, owner, session, remembered, secret };
}

/** Signed in, and let through; whose login was ended is a stranger to the host. */
async function mayEnter(browser: Browser): Promise<boolean> {
  const { status, headers } = await browser.get("/page");
  return status === 200 && headers["x-signed-in"] === "yes";
}

const moves: [what: string, move: (tfa: TwoFactor, owner: Browser) => Promise<unknown>][] = [
  ["a reset", (tfa) => tfa.reset("1", details)],
  ["the host forgetting all browsers", (tfa) => tfa.forgetBrowsers("1")],
  ["the user forgetting all browsers", (_tfa, owner) => owner.post(at("/browsers/forget")).expect(200)],
  ["turning off", (_tfa, owner) => owner.post(at("/disable")).expect(200)],
  [
    "replacing",
    async (_tfa, owner) => {
      const { body } = await owner.post(at("/setup"), { replace: true }).expect(200);
      const code = owner.code(0, (body as { secret: string }).secret);
      await owner.post(at("/setup/verify"), { code }).expect(200);
    },
  ],
];

describe("A proof names its epoch", () => {
  test.each(moves)(
    "%s voids proofs, cookies and pending set-ups on every process in `revalidateSeconds`",
    async (_what, move) => {
      const { clock, host, other, owner, session, remembered, secret } = await busyUser();
      for (const browser of [session, remembered]) expect(await mayEnter(browser)).toBe(true);
      await move(host.tfa, owner);
      // The process that did it knows at once.
      for (const browser of [session, remembered]) expect(await mayEnter(onProcess(browser, host))).toBe(false);
      clock.later(30);
      for (const browser of [session, remembered]) expect(await mayEnter(browser)).toBe(false);
      const { status } = await session.post(at("/setup/verify"), { code: owner.code(0, secret) });
      expect([401, 403, 409]).toContain(status);
      expect(await mayEnter(onProcess(session, other))).toBe(false);
    },
  );

  test("a cookie names its epoch, too, were its browser still in the record", async () => {
    const { store, other, session, remembered } = await busyUser(0);
    const stored = await store.get('["user","1"]');
    const raw = JSON.parse(stored?.record ?? "{}") as { epoch: string };
    const record = JSON.stringify({ ...raw, epoch: "another" });
    expect(await store.compareAndSet('["user","1"]', stored?.revision, { record, revision: "by hand" })).toBe(true);
    expect((await other.tfa.status("1")).browsers).not.toEqual([]);
    for (const browser of [session, remembered]) expect(await mayEnter(browser)).toBe(false);
  });

  test("own routes and status heed it at once, on every process", async () => {
    const { host, other, session } = await busyUser();
    await session.get(at("")).expect(200);
    await host.tfa.forgetBrowsers("1");
    await session.get(at("")).expect(403);
    await session.post(at("/disable")).expect(403);
    expect(await other.tfa.status("1")).toMatchObject({ enabled: true, browsers: [] });
  });

  test("with `revalidateSeconds: 0` the next request is refused", async () => {
    const { host, session, remembered } = await busyUser(0);
    expect(await mayEnter(session)).toBe(true);
    await host.tfa.forgetBrowsers("1");
    expect(await mayEnter(session)).toBe(false);
    expect(await mayEnter(remembered)).toBe(false);
  });

  test("an epoch is 128 random bits, and no epoch comes back", async () => {
    const { store, host } = await busyUser();
    const epochs = new Set<string>();
    for (let times = 0; times < 50; times += 1) {
      await (times % 2 === 0 ? host.tfa.reset("1", details) : host.tfa.forgetBrowsers("1"));
      const stored = await store.get('["user","1"]');
      epochs.add((JSON.parse(stored?.record ?? "{}") as { epoch: string }).epoch);
    }
    expect(epochs.size).toBe(50);
    for (const epoch of epochs) expect(epoch).toMatch(/^[\w-]{22}$/);
  });

  test("turned off and set up again, what was proven before stays void", async () => {
    const { clock, host, owner, session, remembered } = await busyUser();
    await owner.post(at("/disable")).expect(200);
    await owner.enrol();
    clock.later(31);
    for (const browser of [session, remembered]) expect(await mayEnter(browser)).toBe(false);
    await host.tfa.erase("1");
    expect(await mayEnter(onProcess(owner, host))).toBe(false);
  });

  test("a proven session asks the store once in `revalidateSeconds`, an unproven one each time", async () => {
    const { clock, reads, other, session } = await busyUser();
    clock.later(31);
    reads.count = 0;
    for (let times = 0; times < 20; times += 1) expect(await mayEnter(session)).toBe(true);
    expect(reads.count).toBe(1);
    const unproven = other.browser();
    await unproven.login();
    reads.count = 0;
    for (let times = 0; times < 5; times += 1) expect(await mayEnter(unproven)).toBe(false);
    expect(reads.count).toBe(5);
  });

  test("what was seen is never served stale: when the store fails, the gate is shut", async () => {
    keepLog();
    const { clock, fault, session, remembered } = await busyUser();
    for (const browser of [session, remembered]) expect(await mayEnter(browser)).toBe(true);
    fault.get = new Error("down");
    clock.later(29);
    expect(await mayEnter(session)).toBe(true);
    clock.later(1);
    for (const browser of [session, remembered]) {
      const refused = await browser.get("/page").expect(503);
      expect(refused.headers["retry-after"]).toBeDefined();
    }
    delete fault.get;
    expect(await mayEnter(session)).toBe(true);
  });

  test("a clock set back does not make an old look-up fresh", async () => {
    const { clock, host, session } = await busyUser();
    expect(await mayEnter(session)).toBe(true);
    await host.tfa.forgetBrowsers("1");
    clock.later(-3600);
    expect(await mayEnter(session)).toBe(false);
  });

  test("nor does one that is set back by less than has passed since", async () => {
    const { clock, host, other, session } = await busyUser();
    expect(await mayEnter(session)).toBe(true);
    await host.tfa.forgetBrowsers("1");
    const now = performance.now();
    const monotonic = vi.spyOn(performance, "now").mockImplementation(() => now + 3_600_000);
    onTestFinished(() => monotonic.mockRestore());
    clock.later(1);
    expect(await mayEnter(onProcess(session, other))).toBe(false);
  });

  test("a code given late, after the epoch moved, proves the new one", async () => {
    const { clock, host, owner, session } = await busyUser();
    await host.tfa.forgetBrowsers("1");
    clock.later(60);
    await session.post(at("/verify"), { code: owner.code() }).expect(200);
    expect(await mayEnter(session)).toBe(true);
    expect(await mayEnter(owner)).toBe(false);
  });
});
