import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { TwoFactorError } from "../errors";
import type { EncryptionKey } from "./key-ring";

/**
 * Encrypts short texts that a record has many of, in 60 characters where a sealed secret takes 400. For what protects
 * nothing by itself, such as a salt; secrets are for the secret box, whose keys can be in a key service.
 */
export interface Wrapper {
  wrap(text: string, context: readonly string[]): string;
  /** @throws TwoFactorError `MISCONFIGURED`: the key is not here, the text is damaged, or it belongs elsewhere */
  unwrap(wrapped: string, context: readonly string[]): string;
  /** `false`: made with another than the first key. */
  readonly isCurrent: (wrapped: string) => boolean;
  /** `true`: made with one of the keys behind the first, which cannot be taken away yet. */
  readonly needsOldKey: (wrapped: string) => boolean;
}

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @param keys the first wraps, all unwrap; each is stretched to a key of its own for this use by HKDF (RFC 5869). */
export function wrapperFromKeys(keys: readonly EncryptionKey[]): Wrapper {
  const [current] = keys;
  if (current === undefined) {
    throw new TwoFactorError("MISCONFIGURED", "There is no key to wrap with: set otpSecretEncryptionKey");
  }
  const derived = new Map(keys.map(({ id, bytes }) => [id, derive(bytes)]));
  const keyOf = (id: string): Buffer => {
    const key = derived.get(id);
    if (key !== undefined) return key;
    const fix = "add that key to otpSecretEncryptionKey (or cookie.secret) again, behind the first";
    throw new TwoFactorError(
      "MISCONFIGURED",
      `A stored text was wrapped with key ${id}, which is not configured: ${fix}`,
    );
  };

  return {
    wrap(text, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, keyOf(current.id), nonce).setAAD(boundTo(context));
      const parts = [nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()];
      return `${current.id}.${Buffer.concat(parts).toString("base64url")}`;
    },
    unwrap(wrapped, context) {
      const { id, bytes } = split(wrapped);
      const key = keyOf(id);
      try {
        const nonce = bytes.subarray(0, NONCE_BYTES);
        const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
        decipher.setAAD(boundTo(context)).setAuthTag(bytes.subarray(-TAG_BYTES));
        const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString("utf8");
      } catch (cause) {
        throw new TwoFactorError("MISCONFIGURED", "A wrapped text is damaged, or was found where it does not belong", {
          cause,
        });
      }
    },
    isCurrent: (wrapped) => wrapped.startsWith(`${current.id}.`),
    needsOldKey(wrapped) {
      const [id = ""] = wrapped.split(".", 1);
      return id !== current.id && derived.has(id);
    },
  };
}

/** One spelling alone: Node skips what it does not know. */
function split(wrapped: string): { id: string; bytes: Buffer } {
  const [, id, body] = /^([0-9a-f]{8})\.([\w-]+)$/.exec(wrapped) ?? [];
  const bytes = Buffer.from(body ?? "", "base64url");
  if (id === undefined || bytes.toString("base64url") !== body) {
    throw new TwoFactorError("MISCONFIGURED", "A wrapped text is damaged: it was cut or changed");
  }
  return { id, bytes };
}

const derive = (key: Uint8Array): Buffer => Buffer.from(hkdfSync("sha256", key, "", "express-two-factor wrap", 32));

/** A JSON array keeps ["a", "bc"] and ["ab", "c"] apart, and escapes lone surrogates, which UTF-8 would merge. */
const boundTo = (context: readonly string[]): Buffer => Buffer.from(JSON.stringify(context));
