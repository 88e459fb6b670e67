import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { historyLimit, packHistory, unpackHistory, withHistory, type HistoryEntry } from "../../src/core/history";
import { now } from "./records";

const entry = (at: number): HistoryEntry => ["challenge-passed", at, "2001:db8::1", "Firefox on Linux"];

describe("a history", () => {
  test("holds twenty entries, newest last, and the oldest go", () => {
    const entries = Array.from({ length: historyLimit + 5 }, (_, index) => entry(now + index));
    expect(withHistory(entries.slice(0, 18), ...entries.slice(18))).toEqual(entries.slice(-historyLimit));
  });

  test("comes back from its stored form as it was, whatever the texts are", () => {
    const texts = fc.string({ unit: "binary" });
    const entries = fc.array(fc.tuple(texts, fc.nat(), texts, texts), { maxLength: historyLimit });
    fc.assert(
      fc.property(entries, (history) => {
        const stored: unknown = JSON.parse(JSON.stringify(packHistory(history)));
        expect(unpackHistory(stored as ReturnType<typeof packHistory>)).toEqual(history);
      }),
    );
  });

  test("is stored with each text once", () => {
    const packed = packHistory([entry(now), entry(now + 1), ["disabled", now + 2, "", "Firefox on Linux"]]);
    expect(packed.texts).toEqual(["challenge-passed", "2001:db8::1", "Firefox on Linux", "disabled", ""]);
    expect(packed.entries).toEqual([
      [0, now, 1, 2],
      [0, 1, 1, 2],
      [3, 1, 4, 2],
    ]);
  });
});
