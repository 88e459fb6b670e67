import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { historyLimit, withHistory, type HistoryEntry } from "../../src/core/history";
import { packHistory, unpackHistory } from "../../src/core/record-text";
import { now } from "./records";

const entry = (at: number): HistoryEntry => ["challenge-passed", at, "2001:db8::1", "Firefox on Linux"];

describe("a history", () => {
  test("holds twenty entries, newest last, and the oldest go", () => {
    const entries = Array.from({ length: historyLimit + 5 }, (_, index) => entry(now + index));
    expect(withHistory(entries.slice(0, 18), ...entries.slice(18))).toEqual(entries.slice(-historyLimit));
  });

  test("takes what repeats the last one, within an hour and from one place, for one, at the newest time", () => {
    const made = (at: number, type = "recovery-codes-regenerated", ip = "::1"): HistoryEntry => [type, at, ip, ""];
    const all = (...entries: HistoryEntry[]) => withHistory([], ...entries);
    expect(all(made(now), made(now + 60), made(now + 3659))).toEqual([made(now + 3659)]);
    expect(all(made(now), made(now - 60))).toEqual([made(now - 60)]);
    expect(all(made(now), made(now + 3600))).toHaveLength(2);
    expect(all(made(now), made(now, "recovery-codes-regenerated", "::2"))).toHaveLength(2);
    expect(all(made(now), made(now, "disabled"), made(now))).toHaveLength(3);
    // How often a wrong code came is news.
    expect(all(made(now, "challenge-failed"), made(now, "challenge-failed"))).toHaveLength(2);
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
