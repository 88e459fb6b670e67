import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { issueProof } from "../../src/core/proof";
import { subjectOf } from "../../src/core/user-id";
import { generateEncryptionKey } from "../../src/crypto/key-ring";
import { memoryStore } from "../../src/stores/memory";
import {
  ada,
  code,
  encryptionKey,
  enrolAda,
  origin,
  startService,
  stopClock,
  stored,
  totpIn,
  totpOf,
  wrongTotp,
} from "./support";

beforeEach(() => stopClock());
afterEach(() => {
  vi.useRealTimers();
});

const details = { reason: "phone lost", by: "support@example.com" };

describe("a reset", () => {
  test("leaves a tombstone with a new epoch: no factor, no lock, no browser, and the history", async () => {
    const rig = startService();
    const { secret, epoch } = await enrolAda(rig);
    await rig.service.submissions.submitAndRemember(ada, code(totpOf(secret)), origin, undefined);
    for (let index = 0; index < 3; index += 1)
      await rig.service.submissions.submit(ada, code(wrongTotp(secret)), origin);
    await rig.service.administration.reset("ada", details);
    const record = await stored(rig.store);
    expect(record).toMatchObject({ browsers: [], attempts: { failures: 0, rounds: 0, inARow: 0 } });
    expect([record?.factors, record?.attempts.lockedUntil]).toEqual([[], undefined]);
    expect(record?.epoch).not.toBe(epoch);
    expect(record?.history.map(([type]) => type)).toContain("challenge-passed");
    expect(rig.events.at(-1)).toMatchObject({ type: "reset", ...details, userId: "ada", scope: "user" });
    expect(rig.events.at(-1)).not.toHaveProperty("ip");
  });

  test("of somebody without a record is one, too: what was proven or begun elsewhere is void", async () => {
    const rig = startService();
    const proof = issueProof(
      undefined,
      { id: "acr-session", method: "acr", at: rig.service.clock() },
      rig.service.clock(),
    );
    await rig.service.administration.reset("ada", details);
    expect((await stored(rig.store))?.epoch).toMatch(/^[\w-]{22}$/);
    expect((await rig.service.access.read(ada, { proof }, origin)).proof).toBeUndefined();
  });

  test.each([[{ reason: "", by: "eve" }], [{ reason: "lost", by: "  " }], [{ reason: "lost" }], [{}]])(
    "without a reason or a name (%j) is none",
    async (given) => {
      const rig = startService();
      const { epoch } = await enrolAda(rig);
      await expect(rig.service.administration.reset("ada", given as never)).rejects.toThrow(TypeError);
      expect((await stored(rig.store))?.epoch).toBe(epoch);
    },
  );
});

describe("an unlock", () => {
  test("ends the lock, its round and the failures in a row, and leaves the factor", async () => {
    const rig = startService({ lockout: "until-reset" });
    const { secret } = await enrolAda(rig);
    for (let index = 0; index < 3; index += 1)
      await rig.service.submissions.submit(ada, code(wrongTotp(secret)), origin);
    expect(await rig.service.administration.status("ada")).toMatchObject({ locked: true, enabled: true });
    expect(await rig.service.administration.status("ada")).not.toHaveProperty("lockedUntil");
    await rig.service.administration.unlock("ada", { by: "support" });
    expect(rig.events.at(-1)).toMatchObject({ type: "unlocked", by: "support" });
    expect((await rig.service.submissions.submit(ada, code(totpOf(secret)), origin)).is).toBe("passed");
  });

  test("of somebody without a record changes nothing, and tells of nothing", async () => {
    const rig = startService();
    await rig.service.administration.unlock("ada");
    expect(await stored(rig.store)).toBeUndefined();
    expect(rig.events).toEqual([]);
  });
});

describe("forgetting browsers", () => {
  test("ends every session, also one that an identity provider alone has proven", async () => {
    const rig = startService();
    const proof = issueProof(
      undefined,
      { id: "acr-session", method: "acr", at: rig.service.clock() },
      rig.service.clock(),
    );
    expect((await rig.service.access.read(ada, { proof }, origin)).proof).toBeDefined();
    await rig.service.administration.forgetBrowsers("ada");
    expect((await rig.service.access.read(ada, { proof }, origin)).proof).toBeUndefined();
  });

  test("moves the epoch and keeps the factor", async () => {
    const rig = startService();
    const { epoch, secret } = await enrolAda(rig);
    await rig.service.administration.forgetBrowsers("ada");
    expect((await stored(rig.store))?.epoch).not.toBe(epoch);
    expect((await rig.service.submissions.submit(ada, code(totpOf(secret)), origin)).is).toBe("passed");
  });
});

test("an account that is erased leaves nothing", async () => {
  const rig = startService();
  await enrolAda(rig);
  await rig.service.administration.erase("ada");
  expect(await rig.store.get(ada.key)).toBeUndefined();
  expect(rig.events.at(-1)?.type).toBe("erased");
  expect(await rig.service.administration.status("ada")).toEqual({
    enabled: false,
    locked: false,
    methods: [],
    recoveryCodesRemaining: 0,
    factors: [],
    browsers: [],
    activity: [],
  });
});

