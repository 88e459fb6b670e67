import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { blankRecord } from "../../../src/core/record";
import { RecordCache } from "../../../src/service/records/cache";
import { later, stopClock } from "../support";

const record = blankRecord("ada", "epoch-1");
const newer = blankRecord("ada", "epoch-2");

beforeEach(() => stopClock());
afterEach(() => {
  vi.useRealTimers();
});

describe("a copy of a record", () => {
  test("is good for as long as the option says, to the moment", () => {
    const cache = new RecordCache(30);
    cache.keep("ada", record, cache.begin(), cache.now());
    later(29.999);
    expect(cache.get("ada")?.record).toBe(record);
    later(0.001);
    expect(cache.get("ada")).toBeUndefined();
  });

  test("is none with 0 seconds", () => {
    const cache = new RecordCache(0);
    cache.keep("ada", record, cache.begin(), cache.now());
    expect(cache.get("ada")).toBeUndefined();
  });

  test("is as old as the beginning of its reading, not the end", () => {
    const cache = new RecordCache(30);
    const seenAt = cache.now();
    later(10);
    cache.keep("ada", record, cache.begin(), seenAt);
    later(20);
    expect(cache.get("ada")).toBeUndefined();
  });

  test("is of unknown age once the clock is set back", () => {
    const cache = new RecordCache(30);
    cache.keep("ada", record, cache.begin(), cache.now());
    later(-1);
    expect(cache.get("ada")).toBeUndefined();
  });

  test("grows older while the clock is set back, however little: by the other clock", () => {
    const cache = new RecordCache(30);
    const monotonic = vi.spyOn(performance, "now").mockReturnValue(1000);
    cache.keep("ada", record, cache.begin(), cache.now());
    // An hour later, and the clock says a second later.
    later(1);
    monotonic.mockReturnValue(3_601_000);
    expect(cache.get("ada")).toBeUndefined();
    // A machine that slept: its other clock stood still.
    monotonic.mockReturnValue(1000);
    later(3600);
    expect(cache.get("ada")).toBeUndefined();
    monotonic.mockRestore();
  });

  test("says that there is no record, too", () => {
    const cache = new RecordCache(30);
    cache.keep("ada", undefined, cache.begin(), cache.now());
    expect(cache.get("ada")).toMatchObject({ record: undefined });
    expect(cache.get("eve")).toBeUndefined();
  });

  test("is not pushed aside by a reading that began before it", () => {
    const cache = new RecordCache(30);
    const early = cache.begin();
    cache.keep("ada", newer, cache.begin(), cache.now());
    cache.keep("ada", record, early, cache.now());
    expect(cache.get("ada")?.record).toBe(newer);
  });
});

test("no more than 10,000 copies are kept, and the oldest goes", () => {
  const cache = new RecordCache(30);
  for (let index = 0; index <= 10_000; index += 1) cache.keep(`user-${index}`, record, cache.begin(), cache.now());
  expect(cache.get("user-0")).toBeUndefined();
  expect(cache.get("user-1")).toBeDefined();
  expect(cache.get("user-10000")).toBeDefined();
});
