import { createHash, randomBytes } from "node:crypto";
import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from "@aws-crypto/client-node";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generateEncryptionKey, parseEncryptionKeys } from "../../src/crypto/key-ring";
import { type SecretContext, secretBoxFromKeyring, secretBoxFromKeys } from "../../src/crypto/secret-box";
import { TwoFactorError } from "../../src/errors";

const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const context: SecretContext = { scope: "user", userId: "42", purpose: "totp", epoch: "epoch-1" };
const base62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const newKeys = (count: number) =>
  parseEncryptionKeys(Array.from({ length: count }, generateEncryptionKey).join(",")).keys;
const keys = newKeys(2);
const box = secretBoxFromKeys(keys);
const idOf = (index: number) => keys[index]?.id ?? "";

/** What a failed `open` tells, checked for silence about the secret and the text. */
async function refusal(opening: Promise<string>): Promise<TwoFactorError> {
  const error: unknown = await opening.then(
    () => new Error("it opened"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TwoFactorError);
  return error as TwoFactorError;
}

describe("a sealed secret", () => {
  test("opens in its context, whatever the text and the ids contain", async () => {
    const text = fc.string({ unit: "binary" });
    await fc.assert(
      fc.asyncProperty(text, text, text, async (plaintext, userId, epoch) => {
        fc.pre(plaintext.isWellFormed());
        const own = { scope: "user", userId: `${userId}\ud800`, purpose: "totp", epoch };
        expect(await box.open(await box.seal(plaintext, own), own)).toBe(plaintext);
      }),
      { numRuns: 50 },
    );
  });

  test("is the key's id and base64url, differs each time, and fits a record", async () => {
    const [sealed, again] = await Promise.all([box.seal(secret, context), box.seal(secret, context)]);
    expect(sealed).toMatch(/^[0-9a-f]{8}\.[\w-]+$/);
    expect(sealed.startsWith(`${idOf(0)}.`)).toBe(true);
    expect(again).not.toBe(sealed);
    expect(sealed.length).toBeLessThan(420);
  });

  test("keeps its length when the ring has more keys: only the first one wraps", async () => {
    const alone = await secretBoxFromKeys(keys.slice(0, 1)).seal(secret, context);
    expect((await secretBoxFromKeys([...keys, ...newKeys(3)]).seal(secret, context)).length).toBe(alone.length);
  });

  const elsewhere: [string, Partial<SecretContext>][] = [
    ["another user", { userId: "43" }],
    ["another scope", { scope: "admin" }],
    ["another purpose", { purpose: "pending" }],
    ["another epoch", { epoch: "epoch-2" }],
    ["a boundary moved between fields", { scope: "user42", userId: "" }],
    ["an id that differs in case", { userId: "ä", scope: "User" }],
  ];
  test.each(elsewhere)("moved to %s does not open, and the other way round", async (_, change) => {
    const other = { ...context, ...change };
    for (const [from, to] of [
      [context, other],
      [other, context],
    ] as const) {
      const error = await refusal(box.open(await box.seal(secret, from), to));
      expect(error.message).toMatch(/does not belong/);
      expect(error.status).toBe(500);
    }
  });

  test("made with an epoch does not open without one, and the other way round", async () => {
    const { epoch: _, ...timeless } = context;
    const contexts = [context, timeless, { ...timeless, epoch: "" }];
    for (const from of contexts) {
      const sealed = await box.seal(secret, from);
      for (const to of contexts.filter((other) => other !== from)) {
        expect((await refusal(box.open(sealed, to))).message).toMatch(/does not belong/);
      }
    }
  });

  test("moved between ids that only UTF-8 would merge does not open", async () => {
    const sealed = await box.seal(secret, { ...context, userId: "\ud800" });
    for (const userId of ["\udfff", "\ufffd", "\\ud800"]) {
      expect((await refusal(box.open(sealed, { ...context, userId }))).message).toMatch(/does not belong/);
    }
  });

  test("whose key is missing says so by the key's id", async () => {
    const sealed = await box.seal(secret, context);
    const error = await refusal(secretBoxFromKeys(keys.slice(1)).open(sealed, context));
    expect(error.code).toBe("MISCONFIGURED");
    expect(error.message).toContain(`key ${idOf(0)}, which is not configured: add that key`);
  });

  test("opens after its key is no longer the first, and is then no longer current", async () => {
    const sealed = await box.seal(secret, context);
    const exchanged = secretBoxFromKeys(keys.toReversed());
    expect(await exchanged.open(sealed, context)).toBe(secret);
    expect(box.isCurrent(sealed)).toBe(true);
    expect(exchanged.isCurrent(sealed)).toBe(false);
    expect(exchanged.isCurrent(await exchanged.seal(secret, context))).toBe(true);
  });

  test("under the name of another key of the ring does not open", async () => {
    const [, message] = (await box.seal(secret, context)).split(".");
    const error = await refusal(box.open(`${idOf(1)}.${message}`, context));
    expect(error.message).toBe(`A secret sealed with key ${idOf(1)} does not open`);
  });

  test("with any byte changed or the end cut off does not open, and says nothing of it", async () => {
    const sealed = await box.seal(secret, context);
    const message = Buffer.from(sealed.slice(9), "base64url");
    for (let index = 0; index < message.length; index += 1) {
      const flipped = Buffer.from(message);
      flipped.writeUInt8(flipped.readUInt8(index) ^ (1 << (index % 8)), index);
      for (const damaged of [flipped, message.subarray(0, index)]) {
        const error = await refusal(box.open(`${idOf(0)}.${damaged.toString("base64url")}`, context));
        const told = `${error.message} ${String(error.cause)}`;
        expect(told).not.toContain(secret);
        expect(told).not.toContain(sealed.slice(9, 40));
      }
    }
  });

  test.each(["", ".", "x", "35fba65d", "35fba65d.", "35fba65d.a b", "__proto__.AAAA", "35fba65d.AB=="])(
    "that is no sealed text (%j) is an error of ours",
    async (text) => {
      const error = await refusal(box.open(text, context));
      expect(error.message).toBe("A stored secret is damaged: it is not a sealed text");
    },
  );

  test("spelled another way, stray bits behind its last byte, does not open", async () => {
    for (const plaintext of ["1", "12", "123"]) {
      const sealed = await box.seal(plaintext, context);
      const message = Buffer.from(sealed.slice(9), "base64url");
      const spellings = Array.from(`${base62}-_`, (last) => sealed.slice(0, -1) + last);
      const same = spellings.filter(
        (text) => Buffer.from(text.slice(9), "base64url").equals(message) && text !== sealed,
      );
      for (const text of same) expect((await refusal(box.open(text, context))).message).toMatch(/is damaged/);
    }
  });

  test("is an AWS Encryption SDK message with a key commitment and no other data key", async () => {
    const sealed = await box.seal(secret, context);
    const keyring = aesKeyring("2fa", idOf(0), keys[0]?.bytes ?? new Uint8Array());
    const { decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
    const { plaintext, messageHeader } = await decrypt(keyring, Buffer.from(sealed.slice(9), "base64url"));
    expect(plaintext.toString()).toBe(secret);
    expect(messageHeader.suiteId).toBe(0x0478);
    expect(messageHeader.encryptedDataKeys).toHaveLength(1);
    expect({ ...messageHeader.encryptionContext }).toEqual({ c: '["user","42","totp","epoch-1"]' });
  });

  test("opens when the whole client of the SDK made it", async () => {
    const key = keys[0] as (typeof keys)[0];
    const { encrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
    const encryptionContext = { c: '["user","42","totp","epoch-1"]' };
    const suiteId = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
    const { result } = await encrypt(aesKeyring("2fa", key.id, key.bytes), secret, { encryptionContext, suiteId });
    expect(await box.open(`${key.id}.${result.toString("base64url")}`, context)).toBe(secret);
  });

  test("opens where it was sealed by the first edition, which had the whole client inside", async () => {
    const { keys: old } = parseEncryptionKeys("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    const sealed =
      "a059d2a7.AgR4Ie0sl7_stMv6cwm-sdeeoUNR48uQ1P98ag7ABPynCdkAJQABAAFjAB5bInVzZXIiLCI0MiIsInRvdHAiLCJlcG9jaC0xIl0AAQADMmZhABxhMDU5ZDJhNwAAAIAAAAAMKs_-hgCSM5YdeuuMADAh0LyEps5ZlOEPtV4ia-iLUlGhiycSPIp9he5sihcCj01r3MixeyRi-tw7pviYwBkCAAAQAE1rTA1jkNEVhntrjFw3Rezc0reyUhRbfaOpr-GwOK9MXdBsjvzABYoRhsISS4tRmv____8AAAABAAAAAAAAAAAAAAABAAAAIHyxMImd2kAO14N0LHLlptl0ryV1FzihMas6u6c5IFw_UdyxcNeJcS1bqVC7WxyPSw";
    expect(await secretBoxFromKeys(old).open(sealed, context)).toBe(secret);
  });

  test("does not open when its context holds more than ours", async () => {
    const key = keys[0] as (typeof keys)[0];
    const { encrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
    const encryptionContext = { c: '["user","42","totp","epoch-1"]', more: "than ours" };
    const { result } = await encrypt(aesKeyring("2fa", key.id, key.bytes), secret, { encryptionContext });
    const error = await refusal(box.open(`${key.id}.${result.toString("base64url")}`, context));
    expect(error.message).toMatch(/does not belong/);
  });

  test("does not open without a key commitment", async () => {
    const key = keys[0] as (typeof keys)[0];
    const { encrypt } = buildClient(CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT);
    const encryptionContext = { c: '["user","42","totp","epoch-1"]' };
    const { result } = await encrypt(aesKeyring("2fa", key.id, key.bytes), secret, { encryptionContext });
    const error = await refusal(box.open(`${key.id}.${result.toString("base64url")}`, context));
    expect(String(error.cause)).toMatch(/commitment|suite/i);
  });

  test("is sealed with a copy of the key, so that the caller may clear his", async () => {
    const [key] = newKeys(1) as [(typeof keys)[0]];
    const own = secretBoxFromKeys([key]);
    const sealed = await own.seal(secret, context);
    key.bytes.fill(0);
    expect(await own.open(sealed, context)).toBe(secret);
  });

  test("needs a key", () => {
    expect(() => secretBoxFromKeys([])).toThrow(/no key to encrypt with/);
  });
});

describe("a keyring of the host's", () => {
  const keyring = aesKeyring("host", "main", createHash("sha256").update("host").digest());
  const hosted = secretBoxFromKeyring(keyring);

  test('seals and opens under the id "keyring", context and all', async () => {
    const sealed = await hosted.seal(secret, context);
    expect(sealed).toMatch(/^keyring\.[\w-]+$/);
    expect(hosted.isCurrent(sealed)).toBe(true);
    expect(await hosted.open(sealed, context)).toBe(secret);
    expect((await refusal(hosted.open(sealed, { ...context, userId: "43" }))).message).toMatch(/does not belong/);
  });

  test("may seal with a signed suite, whose public key the SDK adds to the context", async () => {
    const { encrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
    const encryptionContext = { c: '["user","42","totp","epoch-1"]' };
    const { result, messageHeader } = await encrypt(keyring, secret, { encryptionContext });
    expect(Object.keys(messageHeader.encryptionContext)).toContain("aws-crypto-public-key");
    expect(await hosted.open(`keyring.${result.toString("base64url")}`, context)).toBe(secret);
  });

  test("that cannot open is 503 with the cause, since a key service may be back in a moment", async () => {
    const stranger = secretBoxFromKeyring(aesKeyring("host", "main", randomBytes(32)));
    const error = await refusal(stranger.open(await hosted.seal(secret, context), context));
    expect(error.status).toBe(503);
    expect(error.cause).toBeInstanceOf(Error);
  });

  test("of another copy of the SDK is refused at once, with what to look at", () => {
    const foreign = { onEncrypt: () => undefined, onDecrypt: () => undefined } as unknown as typeof keyring;
    expect(() => secretBoxFromKeyring(foreign)).toThrow(/npm ls @aws-crypto\/material-management/);
  });

  test("does not open what a key of the ring sealed, and names what is missing, both ways", async () => {
    expect((await refusal(hosted.open(await box.seal(secret, context), context))).message).toContain(idOf(0));
    expect((await refusal(box.open(await hosted.seal(secret, context), context))).message).toMatch(/give the keyring/);
  });
});

function aesKeyring(keyNamespace: string, keyName: string, key: Uint8Array): RawAesKeyringNode {
  return new RawAesKeyringNode({
    keyNamespace,
    keyName,
    unencryptedMasterKey: new Uint8Array(key),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
}
