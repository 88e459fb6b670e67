import { createHash } from "node:crypto";
import { groupsOfFour, type RecoveryCodes } from "../core/recovery-codes";
import type { TwoFactorRecord } from "../core/record";
import type { Subject } from "../core/user-id";
import { randomRecoveryCode, randomToken } from "../crypto/random";
import { hashRecoveryCode } from "../crypto/recovery-hash";
import type { SecretBox } from "../crypto/secret-box";
import type { Signer } from "../crypto/signer";
import type { Wrapper } from "../crypto/wrapper";
import { withinSeconds } from "./patience";

/** A key service (KMS) may hang like any other. */
export function patientBox(box: SecretBox, seconds: number): SecretBox {
  return {
    seal: (plaintext, context) => withinSeconds(seconds, "The key service", () => box.seal(plaintext, context)),
    open: (sealed, context) => withinSeconds(seconds, "The key service", () => box.open(sealed, context)),
    isCurrent: (sealed) => box.isCurrent(sealed),
    needsOldKey: (sealed) => box.needsOldKey(sealed),
  };
}

/** NIST SP 800-63B-4 §3.1.1.2 asks for 32 bits; the user is hashed along, so only sets of one user must differ by it. */
const saltBytes = 6;

/** Of sets made before salts were wrapped: 16 bytes. What is neither that nor wrapped is damaged. */
const plainSalt = /^[\w-]{22}$/;

/** Everything cryptographic that the service does, each bound to one user and one purpose. */
export type Suite = ReturnType<typeof createSuite>;

export function createSuite(box: SecretBox, signer: Signer, wrapper: Wrapper) {
  const liveContext = ({ scope, id }: Subject) => ({ scope, userId: id, purpose: "totp" });
  const pendingContext = ({ scope, id }: Subject, epoch: string) => ({ scope, userId: id, purpose: "setup", epoch });
  const saltContext = ({ scope, id }: Subject) => [scope, id, "recovery-codes"];
  /** A salt in the clear names no key, so the secret beside it has to open: else the set is another app's. */
  async function openSalt(subject: Subject, salt: string, secretBeside: string): Promise<string> {
    if (!plainSalt.test(salt)) return wrapper.unwrap(salt, saltContext(subject));
    await box.open(secretBeside, liveContext(subject));
    return salt;
  }
  // A set of hashes copied to another user's record opens nothing there.
  const hashCode = (subject: Subject, code: string, salt: string): Promise<string> =>
    hashRecoveryCode(code, `${salt}.${subject.key}`);

  return {
    sealLive: (subject: Subject, secret: string) => box.seal(secret, liveContext(subject)),
    openLive: (subject: Subject, sealed: string) => box.open(sealed, liveContext(subject)),
    /** Something of the record is under a key behind the first. */
    needsOldKey: ({ totp, recoveryCodes }: TwoFactorRecord): boolean =>
      (totp !== undefined && box.needsOldKey(totp.secret)) ||
      (recoveryCodes !== undefined && wrapper.needsOldKey(recoveryCodes.salt)),

    /**
     * All of the record under the first key; the very same record where it is.
     * @throws TwoFactorError where a key is gone
     */
    async resealed(subject: Subject, record: TwoFactorRecord): Promise<TwoFactorRecord> {
      const { totp, recoveryCodes } = record;
      let next = record;
      if (totp !== undefined && !box.isCurrent(totp.secret)) {
        const secret = await box.open(totp.secret, liveContext(subject));
        next = { ...next, totp: { ...totp, secret: await box.seal(secret, liveContext(subject)) } };
      }
      if (totp !== undefined && recoveryCodes !== undefined && !wrapper.isCurrent(recoveryCodes.salt)) {
        const salt = await openSalt(subject, recoveryCodes.salt, totp.secret);
        next = { ...next, recoveryCodes: { ...recoveryCodes, salt: wrapper.wrap(salt, saltContext(subject)) } };
      }
      return next;
    },

    sealPending: (subject: Subject, secret: string, epoch: string) => box.seal(secret, pendingContext(subject, epoch)),
    openPending: (subject: Subject, sealed: string, epoch: string) => box.open(sealed, pendingContext(subject, epoch)),

    /** One scrypt a salt, however often a submission is judged anew because somebody was faster. */
    recoveryHasher() {
      const known = new Map<string, Promise<string>>();
      return (subject: Subject, code: string, salt: string, secretBeside: string): Promise<string> => {
        const opened = async () => hashCode(subject, code, await openSalt(subject, salt, secretBeside));
        const hash = known.get(salt) ?? opened();
        known.set(salt, hash);
        return hash;
      };
    },

    /** New codes: the texts to show once, and what the record keeps. */
    async newRecoveryCodes(
      subject: Subject,
      count: number,
      now: number,
    ): Promise<{ texts: readonly string[]; kept: RecoveryCodes }> {
      const codes = Array.from({ length: count }, randomRecoveryCode);
      const salt = randomToken(saltBytes);
      const hashes = await Promise.all(codes.map((code) => hashCode(subject, code, salt)));
      const kept = { salt: wrapper.wrap(salt, saltContext(subject)), hashes, createdAt: now };
      return { texts: codes.map((code) => groupsOfFour(code, "-")), kept };
    },

    hashDirectCode: ({ scope, id }: Subject, code: string) => signer.sign("direct-code", [scope, id, code]),
    isDirectCode: ({ scope, id }: Subject, code: string, hash: string) =>
      signer.verify("direct-code", [scope, id, code], hash),

    /** The remember cookie: epoch, random token, signature over both and the user. */
    signBrowser: ({ scope, id }: Subject, epoch: string, token: string) =>
      `${epoch}.${token}.${signer.sign("remember", [scope, id, epoch, token])}`,

    /** @returns the hash that the record knows this browser by; `undefined` for what we did not sign for this user */
    readBrowser({ scope, id }: Subject, cookie: string | undefined): { epoch: string; hash: string } | undefined {
      const [epoch, token, signature, ...more] = cookie?.split(".") ?? [];
      if (epoch === undefined || token === undefined || signature === undefined || more.length > 0) return undefined;
      if (!signer.verify("remember", [scope, id, epoch, token], signature)) return undefined;
      return { epoch, hash: hashBrowserToken(token) };
    },
    hashBrowserToken,
  };
}

/** Of 128 random bits, so a fast hash will do (ASVS 5.0 6.5.2 asks a slow one below 112). */
const hashBrowserToken = (token: string): string => createHash("sha256").update(token).digest("base64url").slice(0, 22);
