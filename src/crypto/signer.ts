import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { TwoFactorError } from "../errors";

/** Signs short texts that leave the server and come back, such as a cookie. */
export interface Signer {
  /** @returns HMAC-SHA-256 of `parts` under a key of its own for `purpose`, as 43 base64url characters. */
  sign(purpose: string, parts: readonly string[]): string;
  /** Never throws: whatever is not a signature made for these parts is `false`. */
  verify(purpose: string, parts: readonly string[], signature: string): boolean;
}

const SIGNATURE_CHARACTERS = 43;

/**
 * @param keys the first signs, all verify; each is stretched to one key a purpose by HKDF (RFC 5869), so that no
 *   signature, and no other use of the key ring, can stand in for another.
 * @throws TwoFactorError when there is no key, or an empty one.
 */
export function signerFromKeys(keys: readonly Uint8Array[]): Signer {
  if (keys.length === 0 || keys.some((key) => key.length === 0)) {
    throw new TwoFactorError(
      "MISCONFIGURED",
      "There is no key to sign with: set otpSecretEncryptionKey or cookie.secret",
    );
  }
  const derived = new Map<string, readonly Buffer[]>();
  const keysFor = (purpose: string): readonly Buffer[] => {
    const known = derived.get(purpose);
    if (known !== undefined) return known;
    const fresh = keys.map((key) => derive(key, purpose));
    derived.set(purpose, fresh);
    return fresh;
  };
  return {
    sign: (purpose, parts) => signatureOf(keysFor(purpose)[0] as Buffer, parts),
    verify(purpose, parts, signature: unknown) {
      if (!isSignature(signature) || !isTexts(parts)) return false;
      const given = Buffer.from(signature);
      return keysFor(purpose).some((key) => timingSafeEqual(Buffer.from(signatureOf(key, parts)), given));
    },
  };
}

const derive = (key: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync("sha256", key, "", `express-two-factor sign ${purpose}`, 32));

/** A JSON array keeps ["a", "bc"] and ["ab", "c"] apart, and escapes lone surrogates, which UTF-8 would merge. */
const signatureOf = (key: Buffer, parts: readonly string[]): string =>
  createHmac("sha256", key).update(JSON.stringify(parts)).digest("base64url");

/** ASCII of the right length, as `timingSafeEqual` throws on buffers of two lengths. */
const isSignature = (value: unknown): value is string =>
  typeof value === "string" && value.length === SIGNATURE_CHARACTERS && /^[\w-]+$/.test(value);

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((part: unknown) => typeof part === "string");
