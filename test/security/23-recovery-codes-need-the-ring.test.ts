import { RawAesKeyringNode, RawAesWrappingSuiteIdentifier } from "@aws-crypto/client-node";
import { describe, expect, test, vi } from "vitest";
import { generateEncryptionKey, memoryStore, type TwoFactorOptions } from "../../src";
import { hashRecoveryCode } from "../../src/crypto/recovery-hash";
import { startHost, type HostUser } from "../support/host";

const key = '["user","1"]';
const few = { recoveryCodes: { count: 3 } };

type Codes = { kind: string; salt?: string | undefined; plainSalt?: string; hashes: string[] };
type Stored = { attempts: { inARow: number }; factors: Codes[] };
const isCodes = ({ kind }: Codes) => kind === "recovery-codes";

type Keys = Partial<TwoFactorOptions<HostUser>>;
const ringOf = (keys: string | Keys): Keys => (typeof keys === "string" ? { otpSecretEncryptionKey: keys } : keys);

async function enrolled(keys: string | Keys, store = memoryStore()) {
  const at = (ring: string | Keys) =>
    startHost({ options: { ...few, store, otpSecretEncryptionKey: undefined, ...ringOf(ring) } as Keys });
  const owner = at(keys).browser();
  await owner.login();
  await owner.enrol();
  const read = async () => {
    const stored = JSON.parse((await store.get(key))!.record) as Stored;
    return { ...stored, recoveryCodes: stored.factors.find(isCodes)! };
  };
  const overwrite = async (codes: Partial<Codes>) => {
    const { record, revision } = (await store.get(key))!;
    const next = JSON.parse(record) as Stored;
    next.factors = next.factors.map((held) => (isCodes(held) ? { ...held, ...codes } : held));
    await store.compareAndSet(key, revision, { record: JSON.stringify(next), revision: "by hand" });
  };
  return { store, owner, read, overwrite, at };
}

const plainSalt = "aYybqGZfwIRnfK8Uc_m2-g";
const [first, second] = ["ABCDEFGHIJKLMNOP", "QRSTUVWXYZ234567"] as const;

/** As version 1 was first written: hashes of codes known here, with a salt in the clear. */
const setFromBefore = async () => ({
  salt: undefined,
  plainSalt,
  hashes: await Promise.all([first, second].map((code) => hashRecoveryCode(code, `${plainSalt}.${key}`))),
});

async function verified(host: ReturnType<typeof startHost>, code: string | undefined, status: number) {
  const browser = host.browser();
  await browser.login();
  await browser.post("/two-factor/verify", { code }).expect(status);
  return browser;
}

/** Stands for a key service. */
const keyServiceOf = (byte: number) =>
  new RawAesKeyringNode({
    keyNamespace: "host",
    keyName: "main",
    unencryptedMasterKey: new Uint8Array(32).fill(byte),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
const secretOf = (letter: string) => letter.repeat(40);

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
    const { owner, read, overwrite, at } = await enrolled(ring);
    await overwrite(await setFromBefore());
    const browser = await verified(at(ring), "ABCD-EFGH-IJKL-MNOP", 200);
    expect((await read()).recoveryCodes.salt).toMatch(/^[0-9a-f]{8}\.[\w-]+$/);
    await browser.post("/logout").expect(200);
    await verified(at(ring), second, 200);
    expect(owner.recoveryCodes).toHaveLength(3);
  });

  test("nor does a set from before open anything at another app: the secret beside it tells whose it is", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    const { store, overwrite, at } = await enrolled(generateEncryptionKey());
    await overwrite(await setFromBefore());
    const before = await store.get(key);
    for (const code of [first, "AAAA-AAAA-AAAA-AAAA"]) {
      const stranger = await verified(at(generateEncryptionKey()), code, 500);
      await stranger.get("/page").expect(403);
    }
    expect(await store.get(key)).toEqual(before);
    expect(logged.mock.calls.flat().map(String).join(" ")).toMatch(/key [0-9a-f]{8}, which is not configured/);
    logged.mockRestore();
  });

  test("an app with another key service neither opens a set from before nor wraps it under a key of its own", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    const mine = { keyring: keyServiceOf(1), cookie: { secret: secretOf("a") } };
    const { read, overwrite, at } = await enrolled(mine);
    await overwrite(await setFromBefore());
    const foreign = at({ keyring: keyServiceOf(2), cookie: { secret: secretOf("b") } });
    await verified(foreign, first, 503);
    await foreign.tfa.unlock("1");
    expect((await read()).recoveryCodes).toMatchObject({ plainSalt });
    await verified(at(mine), first, 200);
    logged.mockRestore();
  });

  test("with a key service they are bound to the cookie secrets, as a list, and outlive a rotation of these", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    const keyring = keyServiceOf(1);
    const withSecrets = (...secret: string[]) => ({ keyring, cookie: { secret } });
    const { owner, at } = await enrolled(withSecrets(secretOf("a")));
    const [one, other] = owner.recoveryCodes;
    await verified(at(withSecrets(secretOf("b"))), one, 500);
    const both = at(withSecrets(secretOf("b"), secretOf("a")));
    expect(await both.tfa.reencrypt(key)).toBe(true);
    await verified(at(withSecrets(secretOf("b"))), one, 200);
    await verified(at(withSecrets(secretOf("a"))), other, 500);
    logged.mockRestore();
  });

  test("another scope is told that it still needs an old cookie secret for them", async () => {
    const keyring = keyServiceOf(1);
    const { at } = await enrolled({ keyring, cookie: { secret: secretOf("a") } });
    const staff = at({
      keyring,
      scope: "staff",
      path: "/staff/two-factor",
      cookie: { name: "staff_tfa", secret: [secretOf("b"), secretOf("a")] },
    });
    await expect(staff.tfa.reencrypt(key)).rejects.toMatchObject({ code: "MISCONFIGURED" });
  });

  test("where there is a ring, a cookie secret that is replaced or shared makes no difference", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    const [ring, cookie] = [generateEncryptionKey(), { secret: secretOf("a") }];
    const { owner, at } = await enrolled({ otpSecretEncryptionKey: ring, cookie });
    await verified(at({ otpSecretEncryptionKey: generateEncryptionKey(), cookie }), owner.recoveryCodes[0], 500);
    await verified(
      at({ otpSecretEncryptionKey: ring, cookie: { secret: secretOf("b") } }),
      owner.recoveryCodes[0],
      200,
    );
    logged.mockRestore();
  });

  test("a salt cut anywhere is a fault, and no wrong code that is counted", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    const ring = generateEncryptionKey();
    const { store, owner, read, overwrite, at } = await enrolled(ring);
    const { salt } = (await read()).recoveryCodes;
    for (const length of [1, 8, 9, 22, salt!.length - 1]) {
      await overwrite({ salt: salt?.slice(0, length) });
      const before = await store.get(key);
      await verified(at(ring), owner.recoveryCodes[0], 500);
      expect(await store.get(key), `${length} characters`).toEqual(before);
    }
    logged.mockRestore();
  });
});
