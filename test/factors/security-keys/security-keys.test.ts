import { describe, expect, test } from "vitest";
import { SoftKey, type Change } from "../../support/soft-key";
import { add, challenge, check, entryFor, kindOf, type Entry } from "./support";

const asked = { challenge: challenge.value };

describe.each([
  { name: "ES256", algorithm: -7 },
  { name: "EdDSA", algorithm: -8 },
  { name: "RS256", algorithm: -257 },
] as const)("a key with $name", ({ algorithm }) => {
  test("is added, and signs in", async () => {
    const key = new SoftKey({ algorithm, counter: 1, flags: { verified: true, eligible: true, synced: true } });
    const entry = await entryFor(key);
    expect(entry).toMatchObject({ kind: "security-keys", strong: true, id: key.id, name: "blue key" });
    const verdict = await check(entry, key.assert(asked));
    expect(verdict).toMatchObject({ is: "right", about: { userVerified: true, synced: true } });
    if (verdict.is !== "right") return;
    expect(kindOf().factor.describe(verdict.left as Entry)).toMatchObject({ name: "blue key", synced: true });
    expect(await check(verdict.left as Entry, key.assert(asked))).toMatchObject({ is: "right" });
  });

  test("does not sign in by another key's signature", async () => {
    const [key, other] = [new SoftKey({ algorithm }), new SoftKey({ algorithm })];
    const entry = await entryFor(key);
    const forged = { ...other.assert(asked), id: key.id, rawId: key.id };
    expect(await check(entry, forged)).toEqual({ is: "refused", reason: "key" });
  });
});

test.each<{ change: Change; reason: string }>([
  { change: { origin: "https://app.example.com.evil.test" }, reason: "origin" },
  { change: { origin: "http://app.example.com" }, reason: "origin" },
  { change: { rpId: "evil.test" }, reason: "relying-party" },
  { change: { type: "webauthn.create" }, reason: "ceremony" },
  { change: { challenge: Buffer.alloc(32, 8).toString("base64url") }, reason: "challenge" },
  { change: { crossOrigin: true }, reason: "cross-origin" },
  { change: { crossOrigin: true, topOrigin: "https://evil.test" }, reason: "cross-origin" },
  { change: { topOrigin: "https://evil.test" }, reason: "cross-origin" },
  { change: { flags: { present: false } }, reason: "presence" },
  { change: { flags: { synced: true } }, reason: "backup" },
  { change: { flags: { eligible: true } }, reason: "backup" },
  { change: { userHandle: Buffer.alloc(32, 1).toString("base64url") }, reason: "key" },
])("an answer with $change is refused: $reason", async ({ change, reason }) => {
  const key = new SoftKey();
  expect(await check(await entryFor(key), key.assert(asked, change))).toMatchObject({ is: "refused", reason });
});

test("a key that was added without a sign of its holder is asked for one where the option says so", async () => {
  const key = new SoftKey();
  const options = { userVerification: "required" } as const;
  expect(await add(key, { options })).toEqual({ is: "refused", reason: "verification" });
  const entry = await entryFor(key);
  expect(await check(entry, key.assert(asked), options)).toEqual({ is: "refused", reason: "verification" });
  const verified = key.assert(asked, { flags: { verified: true } });
  expect(await check(entry, verified, options)).toMatchObject({ is: "right" });
});