test("an id that is none is a fault of the host, whatever it asks for", async () => {
  const { administration } = startService().service;
  for (const id of [undefined, Number.NaN, { id: 1 }]) {
    await expect(administration.status(id)).rejects.toMatchObject({ code: "MISCONFIGURED" });
    await expect(administration.reset(id, details)).rejects.toMatchObject({ code: "MISCONFIGURED" });
    await expect(administration.erase(id)).rejects.toMatchObject({ code: "MISCONFIGURED" });
  }
});

describe("a new first key", () => {
  const newKey = generateEncryptionKey();
  const bothKeys = `${newKey},${encryptionKey}`;
  const sealOf = async (store: ReturnType<typeof memoryStore>) => totpIn(await stored(store))?.secret.slice(0, 8);

  test("seals what is under the old one anew when it is written next", async () => {
    const store = memoryStore();
    const { secret } = await enrolAda(startService({ store }));
    const old = await sealOf(store);
    const rig = startService({ store, otpSecretEncryptionKey: bothKeys });
    await rig.service.access.read(ada, {}, origin);
    expect(await sealOf(store)).toBe(old);
    expect((await rig.service.submissions.submit(ada, code(totpOf(secret)), origin)).is).toBe("passed");
    expect(await sealOf(store)).not.toBe(old);
    const alone = startService({ store, otpSecretEncryptionKey: newKey });
    expect((await alone.service.submissions.submit(ada, code(totpOf(secret, 1)), origin)).is).toBe("passed");
  });

  test("without the old one leaves a record as it is, says which key is missing, and spends no attempt", async () => {
    const store = memoryStore();
    const { secret } = await enrolAda(startService({ store }));
    const before = await store.get(ada.key);
    const rig = startService({ store, otpSecretEncryptionKey: newKey });
    const submission = rig.service.submissions.submit(ada, code(totpOf(secret)), origin);
    await expect(submission).rejects.toMatchObject({
      code: "MISCONFIGURED",
      message: expect.stringContaining((await sealOf(store)) as string),
    });
    expect(await store.get(ada.key)).toEqual(before);
    await rig.service.administration.unlock("ada");
    const { factors } = JSON.parse(before?.record ?? "{}") as { factors: { secret: string }[] };
    expect(await sealOf(store)).toBe(factors[0]?.secret.slice(0, 8));
  });

  test("takes one record at a time, says whether there was something to do, and fails where the old key is gone", async () => {
    const store = memoryStore();
    const { secret } = await enrolAda(startService({ store }));
    await expect(
      startService({ store, otpSecretEncryptionKey: newKey }).service.administration.reencrypt(ada.key),
    ).rejects.toMatchObject({ code: "MISCONFIGURED" });
    const rig = startService({ store, otpSecretEncryptionKey: bothKeys });
    expect(await rig.service.administration.reencrypt(ada.key)).toBe(true);
    expect(await rig.service.administration.reencrypt(ada.key)).toBe(false);
    expect(await rig.service.administration.reencrypt(subjectOf("user", "nobody").key)).toBe(false);
    expect((await rig.service.submissions.submit(ada, code(totpOf(secret)), origin)).is).toBe("passed");
  });

  test("leaves the records of another scope to that scope's own command", async () => {
    const store = memoryStore();
    const admin = subjectOf("admin", "ada");
    await enrolAda(startService({ store, scope: "admin" }), admin);
    const before = await store.get(admin.key);
    const rig = startService({ store, otpSecretEncryptionKey: bothKeys });
    await expect(rig.service.administration.reencrypt(admin.key)).rejects.toMatchObject({
      code: "MISCONFIGURED",
      message: expect.stringContaining('run reencrypt with the configuration of scope "admin"') as unknown,
    });
    expect(await store.get(admin.key)).toEqual(before);
    // What is under the first key, or under one that is not this scope's at all, holds none of its keys back.
    const { administration } = startService({ store, scope: "admin", otpSecretEncryptionKey: bothKeys }).service;
    expect(await administration.reencrypt(admin.key)).toBe(true);
    expect(await rig.service.administration.reencrypt(admin.key)).toBe(false);
    const apart = startService({ store, otpSecretEncryptionKey: generateEncryptionKey() });
    expect(await apart.service.administration.reencrypt(admin.key)).toBe(false);
  });

  test.each([
    "",
    "not JSON",
    "null",
    "{}",
    "[]",
    '["user"]',
    '["user","ada","more"]',
    '["admin","ada"]',
    '["user", "ada"]',
    '["user",1]',
  ])("passes over a key of the store that is none of this scope's: %s", async (key) => {
    const store = memoryStore();
    await enrolAda(startService({ store }));
    const rig = startService({ store, otpSecretEncryptionKey: bothKeys });
    expect(await rig.service.administration.reencrypt(key)).toBe(false);
  });
});
