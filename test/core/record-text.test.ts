import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blankRecord, type TwoFactorRecord } from "../../src/core/record";
import { parseRecord, recordText, RecordRefused } from "../../src/core/record-text";
import { enrolledRecord, now, userKey } from "./records";

const full: TwoFactorRecord = enrolledRecord({
  directCode: { current: { hash: "c", expiresAt: now }, sending: { hash: "s", expiresAt: now }, sentAt: now, sends: 2 },
  identityProvider: { acr: "urn:acr", at: now },
  attempts: { failures: 1, rounds: 2, inARow: 7, lockedUntil: "reset" },
  setupAttempts: { failures: 0, rounds: 1, inARow: 3, lockedUntil: now },
  endedProofs: [
    ["abcdefgh", now],
    ["ijklmnop", now + 7],
  ],
  proofsVoidUntil: now - 1,
  browsers: [{ id: "b", hash: "h", name: "", rememberedAt: now, lastUsedAt: now }],
  history: [["enabled", now, "", "Firefox on Linux"]],
});
const text = recordText(full);

const refusal = (stored: string, user = userKey): RecordRefused => {
  try {
    parseRecord(stored, user);
  } catch (error) {
    if (error instanceof RecordRefused) return error;
    throw error;
  }
  throw new Error(`It was taken: ${stored}`);
};

function readAndWritten(stored: string): string {
  try {
    return recordText(parseRecord(stored, userKey));
  } catch (error) {
    if (error instanceof RecordRefused) return "refused";
    throw error;
  }
}

type Edit = (record: any) => void;
const edited = (edit: Edit): string => {
  const record: unknown = JSON.parse(text);
  edit(record);
  return JSON.stringify(record);
};

describe("a record", () => {
  test("comes back as it was written", () => {
    for (const record of [full, enrolledRecord(), blankRecord(userKey, "")]) {
      expect(parseRecord(recordText(record), userKey)).toEqual(record);
    }
  });

  test("of another user is refused", () => {
    expect(refusal(text, '["user","43"]').field).toBe("user");
    expect(refusal(text, '["admin","42"]').field).toBe("user");
  });

  test("cut off anywhere is refused", () => {
    for (let length = 0; length < text.length; length += 1) {
      expect(refusal(text.slice(0, length)).field).toBe("record");
    }
  });

  test("of a newer version is refused, and says so", () => {
    const refused = refusal(edited((record) => (record.version = 2)));
    expect(refused.message).toMatch(/^version: .*newer version/);
  });

  test.each(["", "null", "[]", "1", '"text"', "undefined", "{}", "[object Object]"])("is not %j", (stored) => {
    expect(["record", "version"]).toContain(refusal(stored).field);
  });

  test.each<[string, Edit]>([
    ["epoch", (record) => delete record.epoch],
    ["epoch", (record) => (record.epoch = 1)],
    ["totp", (record) => (record.totp = null)],
    ["totp", (record) => (record.totp = [])],
    ["totp", (record) => delete record.totp],
    ["totp.secret", (record) => (record.totp.secret = "")],
    ["totp.lastStep", (record) => delete record.totp.lastStep],
    ["totp.lastStep", (record) => (record.totp.lastStep = -1)],
    ["totp.lastStep", (record) => (record.totp.lastStep = 1.5)],
    ["totp.lastStep", (record) => (record.totp.lastStep = String(record.totp.lastStep))],
    ["totp.lastStep", (record) => (record.totp.lastStep = null)],
    ["totp.secert", (record) => (record.totp.secert = record.totp.secret)],
    ["Totp", (record) => (record.Totp = record.totp)],
    ["recoveryCodes.hashes", (record) => (record.recoveryCodes.hashes = "hash-1")],
    ["recoveryCodes.hashes[1]", (record) => (record.recoveryCodes.hashes[1] = null)],
    ["directCode.current.expiresAt", (record) => (record.directCode.current.expiresAt = null)],
    ["identityProvider.acr", (record) => delete record.identityProvider.acr],
    ["attempts", (record) => delete record.attempts],
    ["attempts.failures", (record) => (record.attempts.failures = "0")],
    ["attempts.lockedUntil", (record) => (record.attempts.lockedUntil = null)],
    ["attempts.lockedUntil", (record) => (record.attempts.lockedUntil = "never")],
    ["setupAttempts.rounds", (record) => delete record.setupAttempts.rounds],
    ["endedProofs", (record) => delete record.endedProofs],
    ["endedProofs[0]", (record) => record.endedProofs[0].pop()],
    ["endedProofs[1][1]", (record) => (record.endedProofs[1][1] = "0")],
    ["proofsVoidUntil", (record) => (record.proofsVoidUntil = -1)],
    ["browsers[0].hash", (record) => delete record.browsers[0].hash],
    ["browsers[0]", (record) => (record.browsers[0] = null)],
    ["history", (record) => (record.history = [])],
    ["history.texts[0]", (record) => (record.history.texts[0] = null)],
    ["history.entries[0]", (record) => (record.history.entries[0][0] = 99)],
    ["history.entries[0][1]", (record) => (record.history.entries[0][1] = 0.5)],
    ["history.entries[0][2]", (record) => (record.history.entries[0][2] = -1)],
    ["factors", (record) => (record.factors = [])],
  ])("edited by hand is refused, and %s is named", (field, edit) => {
    const refused = refusal(edited(edit));
    expect(refused.field).toBe(field);
    expect(refused.message.startsWith(`${field}: `)).toBe(true);
  });

  test("with a prototype among its fields is refused", () => {
    expect(refusal(text.replace("{", '{"__proto__":{},')).field).toBe("__proto__");
  });

  test("refused says nothing of what it holds", () => {
    const edits: Edit[] = [
      (record) => (record.totp.secret = { sealed: "35fba65d.sealed" }),
      (record) => (record.recoveryCodes.salt = ["hash-1"]),
    ];
    for (const edit of edits) expect(refusal(edited(edit)).message).not.toMatch(/sealed|hash-1/);
  });

  test("with any one value exchanged is refused, or is the same but for that value", () => {
    const values = fc.oneof(fc.jsonValue(), fc.constantFrom(Number.MAX_VALUE, -1, 0.5, "", null));
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(full)), values, (field, value) => {
        const stored = edited((record) => (record[field] = value));
        expect([stored, "refused"]).toContain(readAndWritten(stored));
      }),
      { numRuns: 500 },
    );
  });
});
