import { describe, expect, test } from "vitest";
import { plainName } from "../../src/core/plain-name";

describe("a plain name", () => {
  test("keeps the longest mail address whole", () => {
    const address = `${"a".repeat(64)}@${"b".repeat(185)}.com`;
    expect(plainName(address)).toBe(address);
  });

  test("is cut between characters, never within one", () => {
    expect(plainName("🎉".repeat(1000))).toBe("🎉".repeat(25));
    expect(plainName("e\u0301".repeat(1000))).toMatch(/^(e\u0301)+$/);
  });

  test("is empty where nothing of it can be shown", () => {
    for (const nothing of ["", "   ", ":::", "\u202e\u200b", "\ud800", "\u3164", "\u2800\u2800", "\u115f\uffa0"])
      expect(plainName(nothing)).toBe("");
  });
});
