import { describe, expect, test } from "vitest";
import { lockOf } from "../../src/core/attempts";
import { liveBrowsers } from "../../src/core/browsers";
import { isEnrolled } from "../../src/core/factor-entry";
import { parseRecord, recordText, RecordRefused } from "../../src/core/record-text";
import { kinds } from "./records";
import fixture from "./fixtures/records-version-1.json";

type Name = keyof typeof fixture.records;
const names = Object.keys(fixture.records) as Name[];
const given = (name: Name) => fixture.records[name];
const read = (name: Name) => parseRecord(given(name).text, given(name).userKey, kinds);
const kindsIn = (name: Name) => read(name).factors.map(({ kind }) => kind);

type Edit = (record: any) => void;
function edited(name: Name, edit: Edit): string {
  const record: unknown = JSON.parse(given(name).text);
  edit(record);
  return JSON.stringify(record);
}
function refusal(name: Name, edit: Edit): RecordRefused {
  try {
    parseRecord(edited(name, edit), given(name).userKey, kinds);
  } catch (error) {
    if (error instanceof RecordRefused) return error;
    throw error;
  }
  throw new Error("It was taken.");
}

describe.each(names)("a record of version 1 (%s)", (name) => {
  test("is read, and comes back from version 2 as it was read", () => {
    const record = read(name);
    const text = recordText(record);
    expect(JSON.parse(text)).toMatchObject({ version: 2, user: given(name).userKey });
    for (const field of ["totp", "recoveryCodes", "directCode"]) expect(JSON.parse(text)).not.toHaveProperty(field);
    expect(parseRecord(text, given(name).userKey, kinds)).toEqual(record);
  });

  test("of another user is refused", () => {
    expect(() => parseRecord(given(name).text, '["user","eve"]', kinds)).toThrow(/^user: /);
  });

  test("cut off anywhere is refused", () => {
    const { text, userKey } = given(name);
    for (let length = 0; length < text.length; length += 7)
      expect(() => parseRecord(text.slice(0, length), userKey, kinds)).toThrow(/^record: /);
  });
});

describe("what version 1 kept in a field", () => {
  test("is an entry of the kind that it was", () => {
    expect(kindsIn("only a sent code")).toEqual(["sent-codes"]);
    expect(kindsIn("just enrolled")).toEqual(["totp", "recovery-codes"]);
    expect(kindsIn("a tombstone")).toEqual([]);
    expect(kindsIn("turned off")).toEqual([]);
  });

  test("is the same in it, and an authenticator counts as strong", () => {
    const { totp, recoveryCodes } = JSON.parse(given("just enrolled").text) as Record<string, object>;
    // In the clear, as it was then; later ones were wrapped, and keep their name.
    const { salt, ...codes } = recoveryCodes as { salt: string };
    expect(read("just enrolled").factors).toEqual([
      { ...totp, kind: "totp", strong: true },
      { ...codes, plainSalt: salt, kind: "recovery-codes" },
    ]);
    const { directCode } = JSON.parse(given("only a sent code").text) as Record<string, object>;
    expect(read("only a sent code").factors).toEqual([{ ...directCode, kind: "sent-codes" }]);
  });

  test("makes nobody enrolled who was not, and nobody free who was", () => {
    const enrolled = names.filter((name) => isEnrolled(read(name)));
    expect(enrolled).toEqual(names.filter((name) => given(name).text.includes('"totp":')));
    expect(enrolled).toHaveLength(3);
  });
});

