/** A code on its way or there, by mail or SMS. */
export interface SentCode {
  /** Keyed hash: the code itself is nowhere. */
  hash: string;
  expiresAt: number;
}

export interface DirectCode {
  current?: SentCode;
  /** Handed to the host's sender, which has not answered yet; good as well, for mail can be faster than its answer. */
  sending?: SentCode;
  sentAt: number;
  /** Since the last right code: the cool-down grows with it. */
  sends: number;
}

/** Codes sent in a row, without a right one, before only waiting helps. */
export const freeSends = 5;
const longestCoolDownSeconds = 3600;
const mostDoublings = 12;

/** Seconds until another code may be sent: the option's cool-down, doubling after five codes that were never used. */
export function secondsUntilResend(state: DirectCode | undefined, resendAfterSeconds: number, now: number): number {
  if (state === undefined) return 0;
  const doublings = Math.min(Math.max(0, state.sends - freeSends), mostDoublings);
  const coolDown = Math.max(resendAfterSeconds, Math.min(resendAfterSeconds * 2 ** doublings, longestCoolDownSeconds));
  // A clock that was set back must not make somebody wait until it is there again.
  return Math.max(0, coolDown - Math.abs(now - state.sentAt));
}

/** Room is taken in the record before the code leaves, so that parallel requests send one. */
export function withSending(state: DirectCode | undefined, code: SentCode, now: number): DirectCode {
  return { ...state, sending: code, sentAt: now, sends: (state?.sends ?? 0) + 1 };
}

/** The sender has answered: the new code is the only one; or it failed: the old one stays. */
export function withDelivery(state: DirectCode, hash: string, delivered: boolean): DirectCode {
  if (state.sending?.hash !== hash) return state;
  const { sending, ...rest } = state;
  return delivered ? { ...rest, current: sending } : rest;
}

/** Whether a code that was sent can still be used. */
export const hasLiveCode = (state: DirectCode | undefined, now: number): boolean =>
  liveCode(state, () => true, now) !== undefined;

/** The code that this hash is of, if it is live. */
export function liveCode(
  state: DirectCode | undefined,
  matches: (hash: string) => boolean,
  now: number,
): SentCode | undefined {
  return [state?.current, state?.sending].find(
    (code) => code !== undefined && now < code.expiresAt && matches(code.hash),
  );
}
