import { buildDecrypt } from "@aws-crypto/decrypt-node";
import { buildEncrypt } from "@aws-crypto/encrypt-node";
import {
  AlgorithmSuiteIdentifier,
  CommitmentPolicy,
  type EncryptionContext,
  KeyringNode,
} from "@aws-crypto/material-management-node";
import { RawAesKeyringNode, RawAesWrappingSuiteIdentifier } from "@aws-crypto/raw-aes-keyring-node";
import { type ProblemCode, TwoFactorError } from "../errors";
import type { EncryptionKey } from "./key-ring";

/** What a ciphertext belongs to. It opens only where all of it is the same. */
export interface SecretContext {
  scope: string;
  userId: string;
  purpose: string;
  epoch?: string;
}

/** Keeps secrets encrypted at rest, each bound to its user and purpose (ASVS 5.0 11.3.3, 14.2.6). */
export interface SecretBox {
  seal(plaintext: string, context: SecretContext): Promise<string>;
  /** @throws TwoFactorError: the key is not here, the text is damaged, or it belongs to another context. */
  open(sealed: string, context: SecretContext): Promise<string>;
  /** `false`: made with another than the first key, so seal it anew on occasion. */
  readonly isCurrent: (sealed: string) => boolean;
  /** `true`: made with one of the keys behind the first, which cannot be taken away yet. */
  readonly needsOldKey: (sealed: string) => boolean;
}

interface Opener {
  keyring: KeyringNode;
  /** A local key fails only on bad input; a key service also when it is down, which passes. */
  failsAs: ProblemCode;
}

/** Unsigned: whoever holds the key may both seal and open, so a signature would add 2 ms and prove nothing. */
const SUITE = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
const KEY_NAMESPACE = "2fa";
const CONTEXT_NAME = "c";
/** Set by the SDK itself, as with a signed suite that a host's keyring may bring. */
const SDK_RESERVED = "aws-crypto-";
const HOST_KEYRING_ID = "keyring";
/** A multi-region keyring wraps for every region; a message that asks for more calls to the key service is not ours. */
const MAX_HOST_DATA_KEYS = 10;

/**
 * @param keys from {@link parseEncryptionKeys}: the first seals, all open.
 * @throws TwoFactorError when there is none.
 */
export function secretBoxFromKeys(keys: readonly EncryptionKey[]): SecretBox {
  const [current] = keys;
  if (current === undefined) {
    throw new TwoFactorError("MISCONFIGURED", "There is no key to encrypt with: set otpSecretEncryptionKey");
  }
  const openers = keys.map(
    ({ id, bytes }) => [id, { keyring: aesKeyring(id, bytes), failsAs: "MISCONFIGURED" }] as const,
  );
  return secretBox(current.id, new Map(openers), 1);
}

/**
 * @param keyring the host's own, such as `KmsKeyringNode`; which of its keys are current is its own affair.
 * @throws TwoFactorError for one of another copy of the SDK: ours would refuse it at the first secret.
 */
export function secretBoxFromKeyring(keyring: KeyringNode): SecretBox {
  if (!(keyring instanceof KeyringNode)) throw foreignKeyring();
  const opener: Opener = { keyring, failsAs: "STORE_UNAVAILABLE" };
  return secretBox(HOST_KEYRING_ID, new Map([[HOST_KEYRING_ID, opener]]), MAX_HOST_DATA_KEYS);
}

function aesKeyring(id: string, bytes: Uint8Array): KeyringNode {
  return new RawAesKeyringNode({
    keyNamespace: KEY_NAMESPACE,
    keyName: id,
    // An array of its own: the SDK refuses a pooled Buffer, and the caller may clear his.
    unencryptedMasterKey: new Uint8Array(bytes),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
}

/** Sealed text is `<key id>.<base64url of the SDK's message>`: the id names a missing key, which the SDK cannot. */
function secretBox(currentId: string, openers: ReadonlyMap<string, Opener>, maxEncryptedDataKeys: number): SecretBox {
  const policy = { commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT, maxEncryptedDataKeys };
  const { encrypt } = buildEncrypt(policy);
  const { decrypt } = buildDecrypt(policy);
  const current = openers.get(currentId) as Opener;
  return {
    async seal(plaintext, context) {
      const options = { suiteId: SUITE, encryptionContext: { [CONTEXT_NAME]: contextValue(context) } };
      const { result } = await encrypt(current.keyring, Buffer.from(plaintext), options).catch((cause: unknown) => {
        throw new TwoFactorError(current.failsAs, `Key ${currentId} could not encrypt a secret`, { cause });
      });
      return `${currentId}.${result.toString("base64url")}`;
    },
    async open(sealed, context) {
      const { keyId, message } = split(sealed);
      const opener = openers.get(keyId);
      if (opener === undefined) throw missingKey(keyId);
      let opened: Awaited<ReturnType<typeof decrypt>>;
      try {
        opened = await decrypt(opener.keyring, message);
      } catch (cause) {
        throw new TwoFactorError(opener.failsAs, `A secret sealed with key ${keyId} does not open`, { cause });
      }
      requireContext(opened.messageHeader.encryptionContext, contextValue(context));
      return opened.plaintext.toString("utf8");
    },
    isCurrent: (sealed) => sealed.startsWith(`${currentId}.`),
    needsOldKey: (sealed) => {
      const [keyId = ""] = sealed.split(".", 1);
      return keyId !== currentId && openers.has(keyId);
    },
  };
}

/** JSON keeps the four apart whatever they contain, and escapes what UTF-8 cannot carry. Kept short: it is stored. */
function contextValue({ scope, userId, purpose, epoch }: SecretContext): string {
  return JSON.stringify(epoch === undefined ? [scope, userId, purpose] : [scope, userId, purpose, epoch]);
}

/** The SDK proves that the context is the one sealed, and leaves it to us whether it is the one expected. */
function requireContext(actual: Readonly<EncryptionContext>, expected: string): void {
  const others = Object.keys(actual).some((name) => name !== CONTEXT_NAME && !name.startsWith(SDK_RESERVED));
  if (!others && actual[CONTEXT_NAME] === expected) return;
  throw new TwoFactorError(
    "MISCONFIGURED",
    "A secret was found where it does not belong: another user, scope or purpose",
  );
}

function split(sealed: string): { keyId: string; message: Uint8Array } {
  const [, keyId, text] = /^([0-9a-z]{1,16})\.([\w-]+)$/.exec(sealed) ?? [];
  const message = Buffer.from(text ?? "", "base64url");
  if (keyId === undefined || message.toString("base64url") !== text) {
    throw new TwoFactorError("MISCONFIGURED", "A stored secret is damaged: it is not a sealed text");
  }
  return { keyId, message };
}

function foreignKeyring(): TwoFactorError {
  return new TwoFactorError(
    "MISCONFIGURED",
    "`keyring` is no keyring of the copy of the AWS Encryption SDK that express-two-factor uses: install " +
      "@aws-crypto/client-node 5 beside it, and see that `npm ls @aws-crypto/material-management` shows one version",
  );
}

function missingKey(keyId: string): TwoFactorError {
  const fix =
    keyId === HOST_KEYRING_ID
      ? "give the keyring again"
      : "add that key to otpSecretEncryptionKey again, behind the first (comma-separated)";
  return new TwoFactorError("MISCONFIGURED", `A secret was sealed with key ${keyId}, which is not configured: ${fix}`);
}
