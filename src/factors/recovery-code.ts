import { withoutCode } from "../core/recovery-codes";
import type { Subject } from "../core/user-id";
import type { Factor } from "./factor";

/**
 * The printed codes. `hash` is slow on purpose, and remembers within one submission what it has computed; it rejects
 * where the set was made under a key that is not here.
 */
export const recoveryCodeFactor = (
  hash: (subject: Subject, code: string, salt: string, secretBeside: string) => Promise<string>,
): Factor => ({
  async check(subject, { totp, recoveryCodes }, shape) {
    if (totp === undefined || recoveryCodes === undefined) return undefined;
    if (recoveryCodes.hashes.length === 0 || !shape.recoveryCode) return undefined;
    const hashed = await hash(subject, shape.code, recoveryCodes.salt, totp.secret);
    // Compared as hashes of 80 random bits: how long that takes tells nothing about a code.
    if (!recoveryCodes.hashes.includes(hashed)) return { is: "wrong" };
    return {
      is: "right",
      method: "recovery-code",
      spend: (record) => ({ ...record, recoveryCodes: withoutCode(recoveryCodes, hashed) }),
    };
  },
});
