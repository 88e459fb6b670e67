import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { subjectOf } from "../../src/core/user-id";
import { memoryStore } from "../../src/stores/memory";
import fixture from "../core/fixtures/records-version-1.json";
import { code, origin, recoveryCodesIn, startService, stopClock, stored, totpIn, totpOf } from "./support";

beforeEach(() => stopClock());
afterEach(() => {
  vi.useRealTimers();
});

const { records } = fixture;
type Name = keyof typeof records;

/** A service on a store in which version 1 has left this record, at the time it was left. */
async function start(name: Name) {
  const { userKey, text, at } = records[name];
  const [scope = "", id] = JSON.parse(userKey) as string[];
  const subject = subjectOf(scope, id);
  const store = memoryStore();
  await store.compareAndSet(userKey, undefined, { record: text, revision: "of version 1" });
  vi.setSystemTime(at * 1000);
  const rig = startService({ store, otpSecretEncryptionKey: fixture.key });
  return { ...rig, subject, submit: (typed: string) => rig.service.submissions.submit(subject, code(typed), origin) };
}

const raw = async ({ store, subject }: Awaited<ReturnType<typeof start>>) =>
  JSON.parse((await store.get(subject.key))?.record ?? "{}") as { version: number };

describe("on a record of version 1", () => {
  test("the authenticator is good, and the record is of version 2 from then on", async () => {
    const rig = await start("just enrolled");
    const { secret } = records["just enrolled"];
    await rig.service.access.read(rig.subject, {}, origin);
    expect((await raw(rig)).version).toBe(1);
    expect(await rig.submit(totpOf(secret))).toMatchObject({ is: "passed", method: "totp" });
    expect((await raw(rig)).version).toBe(2);
    expect((await rig.submit(totpOf(secret))).is).toBe("used");
    expect((await rig.submit(totpOf(secret, 1))).is).toBe("passed");
    expect(totpIn(await stored(rig.store, rig.subject))?.enabledAt).toBe(1_777_593_660);
  });

  test("each recovery code is good once, and their salt is wrapped when it is written", async () => {
    const rig = await start("just enrolled");
    const { recoveryCodes, text } = records["just enrolled"];
    const { salt } = (JSON.parse(text) as { recoveryCodes: { salt: string } }).recoveryCodes;
    expect(text).toContain(salt);
    for (const [index, typed] of recoveryCodes.entries()) {
      expect(await rig.submit(typed)).toMatchObject({ is: "passed", method: "recovery-code" });
      expect((await rig.store.get(rig.subject.key))?.record).not.toContain(salt);
      expect(recoveryCodesIn(await stored(rig.store, rig.subject))?.hashes).toHaveLength(9 - index);
    }
    expect((await rig.submit(recoveryCodes[0] ?? "")).is).toBe("refused");
  });

  test("the recovery code that was used is not good again, and a lock holds until its second", async () => {
    const rig = await start("months of use, locked");
    const { recoveryCodes, usedRecoveryCode, secret } = records["months of use, locked"];
    expect(await rig.submit(totpOf(secret))).toEqual({
      is: "locked",
      lock: { lane: "unknown-browsers", until: 1_777_597_710 },
    });
    vi.setSystemTime(1_777_597_710_000);
    expect((await rig.submit(usedRecoveryCode)).is).toBe("refused");
    expect(await rig.submit(recoveryCodes[0] ?? "")).toMatchObject({ is: "passed", method: "recovery-code" });
    expect((await rig.submit(totpOf(secret))).is).toBe("passed");
  });

  test("the cookie of a remembered browser is known, and another user's is not", async () => {
    const rig = await start("months of use, locked");
    const { cookie } = records["months of use, locked"];
    const known = await rig.service.access.read(rig.subject, { cookie }, origin);
    expect(known.browser?.name).toBe("Firefox on Linux");
    const other = await start("locked until reset");
    expect((await other.service.access.read(other.subject, { cookie }, origin)).browser).toBeUndefined();
  });

  test("a lock that only a reset ends holds, and an unlock ends it", async () => {
    const rig = await start("locked until reset");
    const { secret } = records["locked until reset"];
    expect(await rig.submit(totpOf(secret))).toEqual({ is: "locked", lock: { lane: "unknown-browsers" } });
    await rig.service.administration.unlock("dee");
    expect((await rig.submit(totpOf(secret))).is).toBe("passed");
  });

  test.each<[Name, string]>([
    ["a tombstone", "reset"],
    ["turned off", "disabled"],
  ])("%s is no second factor, and what came before is told", async (name, last) => {
    const rig = await start(name);
    expect(await rig.submit("123456")).toEqual({ is: "not-enabled" });
    const status = await rig.service.administration.status(rig.subject.id);
    expect(status).toMatchObject({ enabled: false, methods: [], factors: [] });
    expect(status.activity[0]?.type).toBe(last);
  });

  test("reencrypt wraps the salt although the key is the first, once", async () => {
    const rig = await start("just enrolled");
    expect(await rig.service.administration.reencrypt(rig.subject.key)).toBe(true);
    expect(await rig.service.administration.reencrypt(rig.subject.key)).toBe(false);
    expect(await rig.submit(records["just enrolled"].recoveryCodes[4] ?? "")).toMatchObject({ is: "passed" });
  });

  test("a code on its way, and what an identity provider proved, are told", async () => {
    const rig = await start("a sent code and an identity provider");
    const status = await rig.service.administration.status("ada");
    expect(status).toMatchObject({ enabled: false, methods: ["direct-code"], identityProvider: { acr: "eidas2" } });
  });
});
