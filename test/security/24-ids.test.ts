import { describe, expect, test } from "vitest";
import type { TwoFactorOptions } from "../../src";
import { memoryStore, type TwoFactorStore } from "../../src";
import { startHost, type HostUser } from "../support/host";
import { keepLog, stopClock } from "../support/processes";
import { textOf } from "./text-of";

/** A host whose user's id is whatever the test says, without the way through JSON. */
function hostOf(options: Partial<TwoFactorOptions<HostUser>> = {}) {
  stopClock();
  const ids: { now: unknown } = { now: "1" };
  const keys = new Set<string>();
  const inner = memoryStore();
  const store: TwoFactorStore = {
    ...inner,
    compareAndSet: (userId, expected, next) => (keys.add(userId), inner.compareAndSet(userId, expected, next)),
  };
  const host = startHost({
    options: { store, recoveryCodes: { count: 1 }, secondFactorResourceId: () => ids.now, ...options },
  });
  const signIn = async (id: unknown) => {
    ids.now = id;
    const browser = host.browser();
    await browser.login();
    return browser;
  };
  return { host, keys, ids, signIn };
}

const hex = { toHexString: () => "507f1f77bcf86cd799439011" };
const texts = [
  ["Ann", "ann", "ANN", "ann ", " ann", "ann\u00a0", "ann\u200b", "änn", "a\u0308nn", "ａnn"],
  ["1", "01", "1.0", "+1", "1e0", " 1", "١", "1n"],
  ["__proto__", "constructor", "toString", "hasOwnProperty", "null", "undefined", "NaN", "[object Object]"],
  ["{x}", "{y}", "a:b", "a", "b", "*", "a\0b", "a\0", "\ud800", "\ud801", "\ufffd", "'", '"', '","', '["user","1"]'],
  ["../1", "1/../1", "%31", "x".repeat(254), "x".repeat(255), "🙂", "🙃"],
].flat();

describe("Two ids are one user only if they are equal", () => {
  test("texts that look alike, or have a meaning elsewhere, are different users", async () => {
    const { host, keys, signIn } = hostOf();
    expect(new Set(texts).size).toBe(texts.length);
    for (const [index, id] of texts.entries()) {
      expect(await host.tfa.status(id)).toMatchObject({ enabled: false });
      await (await signIn(id)).enrol();
      expect(keys.size).toBe(index + 1);
    }
    for (const id of texts) expect(await host.tfa.status(id)).toMatchObject({ enabled: true });
    await host.tfa.reset("__proto__", { reason: "lost phone", by: "the help desk" });
    const left = await Promise.all(texts.map((id) => host.tfa.status(id)));
    expect(left.filter(({ enabled }) => enabled)).toHaveLength(texts.length - 1);
  });

  test.each([
    ["a number and its text", 1, "1"],
    ["a bigint and its text", 2n ** 70n, String(2n ** 70n)],
    ["a number and a bigint", 42, 42n],
    ["an ObjectId and its text", hex, "507f1f77bcf86cd799439011"],
    ["nought and minus nought", 0, -0],
  ])("%s are one", async (_what, one, other) => {
    const { host, keys, signIn } = hostOf();
    const owner = await signIn(one);
    await owner.enrol();
    const browser = await signIn(other);
    await browser.get("/page").expect(403);
    await browser.post("/two-factor/verify", { code: owner.code(1) }).expect(200);
    expect(keys.size).toBe(1);
    expect(await host.tfa.status(other)).toMatchObject({ enabled: true });
  });

  test("one id in two scopes is two users", async () => {
    const { host, keys, signIn } = hostOf({ scope: "admin" });
    await (await signIn("1")).enrol();
    expect([...keys]).toEqual(['["admin","1"]']);
    expect(await host.tfa.status("1")).toMatchObject({ enabled: true });
  });

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["an empty text", ""],
    ["256 characters", "x".repeat(256)],
    ["NaN", Number.NaN],
    ["a fraction", 1.5],
    ["a number beyond 2^53", 2 ** 53],
    ["Infinity", Infinity],
    ["true", true],
    ["a list", ["1"]],
    ["an object", { id: "1" }],
    ["a boxed text", Object("1")],
    ["a symbol", Symbol("1")],
    ["a function", () => "1"],
    ["an ObjectId that gives no text", { toHexString: () => 1 }],
    ["an ObjectId that gives an empty text", { toHexString: () => "" }],
    [
      "an ObjectId that throws",
      {
        toHexString: () => {
          throw new Error("broken");
        },
      },
    ],
  ])("%s is no id: 500, said in the log, and nothing passes", async (_what, id) => {
    const log = keepLog();
    const { host, keys, signIn } = hostOf();
    const browser = await signIn(id);
    for (const path of ["/page", "/two-factor", "/two-factor/setup", "/two-factor/verify"]) {
      const { body } = await browser.get(path).expect(500);
      expect(body).toMatchObject({ code: "MISCONFIGURED" });
    }
    await browser.post("/two-factor/setup").expect(500);
    expect(host.reached).toEqual([]);
    expect(keys.size).toBe(0);
    expect(log.map(textOf).join()).toMatch(/secondFactorResourceId|broken/);
    await expect(host.tfa.status(id)).rejects.toThrow(/secondFactorResourceId|broken/);
  });

  test("a cookie and a session of one user are worth nothing to another", async () => {
    const { ids, signIn } = hostOf();
    const browser = await signIn("ann");
    await browser.enrol();
    await browser.remember();
    await browser.get("/page").expect(200);
    for (const other of ["ANN", "ann ", "bob"]) {
      ids.now = other;
      await browser.get("/page").expect(403);
    }
    ids.now = "ann";
    // The cookie of this browser is still hers.
    await browser.get("/page").expect(200);
    expect((await browser.get("/two-factor")).body).toMatchObject({ verified: true });
  });
});
