import { describe, expect, test } from "vitest";
import { typedCode } from "../../../src/core/typed-code";
import { recoveryCodes } from "../../../src/factors/recovery-codes";
import { now, userKey } from "../../core/records";
import { toolsOf } from "../tools";

const kind = "recovery-codes";
const factor = recoveryCodes({ count: 10 });
const hashOf = (code: string) => `hash(${userKey}) of ${code} with salt`;
const hashes = [hashOf("AAAABBBBCCCCDDDD"), hashOf("EEEEFFFFGGGGHHHH")];
const entry = { kind, salt: toolsOf().tools.wrap("salt"), hashes, createdAt: now };

async function check(typed: string, checked: typeof entry = entry, { tools } = toolsOf()) {
  const code = typedCode(typed);
  const input = factor.read({ ...(code !== undefined && { code }), fields: {} });
  if (input === undefined) throw new Error(`${typed} is no recovery code`);
  return factor.check(checked, input, tools);
}

describe("a recovery code", () => {
  test("is consumed once, however it is typed", async () => {
    const verdict = await check("aaaa-bbbb cccc-dddd");
    if (verdict.is !== "right" || verdict.left === undefined) throw new Error(`It was ${verdict.is}`);
    const left = verdict.left as typeof entry;
    const spent = { hash: hashOf("AAAABBBBCCCCDDDD"), at: now };
    expect(left).toEqual({ ...entry, hashes: [hashOf("EEEEFFFFGGGGHHHH")], spent });
    expect(await check("AAAABBBBCCCCDDDD", left, toolsOf(userKey, now + 60))).toEqual({ is: "used" });
    expect(await check("AAAABBBBCCCCDDDD", left, toolsOf(userKey, now + 61))).toEqual({ is: "wrong" });
    expect((await check("EEEEFFFFGGGGHHHH", left)).is).toBe("right");
    expect(entry.hashes).toHaveLength(2);
  });

  test("that is wrong is hashed once, not once a code", async () => {
    const rig = toolsOf();
    expect(await check("ZZZZZZZZZZZZZZZZ", entry, rig)).toEqual({ is: "wrong" });
    expect(rig.asked).toEqual([`unwrap ${entry.salt}`, "hash ZZZZZZZZZZZZZZZZ"]);
  });

  test("opens nothing where another user's salt was put", async () => {
    await expect(check("AAAABBBBCCCCDDDD", entry, toolsOf('["user","43"]'))).rejects.toThrow("belongs elsewhere");
  });

  test("is warned about from three on, and told as used", async () => {
    const told: unknown[] = [];
    const texts = ["AAAA", "BBBB", "CCCC", "DDDD", "EEEE"].map((four) => four.repeat(4));
    let left = { ...entry, hashes: texts.map(hashOf) };
    for (const text of texts) {
      const verdict = await check(text, left);
      if (verdict.is !== "right") throw new Error(`It was ${verdict.is}`);
      told.push(verdict.events?.map((event) => `${event.type} ${"remaining" in event && event.remaining}`));
      left = verdict.left as typeof entry;
    }
    const low = [3, 2, 1, 0].map((count) => [`recovery-code-used ${count}`, `recovery-codes-low ${count}`]);
    expect(told).toEqual([["recovery-code-used 4"], ...low]);
  });

  test("is read as sixteen characters of base32 alone", () => {
    const read = (code: string) => factor.read({ code, fields: {} });
    expect(read("ABCD2345EFGH67WX")).toBe("ABCD2345EFGH67WX");
    for (const code of ["123456", "ABCD2345EFGH670X", "ABCD2345EFGH67W", "ABCD2345EFGH67WXY", "abcd2345efgh67wx"])
      expect(read(code)).toBeUndefined();
    expect(factor.read({ fields: { code: "ABCD2345EFGH67WX" } })).toBeUndefined();
  });
});

describe("a set of recovery codes", () => {
  test("is nothing to check where none is left, and the last one not just used", () => {
    expect(factor.isLive?.(entry, now)).toBe(true);
    const none = { ...entry, hashes: [], spent: { hash: hashOf("EEEEFFFFGGGGHHHH"), at: now } };
    expect(factor.isLive?.({ ...entry, hashes: [] } as typeof entry, now)).toBe(false);
    expect(factor.isLive?.(none, now + 60)).toBe(true);
    expect(factor.isLive?.(none, now + 61)).toBe(false);
  });

  test("tells how many are left, and no hash and no salt", () => {
    expect(factor.describe(entry)).toEqual({ addedAt: now, remaining: 2, low: true });
  });

  test("is made with one salt, which is wrapped, and each code is right once", async () => {
    const { tools } = toolsOf();
    const issued = await factor.issue?.(tools);
    expect(new Set(issued?.texts).size).toBe(10);
    for (const text of issued?.texts ?? []) expect(text).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
    const made = issued?.entry as typeof entry;
    expect(made).toEqual({ ...entry, salt: expect.stringMatching(/^new\.wrapped/), hashes: expect.any(Array) });
    expect(tools.unwrap(made.salt)).toMatch(/^[\w-]{8}$/);
    for (const text of issued?.texts ?? []) expect((await check(text, made)).is).toBe("right");
  });

  test("comes under the first key with the same codes, also from the salt in the clear of version 1", async () => {
    const { tools } = toolsOf();
    const old = { ...entry, salt: entry.salt.replace("new.", "old.") };
    const { salt: _, ...rest } = entry;
    const plain = { ...rest, plainSalt: "salt" };
    for (const held of [old, plain]) {
      expect(factor.sealed?.isCurrent(held, tools)).toBe(false);
      expect((await factor.check(held, "AAAABBBBCCCCDDDD", tools)).is).toBe("right");
      expect(await factor.sealed?.renewed(held, tools)).toEqual(entry);
    }
    expect(factor.sealed?.isCurrent(entry, tools)).toBe(true);
  });
});
