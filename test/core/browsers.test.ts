import { describe, expect, test } from "vitest";
import {
  liveBrowsers,
  rememberedBrowser,
  withBrowser,
  withBrowserUsed,
  withoutBrowser,
  type Browser,
} from "../../src/core/browsers";
import { now } from "./records";

const browser = (index: number): Browser => ({
  id: `id-${index}`,
  hash: `hash-${index}`,
  name: "Firefox on Linux",
  rememberedAt: now + index,
  lastUsedAt: now + index,
});
const many = (count: number) => Array.from({ length: count }, (_, index) => browser(index));
const ids = (browsers: readonly Browser[]) => browsers.map(({ id }) => id);

describe("a remembered browser", () => {
  test("is known by the hash of its token until its time is up, to the second", () => {
    expect(rememberedBrowser(many(3), "hash-1", 60, now + 60)?.id).toBe("id-1");
    expect(rememberedBrowser(many(3), "hash-1", 60, now + 61)).toBeUndefined();
    expect(rememberedBrowser(many(3), "id-1", 60, now)).toBeUndefined();
  });

  test("is worth nothing once the option says 0, cookies already out included", () => {
    expect(rememberedBrowser(many(3), "hash-1", 0, now + 1)).toBeUndefined();
    expect(liveBrowsers(many(3), 0, now + 3)).toEqual([]);
  });

  test("does not live longer for being used", () => {
    const used = withBrowserUsed(many(2), "id-0", now + 50);
    expect(used[0]).toEqual({ ...browser(0), lastUsedAt: now + 50 });
    expect(used[1]).toEqual(browser(1));
    expect(rememberedBrowser(used, "hash-0", 60, now + 60)).toBeUndefined();
  });
});

describe("the list", () => {
  test("holds ten, and the oldest goes", () => {
    const added = withBrowser(many(10), browser(10), undefined);
    expect(ids(added)).toEqual(ids(many(11)).slice(1));
  });

  test("takes the same browser once: remembered again, it replaces itself", () => {
    expect(ids(withBrowser(many(3), browser(9), "id-1"))).toEqual(["id-0", "id-2", "id-9"]);
  });

  test("loses one by its id alone", () => {
    expect(ids(withoutBrowser(many(3), "id-1"))).toEqual(["id-0", "id-2"]);
    expect(ids(withoutBrowser(many(2), "hash-1"))).toEqual(["id-0", "id-1"]);
  });
});
