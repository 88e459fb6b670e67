import type { TwoFactorRecord } from "./record";

type Spent = NonNullable<TwoFactorRecord["spent"]>;

/** What a session asks a device, once. */
export interface Challenge {
  /** 32 random bytes in base64url. */
  readonly value: string;
  /** Unix seconds. */
  readonly expiresAt: number;
}

/**
 * Two clocks of one store may be a minute apart: the one that asked and the one that forgets each count for that much.
 * Forgotten sooner, a challenge would be good again where the slower clock says that it is.
 */
const clockSlackSeconds = 120;
/** 32 bytes each. Somebody who uses a key every seven seconds waits; nobody else comes here, for it takes right answers. */
const mostSpent = 60;

/** Of 32 random bytes in base64url the first 16 say which it was: 96 bits. */
const short = (challenge: string): string => challenge.slice(0, 16);

const liveOf = (record: TwoFactorRecord | undefined, now: number): Spent =>
  (record?.spent ?? []).filter(([, expiresAt]) => expiresAt + clockSlackSeconds > now);

/** It was answered and accepted before; a session in a cookie can bring it again. */
export const isSpent = (record: TwoFactorRecord, challenge: string): boolean =>
  record.spent?.some(([name]) => name === short(challenge)) === true;

/** Seconds until one more can be accepted, 0: now. What was accepted is never forgotten early, so the record would grow. */
export function spentWait(record: TwoFactorRecord | undefined, now: number): number {
  const live = liveOf(record, now);
  if (live.length < mostSpent) return 0;
  return Math.min(...live.map(([, expiresAt]) => expiresAt)) + clockSlackSeconds - now;
}

/** Kept until it expires by itself on every clock, and no longer. */
export const withSpent = (record: TwoFactorRecord, challenge: Challenge, now: number): TwoFactorRecord => ({
  ...record,
  spent: [...liveOf(record, now), [short(challenge.value), challenge.expiresAt]],
});
