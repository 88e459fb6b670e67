import { describe, expect, test } from "vitest";
import { generateEncryptionKey, memoryStore } from "../../src";
import type { Browser, Host, HostOptions } from "../support/host";
import { addKey, startKeyHost } from "../support/keys";
import { onProcess, startProcessesOn, startProcesses, stopClock } from "../support/processes";
import { SoftKey } from "../support/soft-key";

const verify = "/two-factor/verify";

/** The owner's browser, signed out again but known, and a stranger with the password. */
async function knownAndStranger(given: HostOptions = {}) {
  const clock = stopClock();
  const processes = startProcesses(2, given);
  return { clock, processes, ...(await both(processes)) };
}

async function both([host]: readonly [Host, ...Host[]]) {
  const [owner, stranger] = [host.browser(), host.browser()];
  await owner.login();
  await owner.enrol();
  await owner.post("/logout").expect(200);
  await owner.login();
  await stranger.login();
  return { host, owner, stranger };
}

async function lock(browser: Browser, { owner }: { owner: Browser }): Promise<void> {
  for (const status of [422, 422, 429]) await browser.post(verify, { code: owner.wrongCode() }).expect(status);
}

describe("A browser that has proven itself has guesses of its own", () => {
  test("strangers lock themselves out and not it; and it, itself and not them", async () => {
    const { clock, owner, stranger } = await knownAndStranger();
    await lock(stranger, { owner });
    await lock(owner, { owner });
    await owner.post(verify, { code: owner.code(1) }).expect(429);
    clock.later(61);
    await lock(owner, { owner });
    // One round of its own further; the others are open again.
    clock.later(61);
    await owner.post(verify, { code: owner.code(1) }).expect(429);
    const { body } = await stranger.post(verify, { code: owner.wrongCode() }).expect(422);
    expect(body).toMatchObject({ attemptsRemaining: 2 });
  });

  test("also where strangers are locked out for good, on another process, and on PostgreSQL", async () => {
    stopClock();
    const given = { options: { lockout: { hardLimit: 3 } } };
    for (const processes of [startProcesses(2, given), await startProcessesOn("PostgreSQL", 2, given)]) {
      const { owner, stranger } = await both(processes);
      await lock(stranger, { owner });
      const [, other] = processes as [Host, Host];
      await onProcess(stranger, other).post(verify, { code: owner.wrongCode() }).expect(429);
      await onProcess(owner, other)
        .post(verify, { code: owner.code(1) })
        .expect(200);
    }
  });

  test("its cookie is no proof, and worth nothing to another user or in another scope", async () => {
    const { owner, host } = await knownAndStranger();
    await owner.get("/page").expect(403);
    const cookie = owner.cookie("known_tfa");
    expect(cookie).toMatch(/^[\w-]{22}\.[\w-]{43}$/);
    const other = host.browser();
    await other.login({ id: "2" });
    await other.enrol();
    await other.post("/logout").expect(200);
    const stranger = host.browser();
    await stranger.login({ id: "2" });
    await lock(stranger, { owner: other });
    stranger.agent.jar.setCookie(`known_tfa=${cookie}`);
    await stranger.post(verify, { code: other.code(1) }).expect(429);
  });

  test("it is a year, HttpOnly, renewed by each right factor; what it was before is unknown", async () => {
    const { clock, owner, stranger } = await knownAndStranger();
    const before = owner.cookie("known_tfa");
    const answer = await owner.post(verify, { code: owner.code(1) }).expect(200);
    const [set] = (answer.headers["set-cookie"] as unknown as string[]).filter((line) => line.startsWith("known_tfa="));
    expect(set).toMatch(/Max-Age=31536000; .*HttpOnly; SameSite=Lax/);
    stranger.agent.jar.setCookie(`known_tfa=${before}`);
    await lock(stranger, { owner });
    clock.later(31_536_000 - 1);
    await owner.post("/logout").expect(200);
    await owner.login();
    await owner.post(verify, { code: owner.wrongCode() }).expect(422);
  });

  test("whoever has set up a first key is known as whoever has confirmed an app", async () => {
    stopClock();
    const host = startKeyHost();
    const [owner, stranger] = [host.browser(), host.browser()];
    await owner.login();
    const key = new SoftKey();
    const added = await addKey(owner, key);
    expect(added.status).toBe(201);
    const { recoveryCodes } = added.body as { recoveryCodes: string[] };
    const first = owner.cookie("known_tfa");
    expect(first).toBeDefined();
    // A second one renews it: one browser is in the record once.
    expect((await addKey(owner)).status).toBe(201);
    expect(owner.cookie("known_tfa")).not.toBe(first);
    await owner.post("/logout").expect(200);
    await owner.login();
    await stranger.login();
    for (const status of [422, 422, 429]) await stranger.post(verify, { code: "000000" }).expect(status);
    await owner.post(verify, { code: "000000" }).expect(422);
    await owner.post(verify, { code: recoveryCodes[0] }).expect(200);
  });

  test("a replay of the cookie from before a reset, or from before all browsers were forgotten, is worth nothing", async () => {
    const { host, owner, stranger } = await knownAndStranger();
    await host.tfa.forgetBrowsers("1");
    await lock(stranger, { owner });
    await owner.post(verify, { code: owner.code(1) }).expect(429);
  });

  test("`knownBrowserForSeconds: 0` is off, for cookies already out, too", async () => {
    const store = memoryStore();
    const otpSecretEncryptionKey = generateEncryptionKey();
    const { owner } = await knownAndStranger({ options: { store, otpSecretEncryptionKey } });
    const [off] = startProcesses(1, { options: { store, otpSecretEncryptionKey, knownBrowserForSeconds: 0 } });
    const here = onProcess(owner, off);
    await here.login();
    const stranger = off.browser();
    await stranger.login();
    await lock(stranger, { owner });
    await here.post(verify, { code: owner.code(1) }).expect(429);
  });

  test("the record holds a hash of it, of ten at most, and no session holds it", async () => {
    stopClock();
    const store = memoryStore();
    const { owner, host } = await knownAndStranger({ options: { store, recoveryCodes: { count: 14 } } });
    for (const code of owner.recoveryCodes.slice(0, 9)) {
      const browser = host.browser();
      await browser.login();
      await browser.post(verify, { code }).expect(200);
    }
    stopClock().later(600);
    const last = host.browser();
    await last.login();
    await last.post(verify, { code: owner.recoveryCodes[9] }).expect(200);
    const { record } = (await store.get('["user","1"]')) as { record: string };
    expect((JSON.parse(record) as { known: unknown[] }).known).toHaveLength(10);
    const [token] = (last.cookie("known_tfa") ?? "").split(".") as [string];
    expect(record).not.toContain(token);
  });
});
