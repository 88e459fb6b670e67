import { createDecipheriv, pbkdf2Sync } from "node:crypto";

/** The three columns that the gem two_factor_authentication keeps a secret in, as they stand in the database. */
export interface GemColumns {
  encrypted: string;
  iv: string;
  salt: string;
}

const rounds = 2000;
const [keyBytes, ivBytes] = [32, 16];

/**
 * Opens a secret of the gem's: AES-256-CBC, its key by PBKDF2-HMAC-SHA1 from the gem's own `otp_secret_encryption_key` and
 * the row's salt; each column in base64, the salt's behind an underscore.
 * @returns the text within; `undefined` where the key is another one, or the columns are damaged
 */
export function openGemSecret({ encrypted, iv, salt }: GemColumns, key: string): string | undefined {
  const vector = Buffer.from(iv, "base64");
  if (vector.length !== ivBytes) return undefined;
  const salted = salt.startsWith("_") ? Buffer.from(salt.slice(1), "base64") : Buffer.from(salt);
  try {
    const decipher = createDecipheriv("aes-256-cbc", pbkdf2Sync(key, salted, rounds, keyBytes, "sha1"), vector);
    const opened = Buffer.concat([decipher.update(Buffer.from(encrypted, "base64")), decipher.final()]);
    return new TextDecoder("utf-8", { fatal: true }).decode(opened);
  } catch {
    // A wrong key mostly shows in the padding, and else in what is no base32.
    return undefined;
  }
}
