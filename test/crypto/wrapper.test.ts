import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generateEncryptionKey, parseEncryptionKeys } from "../../src/crypto/key-ring";
import { wrapperFromKeys } from "../../src/crypto/wrapper";
import { TwoFactorError } from "../../src/errors";

const ring = (...texts: string[]) => parseEncryptionKeys(texts.join(",")).keys;
const [old, current] = [generateEncryptionKey(), generateEncryptionKey()];
const context = ["user", "1", "recovery-codes"];

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof TwoFactorError && error.code === "MISCONFIGURED") return error.message;
    throw error;
  }
  throw new Error("It was opened");
}

describe("a wrapped text", () => {
  const wrapper = wrapperFromKeys(ring(current));
  const wrapped = wrapper.wrap("aYybqGZfwIRnfK8Uc_m2-g", context);

  test("comes back whole, whatever it is, and twice the same is never the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const whole = Buffer.from(text).toString("utf8");
        expect(wrapper.unwrap(wrapper.wrap(whole, context), context)).toBe(whole);
      }),
    );
    expect(wrapper.wrap("a", context)).not.toBe(wrapper.wrap("a", context));
  });

  test("is short", () => {
    expect(wrapped.length).toBeLessThanOrEqual(80);
  });

  test("opens for its own user, scope and purpose alone", () => {
    for (const other of [["user", "2", "recovery-codes"], ["admin", "1", "recovery-codes"], ["user", "1", "x"], []]) {
      expect(refusal(() => wrapper.unwrap(wrapped, other))).toMatch(/where it does not belong/);
    }
  });

  test("that is cut or changed anywhere is refused", () => {
    for (let length = 0; length < wrapped.length; length += 1)
      refusal(() => wrapper.unwrap(wrapped.slice(0, length), context));
    const [id, body = ""] = wrapped.split(".");
    const bytes = Buffer.from(body, "base64url");
    for (let place = 0; place < bytes.length; place += 1) {
      const changed = Buffer.from(bytes);
      changed[place] = (changed[place] ?? 0) ^ 1;
      refusal(() => wrapper.unwrap(`${id}.${changed.toString("base64url")}`, context));
    }
  });

  test("is spelled in one way: nothing may stand behind it, before it or within", () => {
    const [id, body = ""] = wrapped.split(".");
    const others = [
      "",
      ".",
      ` ${wrapped}`,
      `${wrapped}.x`,
      `${wrapped}=`,
      `${wrapped}!!`,
      `${wrapped}\n`,
      `${id}.*${body}`,
    ];
    for (const other of others) refusal(() => wrapper.unwrap(other, context));
    // 36 bytes are 48 characters: of one more Node takes no notice.
    const even = wrapper.wrap("8 bytes.", context);
    expect(wrapper.unwrap(even, context)).toBe("8 bytes.");
    refusal(() => wrapper.unwrap(`${even}A`, context));
  });

  test("under a key that is gone names it by its id", () => {
    const elsewhere = wrapperFromKeys(ring(old));
    expect(refusal(() => elsewhere.unwrap(wrapped, context))).toContain(wrapped.split(".")[0]);
  });

  test("under an old key still opens, and is known as such", () => {
    const both = wrapperFromKeys(ring(old, current));
    expect(both.unwrap(wrapped, context)).toBe("aYybqGZfwIRnfK8Uc_m2-g");
    expect([both.isCurrent(wrapped), both.needsOldKey(wrapped)]).toEqual([false, true]);
    expect([wrapper.isCurrent(wrapped), wrapper.needsOldKey(wrapped)]).toEqual([true, false]);
    expect(both.needsOldKey("no-wrapped-text")).toBe(false);
  });
});
