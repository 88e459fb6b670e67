import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { blankRecord } from "../../src/core/record";
import { RecordCache } from "../../src/service/record-cache";
import { later, stopClock } from "./support";

const record = blankRecord("ada", "epoch-1");
const newer = blankRecord("ada", "epoch-2");

beforeEach(() => stopClock());
afterEach(() => {
  vi.useRealTimers();
});

describe("a copy of a record", () => {
  test("is good for as long as the option says, to the moment", () => {
    const cache = new RecordCache(30);
    cache.keep("ada", record, cache.begin(), Date.now());
    later(29.999);
    expect(cache.get("ada")?.record).toBe(record);
    later(0.001);
    expect(cache.get("ada")).toBeUndefined();
  });

  test("is none with 0 seconds", () => {
    const cache = new RecordCache(0);
    cache.keep("ada", record, cache.begin(), Date.now());
    expect(cache.get("ada")).toBeUndefined();
  });

  test("is as old as the beginning of its reading, not the end", () => {
    const cache = new RecordCache(30);
    const seenAt = Date.now();
    later(10);
    cache.keep("ada", record, cache.begin(), seenAt);
    later(20);
    expect(cache.get("ada")).toBeUndefined();
  });

  test("is of unknown age once the clock is set back", () => {
    const cache = new RecordCache(30);
    cache.keep("ada", record, cache.begin(), Date.now());
    later(-1);
    expect(cache.get("ada")).toBeUndefined();
  });

  test("says that there is no record, too", () => {
    const cache = new RecordCache(30);
    cache.keep("ada", undefined, cache.begin(), Date.now());
    expect(cache.get("ada")).toMatchObject({ record: undefined });
    expect(cache.get("eve")).toBeUndefined();
  });

  test("is not pushed aside by a reading that began before it", () => {
    const cache = new RecordCache(30);
    const early = cache.begin();
    cache.keep("ada", newer, cache.begin(), Date.now());
    cache.keep("ada", record, early, Date.now());
    expect(cache.get("ada")?.record).toBe(newer);
  });
});

test("no more than 10,000 copies are kept, and the oldest goes", () => {
  const cache = new RecordCache(30);
  for (let index = 0; index <= 10_000; index += 1) cache.keep(`user-${index}`, record, cache.begin(), Date.now());
  expect(cache.get("user-0")).toBeUndefined();
  expect(cache.get("user-1")).toBeDefined();
  expect(cache.get("user-10000")).toBeDefined();
});
