import { createSecretKey, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { generateEncryptionKey, parseEncryptionKeys } from "../../src/crypto/key-ring";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => new Set(bytes).size > 1);
const problemOf = (text: string | undefined) => parseEncryptionKeys(text).problems.join("\n");

describe("encryption keys", () => {
  test("a generated key is accepted, and no two are equal", () => {
    const keys = Array.from({ length: 50 }, generateEncryptionKey);
    const parsed = parseEncryptionKeys(keys.join(","));
    expect(parsed.problems).toEqual([]);
    expect(new Set(parsed.keys.map(({ id }) => id)).size).toBe(50);
    expect(parsed.keys.map(({ bytes }) => Buffer.from(bytes).toString("base64"))).toEqual(keys);
  });

  test("base64 and base64url, with and without padding and spaces around commas, give the same key", () => {
    fc.assert(
      fc.property(bytes32, (bytes) => {
        const base64 = Buffer.from(bytes).toString("base64");
        const base64url = Buffer.from(bytes).toString("base64url");
        for (const text of [base64, base64.slice(0, -1), base64url, `${base64url}=`, ` ${base64}\n`]) {
          expect(parseEncryptionKeys(text)).toEqual({ keys: [{ id: expect.any(String), bytes }], problems: [] });
        }
      }),
    );
  });

  test("the order is kept, as the first key encrypts", () => {
    const [one, other] = [generateEncryptionKey(), generateEncryptionKey()];
    const [first, second] = parseEncryptionKeys(`${one} , ${other}`).keys;
    expect(parseEncryptionKeys(`${other},${one}`).keys).toEqual([second, first]);
  });

  test("the id is 8 hex characters that depend on the key alone, and shows none of its bytes", () => {
    const key = Buffer.alloc(32, "an example, not a key in use   ").toString("base64");
    expect(parseEncryptionKeys(key).keys[0]?.id).toBe("fae50eb2");
    expect(Buffer.from(key, "base64").toString("hex")).not.toContain("fae50eb2");
  });

  test("the bytes are an array of their own, since the SDK refuses a pooled Buffer", () => {
    const { bytes } = parseEncryptionKeys(generateEncryptionKey()).keys[0] ?? { bytes: new Uint8Array() };
    expect(bytes.buffer.byteLength).toBe(32);
    expect(Buffer.isBuffer(bytes)).toBe(false);
    expect(createSecretKey(bytes).symmetricKeySize).toBe(32);
  });

  test.each([
    ["nothing", undefined, /is missing.*generate-key/],
    ["blanks", "  ", /is missing.*generate-key/],
    ["a short key", randomBytes(31).toString("base64"), /has 31 bytes, 32 are needed.*generate-key/],
    ["a long key", randomBytes(33).toString("base64"), /has 33 bytes, 32 are needed/],
    ["hexadecimal", randomBytes(32).toString("hex"), /is hexadecimal/],
    ["a passphrase", "correct horse battery staple!", /is not proper base64/],
    ["a trailing comma", `${generateEncryptionKey()},`, /key 2 is empty: remove the comma/],
    ["two alphabets", `+-${generateEncryptionKey().slice(2)}`, /is not proper base64/],
  ])("%s is a problem with its fix", (_, text, problem) => {
    expect(problemOf(text)).toMatch(problem);
  });

  test("one byte repeated is a problem in production, and good enough to try things with", () => {
    const placeholder = Buffer.alloc(32, 7).toString("base64");
    expect(parseEncryptionKeys(placeholder)).toMatchObject({ keys: [{}], problems: [] });
    vi.stubEnv("NODE_ENV", "production");
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(problemOf(placeholder)).toMatch(/is one byte repeated/);
  });

  test("stray bits behind the last byte are refused, which Node would drop in silence", () => {
    const key = generateEncryptionKey();
    const stray = `${key.slice(0, 42)}${key[42] === "B" ? "C" : "B"}=`;
    expect(Buffer.from(stray, "base64")).toHaveLength(32);
    expect(problemOf(stray)).toMatch(/is not proper base64/);
  });

  test("the same key twice is a problem, however it is spelled", () => {
    const key = generateEncryptionKey();
    const twice = parseEncryptionKeys(`${key},${Buffer.from(key, "base64").toString("base64url")}`);
    expect(twice.keys).toHaveLength(1);
    expect(twice.problems.join()).toMatch(/key 2 repeats an earlier key \([0-9a-f]{8}\): remove it/);
  });

  test("every bad key has its own line, and the good ones are still given", () => {
    const { keys, problems } = parseEncryptionKeys(`short,${generateEncryptionKey()},,AAAA`);
    expect(keys).toHaveLength(1);
    expect(problems.map((line) => /key \d/.exec(line)?.[0])).toEqual(["key 1", "key 3", "key 4"]);
  });

  test("no problem repeats any part of a key", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8, unit: fc.constantFrom("A", "B", "C", "0", "1", "2", "+", "/", "-", "_", " ", "=") }),
        (text) => {
          const problems = problemOf(text);
          expect(text.split(" ").filter((word) => word.length >= 8 && problems.includes(word))).toEqual([]);
        },
      ),
    );
  });
});
