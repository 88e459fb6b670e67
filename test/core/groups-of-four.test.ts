import { expect, test } from "vitest";
import { groupsOfFour } from "../../src/core/groups-of-four";

test("a code is shown in groups of four, and nothing of it is lost", () => {
  expect(groupsOfFour("ABCD2345EFGH67WX", "-")).toBe("ABCD-2345-EFGH-67WX");
  expect(groupsOfFour("ABCDE", " ")).toBe("ABCD E");
  expect(groupsOfFour("", "-")).toBe("");
});
