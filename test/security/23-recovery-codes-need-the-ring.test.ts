import { describe, expect, test, vi } from "vitest";
import { generateEncryptionKey, memoryStore } from "../../src";
import { hashRecoveryCode } from "../../src/crypto/recovery-hash";
import { startHost } from "../hosts/host";

const key = '["user","1"]';
const few = { recoveryCodes: { count: 3 } };

type Stored = { attempts: { inARow: number }; recoveryCodes: { salt: string; hashes: string[] } };

async function enrolled(keys: string, store = memoryStore()) {
  const host = startHost({ options: { ...few, store, otpSecretEncryptionKey: keys } });
  const owner = host.browser();
  await owner.login();
  await owner.enrol();
  const read = async () => JSON.parse((await store.get(key))!.record) as Stored;
  return {
    store,
    owner,
    read,
    at: (ring: string) => startHost({ options: { ...few, store, otpSecretEncryptionKey: ring } }),
  };
}

describe("Recovery codes open nothing without the ring that they were made under", () => {
  test("at another app on the same store they are a fault: nothing passes, nothing is counted, the record is kept", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    const { store, owner, read, at } = await enrolled(generateEncryptionKey());
    const before = (await store.get(key))?.record;
    const stranger = at(generateEncryptionKey()).browser();
    await stranger.login();
    for (const code of [owner.recoveryCodes[0], "AAAA-AAAA-AAAA-AAAA"]) {
      await stranger.post("/two-factor/verify", { code }).expect(500);
      await stranger.get("/page").expect(403);
    }
    expect((await store.get(key))?.record).toBe(before);
    expect((await read()).attempts.inARow).toBe(0);
    expect(logged.mock.calls.flat().map(String).join(" ")).toMatch(/key [0-9a-f]{8}, which is not configured/);
    logged.mockRestore();
  });

  test("they go on working when the key has been replaced and taken away", async () => {
    const [old, fresh] = [generateEncryptionKey(), generateEncryptionKey()];
    const { owner, at } = await enrolled(old);
    const { tfa } = at(`${fresh},${old}`);
    expect(await tfa.reencrypt(key)).toBe(true);
    expect(await tfa.reencrypt(key)).toBe(false);
    const browser = at(fresh).browser();
    await browser.login();
    await browser.post("/two-factor/verify", { code: owner.recoveryCodes[0] }).expect(200);
  });

  test("a set from before, whose salt is in the clear, works, and is wrapped when it is next written", async () => {
    const ring = generateEncryptionKey();
    const { store, owner, read, at } = await enrolled(ring);
    // As version 1 was first written: the hash of a code known here, with a salt in the clear.
    const record = await read();
    record.recoveryCodes = {
      ...record.recoveryCodes,
      salt: "aYybqGZfwIRnfK8Uc_m2-g",
      hashes: await Promise.all(
        ["ABCDEFGHIJKLMNOP", "QRSTUVWXYZ234567"].map((code) => hashRecoveryCode(code, `aYybqGZfwIRnfK8Uc_m2-g.${key}`)),
      ),
    };
    const { revision } = (await store.get(key))!;
    await store.compareAndSet(key, revision, { record: JSON.stringify(record), revision: "by hand" });
    const browser = at(ring).browser();
    await browser.login();
    await browser.post("/two-factor/verify", { code: "ABCD-EFGH-IJKL-MNOP" }).expect(200);
    expect((await read()).recoveryCodes.salt).toMatch(/^[0-9a-f]{8}\.[\w-]+$/);
    await browser.post("/logout").expect(200);
    await browser.login({ id: "1" });
    await browser.post("/two-factor/verify", { code: "QRSTUVWXYZ234567" }).expect(200);
    expect(owner.recoveryCodes).toHaveLength(3);
  });
});
