import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { subjectOf } from "../../src/core/user-id";
import { TwoFactorError } from "../../src/errors";

const keyOf = (id: unknown, scope = "user") => subjectOf(scope, id).key;
const objectId = { toHexString: () => "65f0c0ffee65f0c0ffee65f0" };

describe("two ids are one user", () => {
  test.each([
    ["1 and its text", 1, "1"],
    ["1 and a bigint", 1, 1n],
    ["0 and -0", 0, -0],
    ["a negative number and its text", -7, "-7"],
    ["an ObjectId and its text", objectId, "65f0c0ffee65f0c0ffee65f0"],
    ["a bigint beyond the safe integers and its text", 2n ** 64n, "18446744073709551616"],
  ])("for %s", (_, one, other) => {
    expect(keyOf(one)).toBe(keyOf(other));
  });

  test("only if they are equal, whatever the texts and scopes are", () => {
    const text = fc.string({ unit: "binary", minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(text, text, text, text, (scope, id, otherScope, otherId) => {
        expect(keyOf(id, scope) === keyOf(otherId, otherScope)).toBe(id === otherId && scope === otherScope);
      }),
    );
  });

  test.each([
    ["case", "Ada", "ada"],
    ["a space at the end", "ada", "ada "],
    ["the normal form", "\u00e9", "e\u0301"],
    ["a compatibility form", "ada", "\uff41da"],
    ["a leading zero", "1", "01"],
    ["a number's notation", "1000", "1e3"],
    ["a lone surrogate", "\ud800", "\udfff"],
    ["a lone surrogate and its replacement", "\ud800", "\ufffd"],
    ["a lone surrogate and its escape", "\ud800", "\\ud800"],
    ["a NUL", "ada", "ada\0"],
    ["braces", "x", "{x}"],
    ["a quotation mark", 'a","b', "a"],
    ["the prototype's name", "__proto__", "constructor"],
  ])("and not when they differ in %s", (_, one, other) => {
    expect(keyOf(one)).not.toBe(keyOf(other));
    expect(subjectOf("user", one).id).toBe(one);
  });
});

test("a key is plain ASCII-safe JSON that gives scope and id back", () => {
  expect(keyOf("__proto__")).toBe('["user","__proto__"]');
  expect(JSON.parse(keyOf("\ud800"))).toEqual(["user", "\ud800"]);
  expect(keyOf("\ud800").isWellFormed()).toBe(true);
});

describe("no user is made of", () => {
  test.each([
    ["an empty text", ""],
    ["256 characters", "a".repeat(256)],
    ["a bigint of 256 digits", BigInt("9".repeat(256))],
    ["NaN", Number.NaN],
    ["infinity", Infinity],
    ["a fraction", 1.5],
    ["a number too large to be exact", 2 ** 53],
    ["nothing", undefined],
    ["null", null],
    ["true", true],
    ["a list", ["1"]],
    ["an object", { id: 1 }],
    ["a text in an object", new String("1")],
    ["a symbol", Symbol("1")],
    ["a function", () => 1],
    ["an ObjectId that gives no text", { toHexString: () => 1 }],
    ["an ObjectId that gives nothing", { toHexString: () => "" }],
  ])("%s", (_, id) => {
    expect(() => keyOf(id)).toThrow(TwoFactorError);
    expect(() => keyOf(id)).toThrow(/secondFactorResourceId/);
  });

  test("255 characters are not too many", () => {
    expect(subjectOf("user", "a".repeat(255)).id).toHaveLength(255);
  });
});
