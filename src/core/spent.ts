import type { TwoFactorRecord } from "./record";

type Spent = NonNullable<TwoFactorRecord["spent"]>;

/** Of 32 random bytes in base64url the first 16 say which it was: 96 bits. */
const short = (challenge: string): string => challenge.slice(0, 16);

/** It was answered and accepted before; a session in a cookie can bring it again. */
export const isSpent = (record: TwoFactorRecord, challenge: string): boolean =>
  record.spent?.some(([name]) => name === short(challenge)) === true;

/** Kept until it expires by itself, and no longer. */
export function withSpent(
  record: TwoFactorRecord,
  challenge: { readonly value: string; readonly expiresAt: number },
  now: number,
): TwoFactorRecord {
  const live: Spent = (record.spent ?? []).filter(([, expiresAt]) => expiresAt > now);
  return { ...record, spent: [...live, [short(challenge.value), challenge.expiresAt]] };
}
