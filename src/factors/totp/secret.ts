import { base32nopad } from "@scure/base";

/** RFC 4226 §4 R6: at least 128 bits, and 160 are recommended. Below, it verifies, and is to be replaced. */
const recommendedBytes = 16;
/** What older libraries and authenticator apps made: 16 characters. Below that anybody can try them all. */
export const leastSecretBytes = 10;

export type ReadSecret = { secret: string; isShort: boolean } | { why: string };

/**
 * A TOTP key as apps keep it: base32 (RFC 4648), in either case, in groups or not, with padding or without.
 * @returns it as this library writes it, or why it is none; never the text itself, which may be a secret all the same
 */
export function readSecret(text: string): ReadSecret {
  const plain = text.replaceAll(/[\s-]/g, "").replace(/=+$/, "").toUpperCase();
  if (plain === "") return { why: "there is no secret" };
  let bytes: Uint8Array;
  try {
    bytes = base32nopad.decode(plain);
  } catch {
    return { why: "its secret is no base32" };
  }
  if (bytes.length < leastSecretBytes)
    return { why: `its secret has ${bytes.length * 8} bits, and less than ${leastSecretBytes * 8} protect nobody` };
  return { secret: base32nopad.encode(bytes), isShort: bytes.length < recommendedBytes };
}
