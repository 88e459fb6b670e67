/** A code on its way or there, by mail or SMS. */
export interface SentCode {
  /** Keyed hash: the code itself is nowhere. */
  hash: string;
  expiresAt: number;
}

export interface SentCodes {
  current?: SentCode;
  /** Handed to the host's sender, which has not answered yet; good as well, for mail can be faster than its answer. */
  sending?: SentCode;
  sentAt: number;
  /** Since the last right code: the cool-down grows with it. 0: the last one that was sent has been used. */
  sends: number;
}

/** A sender that takes longer has failed, as far as the user is concerned. */
export const deliverySeconds = 10;

export interface SendingPolicy {
  directOtpResendAfterSeconds: number;
  directOtpValidForSeconds: number;
}

/** Codes sent in a row, without a right one, before only waiting helps. */
export const freeSends = 5;
const leastDoubledSeconds = 30;
const longestCoolDownSeconds = 3600;

/**
 * Seconds until another code may be sent: the option's cool-down, and one that doubles after five codes that were never
 * used, also where the option is 0. While one is on its way, no other is sent.
 */
export function secondsUntilResend(state: SentCodes | undefined, policy: SendingPolicy, now: number): number {
  if (state === undefined) return 0;
  const onItsWay = state.sending === undefined ? 0 : deliverySeconds;
  const coolDown = Math.max(policy.directOtpResendAfterSeconds, onItsWay, doubledSeconds(state, policy));
  return secondsLeft(coolDown, state, now);
}

/**
 * Never longer than a code is good for: whoever asks again and again with a stolen password slows the mails down, and
 * must not keep the owner without a live one.
 */
function doubledSeconds({ sends }: SentCodes, policy: SendingPolicy): number {
  const beyond = sends - freeSends;
  if (beyond <= 0) return 0;
  const doubled = Math.max(policy.directOtpResendAfterSeconds, leastDoubledSeconds) * 2 ** beyond;
  return Math.min(doubled, longestCoolDownSeconds, policy.directOtpValidForSeconds);
}

/** A clock that was set back must not make somebody wait until it is there again. */
const secondsLeft = (coolDown: number, { sentAt }: SentCodes, now: number): number =>
  Math.max(0, coolDown - Math.abs(now - sentAt));

/** Until when codes are sent more rarely than the option says, because too many were never used. */
export function sendingLimitedUntil(
  state: SentCodes | undefined,
  policy: SendingPolicy,
  now: number,
): number | undefined {
  const seconds = state === undefined ? 0 : secondsLeft(doubledSeconds(state, policy), state, now);
  return seconds > 0 ? now + seconds : undefined;
}

/** With this code the limit begins: to be told once, and not with every request. */
export const beginsLimit = ({ sends }: SentCodes): boolean => sends === freeSends + 1;

/** The code page sends by itself: where the last code was used, this is another login, and need not wait. */
export const secondsUntilSentOnOpening: typeof secondsUntilResend = (state, policy, now) =>
  state?.sends === 0 ? 0 : secondsUntilResend(state, policy, now);

/** Room is taken in the record before the code leaves, so that parallel requests send one. */
export function withSending(state: SentCodes | undefined, code: SentCode, now: number): SentCodes {
  // A process that ended while it was sending leaves a code of which nobody knows whether it arrived.
  const older = [state?.current, state?.sending].find((known) => known !== undefined && now < known.expiresAt);
  // Long after the last of a row, another one begins; so a limit is told anew, too.
  const isRow = state !== undefined && Math.abs(now - state.sentAt) <= longestCoolDownSeconds;
  return { ...(older && { current: older }), sending: code, sentAt: now, sends: isRow ? state.sends + 1 : 1 };
}

/** The sender has answered: the new code is the only one; or it failed: the old one stays. */
export function withDelivery(state: SentCodes, hash: string, delivered: boolean): SentCodes {
  if (state.sending?.hash !== hash) return state;
  const { sending, ...rest } = state;
  return delivered ? { ...rest, current: sending } : rest;
}

/** A right code is gone. When it was sent stays known: to use it is no way round the cool-down. */
export const withCodeUsed = ({ sentAt }: SentCodes): SentCodes => ({ sentAt, sends: 0 });

/** Whether a code that was sent can still be used. */
export const hasLiveCode = (state: SentCodes | undefined, now: number): boolean =>
  liveCode(state, () => true, now) !== undefined;

/** The code that this hash is of, if it is live. */
export function liveCode(
  state: SentCodes | undefined,
  matches: (hash: string) => boolean,
  now: number,
): SentCode | undefined {
  return [state?.current, state?.sending].find(
    (code) => code !== undefined && now < code.expiresAt && matches(code.hash),
  );
}
