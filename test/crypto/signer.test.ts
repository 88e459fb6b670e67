import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { signerFromKeys } from "../../src/crypto/signer";

const [one, other] = [randomBytes(32), randomBytes(32)];
const signer = signerFromKeys([one]);
const anyText = fc.string({ unit: "binary" }).chain((text) => fc.constantFrom(text, `${text}\ud800`, `\0${text}`));

describe("a signature", () => {
  test("is HMAC-SHA-256 under a key made by HKDF for the purpose: 43 base64url characters, the same every time", () => {
    const fixed = signerFromKeys([new Uint8Array(32).fill(1)]);
    expect(fixed.sign("cookie", ["user", "42"])).toBe("_zM7pBkbOEphp0gNJjUV_PSehafayYAHlQ6tTRJVERU");
  });

  test("verifies for the parts and the purpose it was made for", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(anyText), (purpose, parts) => {
        expect(signer.verify(purpose, parts, signer.sign(purpose, parts))).toBe(true);
      }),
    );
  });

  test("verifies for no other parts", () => {
    fc.assert(
      fc.property(fc.array(anyText), fc.array(anyText), (parts, wrong) => {
        fc.pre(parts.length !== wrong.length || parts.some((part, index) => part !== wrong[index]));
        expect(signer.verify("cookie", wrong, signer.sign("cookie", parts))).toBe(false);
      }),
    );
  });

  test.each([
    ["a boundary moved", ["a", "bc"], ["ab", "c"]],
    ["a part split by the separator", ['a","b'], ["a", "b"]],
    ["an empty part less", ["a", ""], ["a"]],
    ["another lone surrogate", ["\ud800"], ["\udfff"]],
    ["the replacement character for a surrogate", ["\ud800"], ["\ufffd"]],
    ["another normal form", ["\u00e9"], ["e\u0301"]],
  ])("tells %s", (_, parts, wrong) => {
    expect(signer.verify("cookie", wrong, signer.sign("cookie", parts))).toBe(false);
  });

  test("of one purpose does not verify for another, nor under another key", () => {
    const signature = signer.sign("cookie", ["a"]);
    expect(signer.verify("session", ["a"], signature)).toBe(false);
    expect(signerFromKeys([other]).verify("cookie", ["a"], signature)).toBe(false);
  });

  test("is made with the first key and verified with all, so that keys can be exchanged", () => {
    const exchanged = signerFromKeys([other, one]);
    expect(exchanged.verify("cookie", ["a"], signer.sign("cookie", ["a"]))).toBe(true);
    expect(signer.verify("cookie", ["a"], exchanged.sign("cookie", ["a"]))).toBe(false);
    expect(exchanged.sign("cookie", ["a"])).toBe(signerFromKeys([other]).sign("cookie", ["a"]));
  });

  test("with any one character changed does not verify, nor spelled another way", () => {
    const signature = signer.sign("cookie", ["a"]);
    for (let index = 0; index < signature.length; index += 1) {
      for (const character of ["A", "B", "C", "D", "=", "é", "\0"]) {
        const changed = signature.slice(0, index) + character + signature.slice(index + 1);
        expect(signer.verify("cookie", ["a"], changed)).toBe(changed === signature);
      }
    }
    for (const changed of [`${signature}=`, ` ${signature}`, `${signature}\n`, signature.toUpperCase()]) {
      expect(signer.verify("cookie", ["a"], changed)).toBe(false);
    }
  });

  test("that is odd input is false and never an error", () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (parts, signature) => {
        expect(signer.verify("cookie", parts as string[], signature as string)).toBe(false);
        expect(signer.verify("cookie", ["a"], signature as string)).toBe(false);
        expect(signer.verify("cookie", parts as string[], signer.sign("cookie", ["a", "b"]))).toBe(false);
      }),
    );
  });

  test("needs a key", () => {
    expect(() => signerFromKeys([])).toThrow(/no key to sign with/);
    expect(() => signerFromKeys([one, new Uint8Array()])).toThrow(/no key to sign with/);
  });
});
