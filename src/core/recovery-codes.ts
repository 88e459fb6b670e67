/** One salt a set (a guess costs one scrypt, not ten), and the hashes of the codes still unused. */
export interface RecoveryCodes {
  /** Wrapped for this user, so that without the key of the ring no code can be checked; in the clear in older records. */
  salt: string;
  hashes: readonly string[];
  createdAt: number;
}

/** At this many or fewer the user is warned. */
export const fewRecoveryCodes = 3;

export const withoutCode = (codes: RecoveryCodes, hash: string): RecoveryCodes => ({
  ...codes,
  hashes: codes.hashes.filter((kept) => kept !== hash),
});

/** As a person reads and types it: `ABCD-EFGH-IJKL-MNOP`. */
export const groupsOfFour = (text: string, separator: string): string => (text.match(/.{1,4}/g) ?? []).join(separator);
