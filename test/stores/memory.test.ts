import { describe, expect, test } from "vitest";
import { memoryStore } from "../../src/stores/memory";
import { testConformance } from "./run-conformance";

describe("memoryStore conforms", () => {
  testConformance(() => memoryStore());
});

test("two memory stores share nothing", async () => {
  const [one, other] = [memoryStore(), memoryStore()];
  await one.compareAndSet("a", undefined, { record: "{}", revision: "1" });
  expect(await other.get("a")).toBeUndefined();
});
