import { describe, expect, test } from "vitest";
import { randomDigits, randomRecoveryCode, randomToken } from "../../src/crypto/random";

/** Chi-squared of how often each symbol came, against all being as likely. */
function chiSquared(text: string, symbols: string): number {
  const expected = text.length / symbols.length;
  const counts = Array.from(symbols, (symbol) => text.split(symbol).length - 1);
  expect(counts.reduce((sum, count) => sum + count)).toBe(text.length);
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe("random values", () => {
  test("a token is 128 bits of base64url, or as many bytes as asked", () => {
    expect(randomToken()).toMatch(/^[\w-]{22}$/);
    expect(Buffer.from(randomToken(32), "base64url")).toHaveLength(32);
    expect(new Set(Array.from({ length: 1000 }, () => randomToken())).size).toBe(1000);
  });

  test("a recovery code is 16 base32 characters, each as likely as any other", () => {
    expect(randomRecoveryCode()).toMatch(/^[A-Z2-7]{16}$/);
    const text = Array.from({ length: 4000 }, randomRecoveryCode).join("");
    // 31 degrees of freedom: 93 is passed by chance once in ten million runs.
    expect(chiSquared(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")).toBeLessThan(93);
  });

  test("digits have the length asked, leading zeros included, each as likely as any other", () => {
    for (const length of [1, 6, 8, 10]) expect(randomDigits(length)).toMatch(new RegExp(`^\\d{${length}}$`));
    const codes = Array.from({ length: 50_000 }, () => randomDigits(6));
    expect(codes.some((code) => code.startsWith("0"))).toBe(true);
    // 9 degrees of freedom; a random byte modulo 10 would give about 110, and 51 is passed by chance once in ten million runs.
    expect(chiSquared(codes.join(""), "0123456789")).toBeLessThan(51);
  });
});