describe("times that version 1 kept as seconds since the one before", () => {
  test("of the history are what they were", () => {
    expect(read("months of use, locked").history.map(([type, at]) => [type, at])).toEqual([
      ["code-sent", 1_777_593_600],
      ["enabled", 1_777_593_660],
      ["challenge-passed", 1_777_593_720],
      ["challenge-passed", 1_777_597_320],
      ["recovery-code-used", 1_777_597_380],
      ["challenge-failed", 1_777_597_590],
      ["challenge-failed", 1_777_597_620],
      ["locked", 1_777_597_650],
    ]);
    expect(read("months of use, locked").history[3]).toEqual([
      "challenge-passed",
      1_777_597_320,
      "2001:db8:85a3::8a2e:370:7334",
      "Safari on iOS",
    ]);
  });

  test("of the ended proofs are what they were", () => {
    const at = 1_777_597_440;
    expect(read("months of use, locked").endedProofs).toEqual([
      ["xxxxxxx0", at],
      ["xxxxxxx1", at + 60],
      ["xxxxxxx2", at + 120],
    ]);
  });

  test("may have gone back, where the clock did", () => {
    const stored = edited("turned off", (record) => (record.history.entries[1][1] = -30));
    const { history } = parseRecord(stored, given("turned off").userKey, kinds);
    expect(history[1]?.[1]).toBe((history[0]?.[1] ?? 0) - 30);
  });
});

describe("somebody who is locked out by version 1", () => {
  test("is until the same second", () => {
    const { attempts } = read("months of use, locked");
    const { at } = given("months of use, locked");
    expect(lockOf(attempts, at)).toEqual({ until: 1_777_597_710 });
    expect(lockOf(attempts, 1_777_597_710)).toBeUndefined();
    expect(attempts).toMatchObject({ rounds: 1, inARow: 3 });
  });

  test("until a reset is until a reset", () => {
    expect(lockOf(read("locked until reset").attempts, 10 ** 10)).toEqual({});
  });
});

test("set-up attempts, what an identity provider proved, browsers and an epoch are what they were", () => {
  expect(read("a set-up tried once").setupAttempts).toEqual({ failures: 1, rounds: 0, inARow: 1 });
  expect(read("just enrolled").setupAttempts).toEqual({ failures: 0, rounds: 0, inARow: 0 });
  expect(read("just enrolled").identityProvider).toEqual({ acr: "eidas2", at: 1_777_593_630 });
  const { browsers, epoch } = read("months of use, locked");
  expect(epoch).toBe("8LF0r3oycpqO3EpPZxlFRw");
  expect(
    liveBrowsers(browsers, 86_400, 1_777_597_680)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(["Firefox on Linux", "Safari on iOS"]);
  expect(read("a tombstone")).toMatchObject({ epoch: "GENvzVuargoOPFgpaIAVog", factors: [], browsers: [] });
});

describe("a record of version 1 that was edited by hand is refused", () => {
  const full: Name = "months of use, locked";
  test.each<[string, Edit]>([
    ["Totp", (record) => (record.Totp = record.totp)],
    ["recoverycodes", (record) => (record.recoverycodes = record.recoveryCodes)],
    ["hotp", (record) => (record.hotp = {})],
    ["factors", (record) => (record.factors = [])],
    ["totp", (record) => (record.totp = null)],
    ["totp", (record) => (record.totp = [])],
    ["recoveryCodes", (record) => (record.recoveryCodes = "none")],
    ["totp", (record) => delete record.totp],
    ["totp.secert", (record) => (record.totp.secert = "x")],
    ["totp.secret", (record) => delete record.totp.secret],
    ["totp.lastStep", (record) => (record.totp.lastStep = "soon")],
    ["recoveryCodes.hashes", (record) => delete record.recoveryCodes.hashes],
    ["attempts", (record) => delete record.attempts],
    ["epoch", (record) => delete record.epoch],
    ["endedProofs", (record) => delete record.endedProofs],
    ["endedProofs[1][1]", (record) => (record.endedProofs[1][1] = null)],
    ["history", (record) => delete record.history],
    ["history.entries[0][1]", (record) => (record.history.entries[0][1] = "x")],
    ["history.entries[7]", (record) => (record.history.entries[7][0] = 99)],
  ])("and %s is named", (field, edit) => {
    expect(refusal(full, edit).field).toBe(field);
  });

  test.each<[string, Edit]>([
    ["a kind of its own in a factor", (record) => (record.totp.kind = "sent-codes")],
    ["an id in a factor", (record) => (record.totp.id = "1")],
    ["a strength in a factor", (record) => (record.totp.strong = true)],
    ["recovery codes without a salt", (record) => delete record.recoveryCodes.salt],
  ])("with %s", (_, edit) => {
    expect(refusal(full, edit)).toBeInstanceOf(RecordRefused);
  });
});
