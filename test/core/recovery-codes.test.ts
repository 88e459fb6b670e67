import { expect, test } from "vitest";
import { groupsOfFour, withoutCode } from "../../src/core/recovery-codes";

test("a code that is used goes, and the others stay as they are", () => {
  const codes = { salt: "salt", hashes: ["a", "b", "c"], createdAt: 1 };
  expect(withoutCode(codes, "b")).toEqual({ salt: "salt", hashes: ["a", "c"], createdAt: 1 });
  expect(codes.hashes).toEqual(["a", "b", "c"]);
});

test("a code is shown in groups of four, and nothing of it is lost", () => {
  expect(groupsOfFour("ABCD2345EFGH67WX", "-")).toBe("ABCD-2345-EFGH-67WX");
  expect(groupsOfFour("ABCDE", " ")).toBe("ABCD E");
  expect(groupsOfFour("", "-")).toBe("");
});
