import { scryptSync } from "node:crypto";
import { afterEach, describe, expect, test, vi } from "vitest";
import { hashRecoveryCode } from "../../src/crypto/recovery-hash";

/** Lets a test see when each computation starts, and hold it there; the computation itself is Node's. */
const gauge = vi.hoisted(() => ({ running: 0, most: 0, started: [] as string[] }));
vi.mock(import("node:crypto"), async (original) => {
  const crypto = await original();
  const scrypt = ((
    code: string,
    salt: string,
    bytes: number,
    cost: object,
    done: (e: Error | null, h: Buffer) => void,
  ) => {
    gauge.running += 1;
    gauge.most = Math.max(gauge.most, gauge.running);
    gauge.started.push(code);
    crypto.scrypt(code, salt, bytes, cost, (error, hash) => {
      gauge.running -= 1;
      done(error, hash);
    });
  }) as typeof crypto.scrypt;
  return { ...crypto, default: crypto, scrypt };
});

afterEach(() => {
  Object.assign(gauge, { running: 0, most: 0, started: [] });
});

describe("the hash of a recovery code", () => {
  test("is scrypt with N 16384, r 8, p 1, 16 bytes as base64url", async () => {
    const expected = scryptSync("ABCDEFGHIJKLMNOP", "salt", 16, { N: 16_384, r: 8, p: 1 }).toString("base64url");
    expect(await hashRecoveryCode("ABCDEFGHIJKLMNOP", "salt")).toBe(expected);
  });

  test("differs for another salt and for another code", async () => {
    const [one, salted, other] = await Promise.all([
      hashRecoveryCode("ABCDEFGHIJKLMNOP", "salt"),
      hashRecoveryCode("ABCDEFGHIJKLMNOP", "pepper"),
      hashRecoveryCode("ABCDEFGHIJKLMNOQ", "salt"),
    ]);
    expect(new Set([one, salted, other]).size).toBe(3);
  });

  test("is computed for two at once and no more, in the order they came", async () => {
    const codes = Array.from({ length: 9 }, (_, index) => `CODE${index}`);
    await Promise.all(codes.map((code) => hashRecoveryCode(code, "salt")));
    expect(gauge.most).toBe(2);
    expect(gauge.started).toEqual(codes);
  });

  test("a computation that fails gives its place back", async () => {
    const wrong = undefined as unknown as string;
    const failures = await Promise.allSettled(Array.from({ length: 5 }, () => hashRecoveryCode("CODE", wrong)));
    expect(failures.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => "rejected"));
    expect(await hashRecoveryCode("CODE", "salt")).toMatch(/^[\w-]{22}$/);
  });
});
