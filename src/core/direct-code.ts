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
  /** Since the last right code: the cool-down grows with it. 0: the last one that was sent has been used. */
  sends: number;
}

/** A sender that takes longer has failed, as far as the user is concerned. */
export const deliverySeconds = 10;

/** Codes sent in a row, without a right one, before only waiting helps. */
export const freeSends = 5;
const leastDoubledSeconds = 30;
const longestCoolDownSeconds = 3600;

/**
 * Seconds until another code may be sent: the option's cool-down, and one that doubles after five codes that were never
 * used, also where the option is 0. While one is on its way, no other is sent.
 */
export function secondsUntilResend(state: DirectCode | undefined, resendAfterSeconds: number, now: number): number {
  if (state === undefined) return 0;
  const beyond = state.sends - freeSends;
  const doubled = beyond > 0 ? Math.max(resendAfterSeconds, leastDoubledSeconds) * 2 ** beyond : 0;
  const onItsWay = state.sending === undefined ? 0 : deliverySeconds;
  const coolDown = Math.max(resendAfterSeconds, onItsWay, Math.min(doubled, longestCoolDownSeconds));
  // A clock that was set back must not make somebody wait until it is there again.
  return Math.max(0, coolDown - Math.abs(now - state.sentAt));
}

/** The code page sends by itself: where the last code was used, this is another login, and need not wait. */
export const secondsUntilSentOnOpening: typeof secondsUntilResend = (state, resendAfterSeconds, now) =>
  state?.sends === 0 ? 0 : secondsUntilResend(state, resendAfterSeconds, now);

/** Room is taken in the record before the code leaves, so that parallel requests send one. */
export function withSending(state: DirectCode | undefined, code: SentCode, now: number): DirectCode {
  // A process that ended while it was sending leaves a code of which nobody knows whether it arrived.
  const older = [state?.current, state?.sending].find((known) => known !== undefined && now < known.expiresAt);
  return { ...(older && { current: older }), sending: code, sentAt: now, sends: (state?.sends ?? 0) + 1 };
}

/** The sender has answered: the new code is the only one; or it failed: the old one stays. */
export function withDelivery(state: DirectCode, hash: string, delivered: boolean): DirectCode {
  if (state.sending?.hash !== hash) return state;
  const { sending, ...rest } = state;
  return delivered ? { ...rest, current: sending } : rest;
}

/** A right code is gone. When it was sent stays known: to use it is no way round the cool-down. */
export const withCodeUsed = ({ sentAt }: DirectCode): DirectCode => ({ sentAt, sends: 0 });

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
