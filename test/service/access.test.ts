import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { issueProof, type Proof } from "../../src/core/proof";
import { subjectOf } from "../../src/core/user-id";
import { memoryStore } from "../../src/stores/memory";
import { faultyStore } from "./faults";
import { ada, code, enrolAda, later, origin, startService, stopClock, stored, totpOf, type Rig } from "./support";

beforeEach(() => stopClock());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function start(options: Parameters<typeof startService>[0] = {}) {
  const store = faultyStore();
  const rig = startService({ store, storeTimeoutSeconds: 0.1, ...options });
  const enrolled = await enrolAda(rig);
  return { store, rig, ...enrolled };
}

const proven = async ({ service, store }: Rig): Promise<Proof> =>
  issueProof(await stored(store), { id: "session-1", method: "totp", at: service.clock() }, service.clock());

async function remember(rig: Rig, secret: string): Promise<string> {
  const { browser } = await rig.service.submissions.submitAndRemember(ada, code(totpOf(secret)), origin, undefined);
  return browser ?? "";
}

describe("somebody proven", () => {
  test("costs one reading in revalidateSeconds", async () => {
    const { rig, store } = await start();
    const proof = await proven(rig);
    later(60);
    store.calls.get = 0;
    for (let second = 0; second < 60; second += 1) {
      expect((await rig.service.access.confirm(ada, { proof }, origin)).proof).toBe(proof);
      later(1);
    }
    expect(store.calls.get).toBe(2);
  });

  test("is held against the store by every reading where revalidateSeconds is 0", async () => {
    const { rig, store } = await start({ revalidateSeconds: 0 });
    const proof = await proven(rig);
    store.calls.get = 0;
    for (let index = 0; index < 5; index += 1) await rig.service.access.confirm(ada, { proof }, origin);
    expect(store.calls.get).toBe(5);
  });

  test("is not taken for proven by an old copy when the store fails", async () => {
    const { rig, store } = await start();
    const proof = await proven(rig);
    await rig.service.access.confirm(ada, { proof }, origin);
    store.faults.get = "reject";
    later(31);
    const confirming = rig.service.access.confirm(ada, { proof }, origin);
    await expect(confirming).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  test("loses it within revalidateSeconds of a reset in another process, and at once in the same", async () => {
    const store = memoryStore();
    const [one, two] = [startService({ store }), startService({ store })];
    await enrolAda(one);
    const proof = await proven(one);
    const hold = async (rig: Rig) => (await rig.service.access.confirm(ada, { proof }, origin)).proof !== undefined;
    expect([await hold(one), await hold(two)]).toEqual([true, true]);
    await one.service.administration.reset("ada", { reason: "phone lost", by: "support" });
    expect(await hold(one)).toBe(false);
    later(30);
    expect(await hold(two)).toBe(false);
  });
});

describe("a copy in the process", () => {
  test("turns nobody away: what was proven in another process since is read", async () => {
    const store = memoryStore();
    const [one, two] = [startService({ store }), startService({ store })];
    await enrolAda(one);
    const old = await proven(one);
    expect((await two.service.access.confirm(ada, { proof: old }, origin)).proof).toBe(old);
    await one.service.administration.forgetBrowsers("ada");
    const fresh = { ...(await proven(one)), id: "session-2" };
    expect((await two.service.access.confirm(ada, { proof: fresh }, origin)).proof).toBe(fresh);
  });

  test("lets nobody in who brings nothing", async () => {
    const { rig, store } = await start();
    await rig.service.access.confirm(ada, { proof: await proven(rig) }, origin);
    store.calls.get = 0;
    expect((await rig.service.access.confirm(ada, {}, origin)).proof).toBeUndefined();
    expect(store.calls.get).toBe(1);
  });
});

describe("a remembered browser", () => {
  test("is known by its cookie until its time is up, counted on the server", async () => {
    const { rig, secret } = await start();
    const cookie = await remember(rig, secret);
    const known = async () => (await rig.service.access.confirm(ada, { cookie }, origin)).browser?.name;
    later(86_399);
    expect(await known()).toBe("Firefox on Linux");
    later(1);
    expect(await known()).toBeUndefined();
  });

  test("is worth nothing with a cookie that was changed, moved to another user, or made for another epoch", async () => {
    const { rig, secret } = await start();
    const cookie = await remember(rig, secret);
    const [epoch, token, signature] = cookie.split(".") as [string, string, string];
    const read = async (given: string, subject = ada) =>
      (await rig.service.access.read(subject, { cookie: given }, origin)).browser;
    expect(await read(cookie)).toBeDefined();
    const changed = [
      "",
      "..",
      `${epoch}.${token}`,
      `${cookie}.`,
      `${cookie}.more`,
      `${epoch}.${token}.${signature.slice(0, -1)}`,
      `${epoch}.${token.toLowerCase()}.${signature}`,
      `another-epoch.${token}.${signature}`,
    ];
    for (const given of changed) expect(await read(given)).toBeUndefined();
    const eve = subjectOf("user", "eve");
    await enrolAda(rig, eve);
    expect(await read(cookie, eve)).toBeUndefined();
    expect(await read(cookie, { ...ada, scope: "admin" })).toBeUndefined();
    await rig.service.administration.forgetBrowsers("ada");
    expect(await read(cookie)).toBeUndefined();
  });

  test("is worth nothing in another epoch, even where its record was not cleared", async () => {
    const { rig, store, secret } = await start();
    const cookie = await remember(rig, secret);
    const kept = await store.inner.get(ada.key);
    const record = kept?.record.replace(/"epoch":"[^"]+"/, '"epoch":"another"') ?? "";
    await store.inner.compareAndSet(ada.key, kept?.revision, { record, revision: "by hand" });
    expect(await rig.service.access.read(ada, { cookie }, origin)).toMatchObject({ record: { browsers: [{}] } });
    expect((await rig.service.access.read(ada, { cookie }, origin)).browser).toBeUndefined();
  });

  test("is worth nothing once the option says never, or 0 seconds", async () => {
    const { rig, store, secret } = await start();
    const cookie = await remember(rig, secret);
    for (const option of [{ rememberBrowser: "never" }, { rememberOtpSessionForSeconds: 0 }] as const) {
      const { service } = startService({ store, ...option });
      expect((await service.access.read(ada, { cookie }, origin)).browser).toBeUndefined();
    }
  });

  test("is noted as used once an hour, by one write, however many requests come at once", async () => {
    const { rig, store, secret } = await start({ revalidateSeconds: 0 });
    const cookie = await remember(rig, secret);
    later(3600);
    store.calls = { get: 0, write: 0 };
    await Promise.all(Array.from({ length: 20 }, () => rig.service.access.confirm(ada, { cookie }, origin)));
    const now = rig.service.clock();
    await vi.waitFor(async () => expect((await stored(store.inner))?.browsers[0]?.lastUsedAt).toBe(now));
    // The note is decided on what its request has read.
    expect(store.calls.get).toBe(20);
    await rig.service.access.confirm(ada, { cookie }, origin);
    expect(store.calls.write).toBe(1);
  });

  test("is let in although that note cannot be written", async () => {
    const { rig, store, secret } = await start();
    const cookie = await remember(rig, secret);
    later(3600);
    store.faults.write = "throw";
    expect((await rig.service.access.confirm(ada, { cookie }, origin)).browser).toBeDefined();
  });
});

describe("a store that was lost and comes back empty", () => {
  test("is said loudly, once for each session or browser that names what is gone", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const { rig, store, secret } = await start({ revalidateSeconds: 0 });
    const cookie = await remember(rig, secret);
    const proof = await proven(rig);
    await store.inner.erase?.(ada.key);
    rig.events.length = 0;
    for (let index = 0; index < 5; index += 1) {
      expect(Object.keys(await rig.service.access.confirm(ada, { proof, cookie }, origin))).toEqual(["record"]);
    }
    await rig.service.access.confirm(ada, { proof: { ...proof, epoch: "another" } }, origin);
    expect(rig.events.map(({ type }) => type)).toEqual(["record-missing", "record-missing"]);
    expect(warn).toHaveBeenCalledTimes(2);
  });

  test("is noticed by a cookie alone, and not by one that we did not sign", async () => {
    vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const { rig, store, secret } = await start({ revalidateSeconds: 0 });
    const cookie = await remember(rig, secret);
    await store.inner.erase?.(ada.key);
    rig.events.length = 0;
    await rig.service.access.confirm(ada, { cookie: `${cookie.slice(0, -4)}AAAA` }, origin);
    expect(rig.events).toEqual([]);
    await rig.service.access.confirm(ada, { cookie }, origin);
    expect(rig.events.map(({ type }) => type)).toEqual(["record-missing"]);
  });
});
