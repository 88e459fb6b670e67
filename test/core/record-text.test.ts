import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blankRecord, type TwoFactorRecord } from "../../src/core/record";
import { parseRecord, recordText, RecordRefused } from "../../src/core/record-text";
import { isEnrolled, type FactorEntry } from "../../src/core/factor-entry";
import { authenticator, enrolledRecord, kinds, now, recoverySet, sentCodes, userKey } from "./records";

const full: TwoFactorRecord = enrolledRecord({
  factors: [authenticator, recoverySet, sentCodes],
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

test("ended proofs are read as they were written before, too", () => {
  const before = text.replace(/"endedProofs":\[.*?\]/, `"endedProofs":[["abcdefgh",${now}],["ijklmnop",7]]`);
  expect(before).not.toBe(text);
  expect(parseRecord(before, userKey, kinds)).toEqual(full);
});

const refusal = (stored: string, user = userKey): RecordRefused => {
  try {
    parseRecord(stored, user, kinds);
  } catch (error) {
    if (error instanceof RecordRefused) return error;
    throw error;
  }
  throw new Error(`It was taken: ${stored}`);
};

function readAndWritten(stored: string): string {
  try {
    return recordText(parseRecord(stored, userKey, kinds));
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
      expect(parseRecord(recordText(record), userKey, kinds)).toEqual(record);
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
    const refused = refusal(edited((record) => (record.version = 3)));
    expect(refused.message).toMatch(/^version: .*newer version/);
  });

  test.each(["", "null", "[]", "1", '"text"', "undefined", "{}", "[object Object]"])("is not %j", (stored) => {
    expect(["record", "version"]).toContain(refusal(stored).field);
  });

  test.each<[string, Edit]>([
    ["epoch", (record) => delete record.epoch],
    ["epoch", (record) => (record.epoch = 1)],
    ["factors", (record) => delete record.factors],
    ["factors", (record) => (record.factors = null)],
    ["factors", (record) => (record.factors = {})],
    ["factors", (record) => record.factors.shift()],
    ["factors", (record) => record.factors.push(record.factors[0])],
    ["factors[0]", (record) => (record.factors[0] = null)],
    ["factors[0]", (record) => (record.factors[0] = [])],
    ["factors[0].kind", (record) => delete record.factors[0].kind],
    ["factors[0].kind", (record) => (record.factors[0].kind = "")],
    ["factors[0].id", (record) => (record.factors[0].id = 1)],
    ["factors[0].strong", (record) => delete record.factors[0].strong],
    ["factors[0].strong", (record) => (record.factors[0].strong = false)],
    ["factors[0].secret", (record) => (record.factors[0].secret = "")],
    ["factors[0].lastStep", (record) => delete record.factors[0].lastStep],
    ["factors[0].lastStep", (record) => (record.factors[0].lastStep = -1)],
    ["factors[0].lastStep", (record) => (record.factors[0].lastStep = 1.5)],
    ["factors[0].lastStep", (record) => (record.factors[0].lastStep = String(record.factors[0].lastStep))],
    ["factors[0].lastStep", (record) => (record.factors[0].lastStep = null)],
    ["factors[0].secert", (record) => (record.factors[0].secert = record.factors[0].secret)],
    ["factors[1].strong", (record) => (record.factors[1].strong = true)],
    ["factors[1].hashes", (record) => (record.factors[1].hashes = "hash-1")],
    ["factors[1].hashes[1]", (record) => (record.factors[1].hashes[1] = null)],
    ["factors[2].strong", (record) => (record.factors[2].strong = true)],
    ["factors[2].current.expiresAt", (record) => (record.factors[2].current.expiresAt = null)],
    ["totp", (record) => (record.totp = record.factors[0])],
    ["Factors", (record) => (record.Factors = record.factors)],
    ["identityProvider.acr", (record) => delete record.identityProvider.acr],
    ["attempts", (record) => delete record.attempts],
    ["attempts.failures", (record) => (record.attempts.failures = "0")],
    ["attempts.lockedUntil", (record) => (record.attempts.lockedUntil = null)],
    ["attempts.lockedUntil", (record) => (record.attempts.lockedUntil = "never")],
    ["setupAttempts.rounds", (record) => delete record.setupAttempts.rounds],
    ["endedProofs", (record) => delete record.endedProofs],
    ["endedProofs[0]", (record) => (record.endedProofs[0] = "abcdefgh")],
    ["endedProofs[0]", (record) => (record.endedProofs[0] = ["abcdefgh"])],
    ["endedProofs[1]", (record) => (record.endedProofs[1] = "ijklmnop-7")],
    ["endedProofs[1][1]", (record) => (record.endedProofs[1] = ["ijklmnop", "0"])],
    ["proofsVoidUntil", (record) => (record.proofsVoidUntil = -1)],
    ["browsers[0][1]", (record) => (record.browsers[0][1] = null)],
    ["browsers[0]", (record) => (record.browsers[0] = null)],
    ["history", (record) => (record.history = [])],
    ["history.texts[0]", (record) => (record.history.texts[0] = null)],
    ["history.entries[0]", (record) => (record.history.entries[0][0] = 99)],
    ["history.entries[0][1]", (record) => (record.history.entries[0][1] = 0.5)],
    ["history.entries[0][2]", (record) => (record.history.entries[0][2] = -1)],
  ])("edited by hand is refused, and %s is named", (field, edit) => {
    const refused = refusal(edited(edit));
    expect(refused.field).toBe(field);
    expect(refused.message.startsWith(`${field}: `)).toBe(true);
  });

  test("with a prototype among its fields is refused", () => {
    expect(refusal(text.replace("{", '{"__proto__":{},')).field).toBe("__proto__");
  });

  test("with a prototype among the fields of a factor is refused", () => {
    const stored = text.replace('{"kind":"totp"', '{"__proto__":{},"kind":"totp"');
    expect(refusal(stored).field).toBe("factors[0].__proto__");
  });

  test("refused says nothing of what it holds", () => {
    const edits: Edit[] = [
      (record) => (record.factors[0].secret = { sealed: "35fba65d.sealed" }),
      (record) => (record.factors[1].salt = ["hash-1"]),
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

describe("the factors of a record", () => {
  const token = { kind: "hardware-token", id: "t-1", strong: true, secret: "sealed", counters: [{ next: 7 }] } as const;
  const read = (...factors: readonly FactorEntry[]) =>
    parseRecord(recordText(enrolledRecord({ factors })), userKey, kinds).factors;
  const refusedField = (...factors: readonly FactorEntry[]) => refusal(recordText(enrolledRecord({ factors }))).field;

  test("of a kind that is not loaded are kept as they are, and count where they are strong", () => {
    const record = enrolledRecord({ factors: [token] });
    const stored = recordText(record);
    expect(parseRecord(stored, userKey, kinds)).toEqual(record);
    expect(readAndWritten(stored)).toBe(stored);
    expect(isEnrolled(parseRecord(stored, userKey, kinds))).toBe(true);
  });

  test("of a kind that is not loaded have a kind, an id and a strength as all do", () => {
    expect(refusedField({ ...token, kind: "" })).toBe("factors[0].kind");
    expect(refusedField({ ...token, id: "" })).toBe("factors[0].id");
    expect(refusedField({ ...token, strong: "yes" as never })).toBe("factors[0].strong");
  });

  test("are not recovery codes alone, or with a weak one: a second factor is not lost by half", () => {
    expect(refusedField(recoverySet)).toBe("factors");
    expect(refusedField(sentCodes, recoverySet)).toBe("factors");
    expect(read(recoverySet, authenticator)).toEqual([recoverySet, authenticator]);
    expect(read(recoverySet, token)).toEqual([recoverySet, token]);
  });

  test("have each name once: of twins, one could be spent while the other is still good", () => {
    const used = { ...authenticator, lastStep: authenticator.lastStep + 1 };
    expect(refusedField(authenticator, used)).toBe("factors");
    expect(refusedField(token, { ...token, secret: "another" } as FactorEntry)).toBe("factors");
    const other = { ...token, id: "t-2" };
    expect(read(token, other)).toEqual([token, other]);
  });

  test("are as strong as their kind, whatever they say", () => {
    const { strong: _, ...weakened } = authenticator;
    expect(refusedField(weakened)).toBe("factors[0].strong");
    const strengthened = { ...sentCodes, strong: true } as const;
    expect(refusedField(strengthened)).toBe("factors[0].strong");
  });

  test("of which an earlier version stored another shape are brought into today's before they are looked at", () => {
    const totp = kinds.get("totp");
    if (totp === undefined) throw new Error("There is no such kind.");
    const upgrade = ({ key, ...stored }: FactorEntry & { key?: string }) => ({
      ...stored,
      ...(key && { secret: key }),
    });
    const { secret, ...rest } = authenticator;
    const old = { ...rest, key: secret };
    const stored = recordText(enrolledRecord({ factors: [old] }));
    const upgrading = new Map([["totp", { ...totp, upgrade }]]);
    expect(parseRecord(stored, userKey, upgrading).factors).toEqual([authenticator]);
    expect(refusal(stored).field).toBe("factors[0].key");
  });

  test("that are recovery codes without a salt are refused, not codes that are never right", () => {
    const { salt: _, ...saltless } = recoverySet;
    expect(refusedField(authenticator, saltless)).toMatch(/^factors\[1\]/);
  });
});
