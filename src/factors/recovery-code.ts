import { withoutCode } from "../core/recovery-codes";
import type { Subject } from "../core/user-id";
import type { Factor } from "./factor";

/** The printed codes. `hash` is slow on purpose, and remembers within one submission what it has computed. */
export const recoveryCodeFactor = (
  hash: (subject: Subject, code: string, salt: string) => Promise<string>,
): Factor => ({
  async check(subject, { recoveryCodes }, shape) {
    if (recoveryCodes === undefined || recoveryCodes.hashes.length === 0 || !shape.recoveryCode) return undefined;
    const hashed = await hash(subject, shape.code, recoveryCodes.salt);
    // Compared as hashes of 80 random bits: how long that takes tells nothing about a code.
    if (!recoveryCodes.hashes.includes(hashed)) return { is: "wrong" };
    return {
      is: "right",
      method: "recovery-code",
      spend: (record) => ({ ...record, recoveryCodes: withoutCode(recoveryCodes, hashed) }),
    };
  },
});
