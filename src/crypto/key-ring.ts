import { hkdfSync, randomBytes } from "node:crypto";

/** One key of the ring. `id` is a fingerprint of 8 hex characters; it is not secret and stands beside each ciphertext. */
export interface EncryptionKey {
  id: string;
  bytes: Uint8Array;
}

const KEY_BYTES = 32;
const GENERATE = "make one with `npx express-two-factor generate-key`";

/** @returns a new key for `otpSecretEncryptionKey`: base64 of 32 random bytes (ASVS 5.0 11.5.1). */
export function generateEncryptionKey(): string {
  return randomBytes(KEY_BYTES).toString("base64");
}

/**
 * Reads `otpSecretEncryptionKey`: comma-separated base64 or base64url, each of exactly 32 bytes. The first key encrypts,
 * all decrypt.
 * @returns the good keys, and one line with its fix for each bad one; no line repeats any part of a key.
 */
export function parseEncryptionKeys(text: string | undefined): { keys: EncryptionKey[]; problems: string[] } {
  if (text === undefined || text.trim() === "") {
    return { keys: [], problems: [`otpSecretEncryptionKey (OTP_SECRET_ENCRYPTION_KEY) is missing: ${GENERATE}`] };
  }
  const keys: EncryptionKey[] = [];
  const problems: string[] = [];
  const parts = text.split(",").map((part) => part.trim());
  for (const [index, part] of parts.entries()) {
    const name = parts.length === 1 ? "otpSecretEncryptionKey" : `otpSecretEncryptionKey, key ${index + 1}`;
    const bytes = decode(part);
    const fault = faultOf(part, bytes);
    if (fault !== undefined) {
      problems.push(`${name} ${fault}`);
      continue;
    }
    const key = { id: fingerprint(bytes), bytes };
    if (keys.some(({ id }) => id === key.id)) problems.push(`${name} repeats an earlier key (${key.id}): remove it`);
    else keys.push(key);
  }
  return { keys, problems };
}

/** A fresh array: a pooled Buffer is refused by the SDK, and its memory is shared with the rest of the process. */
const decode = (part: string): Uint8Array => new Uint8Array(Buffer.from(part, "base64"));

function faultOf(part: string, bytes: Uint8Array): string | undefined {
  if (part === "") return "is empty: remove the comma";
  if (/^[0-9a-f]{64}$/i.test(part)) return `is hexadecimal, base64 is expected: convert it, or ${GENERATE}`;
  if (!isCanonical(part, bytes)) return `is not proper base64: copy it whole and unchanged, or ${GENERATE}`;
  if (bytes.length !== KEY_BYTES) return `has ${bytes.length} bytes, ${KEY_BYTES} are needed: ${GENERATE}`;
  if (isPlaceholder(bytes)) return `is one byte repeated, not a random key: ${GENERATE}`;
  return undefined;
}

/** Tests and first tries may have one; where it would protect somebody, it may not. */
const isPlaceholder = (bytes: Uint8Array): boolean =>
  process.env["NODE_ENV"] === "production" && bytes.every((byte) => byte === bytes[0]);

/** Node decodes anything, skipping what it does not know; a key that lost a character must not pass as another key. */
function isCanonical(part: string, bytes: Uint8Array): boolean {
  const base64 = Buffer.from(bytes).toString("base64");
  const base64url = base64.replaceAll("+", "-").replaceAll("/", "_");
  const spellings = [base64, base64url].flatMap((spelling) => [spelling, spelling.replaceAll("=", "")]);
  return spellings.includes(part);
}

/** Of a key's bytes; not secret. */
export function fingerprint(bytes: Uint8Array): string {
  return Buffer.from(hkdfSync("sha256", bytes, "", "express-two-factor key id", 4)).toString("hex");
}
