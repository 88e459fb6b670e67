import { describe, expect, test } from "vitest";
import {
  entriesOf,
  entryId,
  isEnrolled,
  withEntry,
  withoutEntry,
  withoutKind,
  type FactorEntry,
} from "../../src/core/factor-entry";
import { blankRecord } from "../../src/core/record";
import { authenticator, enrolledRecord, recoverySet, sentCodes, userKey } from "./records";

const token = (id: string, more: object = {}): FactorEntry => ({ kind: "token", id, strong: true, ...more });
const held = enrolledRecord({ factors: [authenticator, token("a"), recoverySet, token("b")] });

describe("somebody", () => {
  test.each<[string, readonly FactorEntry[], boolean]>([
    ["an authenticator", [authenticator], true],
    ["a strong factor of a kind that nobody here knows", [{ kind: "unknown", strong: true }], true],
    ["codes that are sent", [sentCodes], false],
    ["recovery codes alone", [recoverySet], false],
    ["nothing", [], false],
  ])("with %s: enrolled is told by what is strong", (_, factors, enrolled) => {
    expect(isEnrolled(enrolledRecord({ factors }))).toBe(enrolled);
  });

  test("of whom nothing is stored is not enrolled, and has no entries", () => {
    expect(isEnrolled(undefined)).toBe(false);
    expect(isEnrolled(blankRecord(userKey, ""))).toBe(false);
    expect(entriesOf(undefined, "totp")).toEqual([]);
  });
});

describe("an entry", () => {
  test("is named by its kind, and by its id where a user can have several", () => {
    expect([entryId(authenticator), entryId(token("a"))]).toEqual(["totp", "token:a"]);
  });

  test("is found by its kind, and several in the order they were added", () => {
    expect(entriesOf(held, "token")).toEqual([token("a"), token("b")]);
    expect(entriesOf(held, "sent-codes")).toEqual([]);
  });

  test("takes the place of the one with its name, and of no other", () => {
    const used = token("a", { counter: 7 });
    expect(withEntry(held, used).factors).toEqual([authenticator, used, recoverySet, token("b")]);
    expect(withEntry(held, { kind: "other", id: "a" }).factors).toHaveLength(5);
    expect(withEntry(held, { kind: "token" }).factors).toHaveLength(5);
  });

  test("that is new goes behind the others", () => {
    expect(withEntry(held, sentCodes).factors).toEqual([...held.factors, sentCodes]);
  });

  test("goes alone, or with all of its kind", () => {
    expect(withoutEntry(held, token("a")).factors).toEqual([authenticator, recoverySet, token("b")]);
    expect(withoutEntry(held, { kind: "other", id: "a" }).factors).toEqual(held.factors);
    expect(withoutKind(held, "token").factors).toEqual([authenticator, recoverySet]);
  });

  test("comes and goes without touching the record it was in, or anything else in it", () => {
    const before = structuredClone(held);
    expect({ ...withEntry(held, sentCodes), factors: held.factors }).toEqual(before);
    withoutEntry(held, authenticator);
    withoutKind(held, "token");
    expect(held).toEqual(before);
  });
});
