/** A code that went out by mail. */
interface MailedCode {
  /** Keyed hash: the code itself is nowhere. */
  hash: string;
  expiresAt: number;
}

/** A new second step for somebody who has lost everything but the password and the mailbox. Unix seconds. */
export interface Recovery {
  /** 128 random bits, which the links that stop it name. */
  id: string;
  requestedAt: number;
  /** Those that can still be typed, newest last: to confirm it, and later to open the set-up. */
  codes: readonly MailedCode[];
  /** Until when those would be good that went out and can be typed no more, since one was: they count as sent all the same. */
  voided?: readonly number[];
  /** Since when nothing was typed: each further code takes longer. */
  sends: number;
  sentAt: number;
  /** It was confirmed, and begins to be good then. */
  confirmedAt?: number;
  readyAt?: number;
  /** What time has brought that its owner was told of. */
  told?: TimelyStep;
  /** The session that may set up, by the mark that it keeps. */
  opened?: { by: string; at: number };
}

/** What the record keeps of recoveries: one at a time, and what bounds the next. */
export interface Recoveries {
  current?: Recovery;
  /** A mail is on its way, about this one; nothing has begun before it has gone out. */
  sending?: { id: string; until: number };
  lastAt?: number;
  /** Those that were stopped in the last thirty days, oldest first. */
  cancelledAt?: readonly number[];
}

export type TimelyStep = "half-way" | "ready";

/** `requested`: its code was not typed yet. */
export type RecoveryPhase = "requested" | "waiting" | "ready";

interface WithRecovery {
  recovery?: Recoveries;
}

const day = 86_400;
/** A code by mail is good for so long. */
const mailedCodeSeconds = day;
/** So long after the waiting time the set-up can be opened. */
const readySeconds = 7 * day;
/** So long the session that has opened it can set up. */
const openSeconds = 3600;
const betweenSeconds = 12 * 3600;
const closingCancellations = 3;
const closedSeconds = 30 * day;
/** Two codes are so far apart at least, then twice as far each time, up to an hour. */
const leastResendSeconds = 60;
const longestResendSeconds = 3600;
/**
 * So many go out in a day. None is voided by a later one, or a thief who asks for more would void what its owner reads; so no
 * more are sent while there are so many, those that were typed included: that is all which that thief can send to the owner.
 */
const mostCodes = 5;

const phases = ({ requestedAt, readyAt }: Recovery, now: number): RecoveryPhase | undefined => {
  if (readyAt === undefined) return now < requestedAt + mailedCodeSeconds ? "requested" : undefined;
  if (now < readyAt) return "waiting";
  return now < readyAt + readySeconds ? "ready" : undefined;
};

/** The one that is under way; one whose time is over is none. */
export function recoveryOf(
  record: WithRecovery | undefined,
  now: number,
): { phase: RecoveryPhase; recovery: Recovery } | undefined {
  const recovery = record?.recovery?.current;
  const phase = recovery && phases(recovery, now);
  return recovery && phase && { phase, recovery };
}

/** Whether a link that names this one can still stop something. */
export const isRecoveryLive = (record: WithRecovery | undefined, id: string, now: number): boolean =>
  recoveryOf(record, now)?.recovery.id === id || sendingOf(record, now)?.id === id;

/** So long the right to send a mail is one's own: longer than the mail may take. */
export const sendingSeconds = 12;

/** A mail that is just being handed over; a process that ended meanwhile, or a clock that is set back, holds nobody up. */
export function sendingOf(record: WithRecovery | undefined, now: number): Recoveries["sending"] {
  const sending = record?.recovery?.sending;
  if (sending === undefined) return undefined;
  return now < sending.until && sending.until - now <= sendingSeconds ? sending : undefined;
}

/** Until when nobody can ask for the next one; `undefined`: now. */
export function recoveryClosedUntil(record: WithRecovery | undefined, now: number): number | undefined {
  const { lastAt, cancelledAt = [] } = record?.recovery ?? {};
  const closed = cancelledAt.length >= closingCancellations ? (cancelledAt.at(-1) ?? 0) + closedSeconds : 0;
  const until = Math.max(closed, lastAt === undefined ? 0 : lastAt + betweenSeconds);
  return now < until ? until : undefined;
}

const liveCodes = ({ codes }: Recovery, now: number) => codes.filter(({ expiresAt }) => now < expiresAt);

const liveVoided = ({ voided = [] }: Recovery, now: number) => voided.filter((at) => now < at);

/** One was typed: it is used up, and with it all that went out besides. */
const withoutCodes = (recovery: Recovery, now: number): Recovery => ({
  ...recovery,
  codes: [],
  voided: [...liveVoided(recovery, now), ...liveCodes(recovery, now).map(({ expiresAt }) => expiresAt)],
  sends: 0,
});

/** One that went out can still be typed. */
export const hasMailedCode = (record: WithRecovery | undefined, now: number): boolean => {
  const live = recoveryOf(record, now);
  return live !== undefined && liveCodes(live.recovery, now).length > 0;
};

/** Seconds until another code can be sent for this one. */
export function secondsUntilMail(recovery: Recovery, now: number): number {
  const { sends, sentAt } = recovery;
  const ends = [...liveCodes(recovery, now).map(({ expiresAt }) => expiresAt), ...liveVoided(recovery, now)];
  if (ends.length >= mostCodes) return Math.min(...ends) - now;
  if (sends === 0) return 0;
  const apart = Math.min(leastResendSeconds * 2 ** (sends - 1), longestResendSeconds);
  return Math.max(0, apart - Math.abs(now - sentAt));
}

export const newRecovery = (id: string, now: number): Recovery => ({
  id,
  requestedAt: now,
  codes: [],
  sends: 0,
  sentAt: now,
});

/** Asked for once more before its code was typed: the links that stop it and the code that went out stay good. */
export const requestedAgain = (recovery: Recovery, now: number): Recovery => ({ ...recovery, requestedAt: now });

export function withMailedCode(recovery: Recovery, hash: string, now: number): Recovery {
  const codes = [...liveCodes(recovery, now), { hash, expiresAt: now + mailedCodeSeconds }];
  return { ...recovery, codes, sends: recovery.sends + 1, sentAt: now };
}

/** @param matches of a keyed hash */
export const isMailedCode = (recovery: Recovery, matches: (hash: string) => boolean, now: number): boolean =>
  liveCodes(recovery, now).some(({ hash }) => matches(hash));

/** The waiting time runs; the code that confirmed it is used up. */
export const confirmed = (recovery: Recovery, delaySeconds: number, now: number): Recovery => ({
  ...withoutCodes(recovery, now),
  confirmedAt: now,
  readyAt: now + delaySeconds,
});

/** Set-up is open for the session that keeps the mark, until another one has typed a later code. */
export const opened = (recovery: Recovery, mark: string, now: number): Recovery => ({
  ...withoutCodes(recovery, now),
  opened: { by: mark, at: now },
});

export function isOpenedBy(record: WithRecovery | undefined, mark: string | undefined, now: number): boolean {
  const live = recoveryOf(record, now);
  if (mark === undefined || live?.phase !== "ready" || live.recovery.opened === undefined) return false;
  const { by, at } = live.recovery.opened;
  return by === mark && Math.abs(now - at) < openSeconds;
}

export const withRecovery = <Held extends WithRecovery>(record: Held, current: Recovery): Held => ({
  ...record,
  recovery: { ...record.recovery, current },
});

/** Takes the right to send a mail about one. */
export const withSendingOf = <Held extends WithRecovery>(record: Held, id: string, until: number): Held => ({
  ...record,
  recovery: { ...record.recovery, sending: { id, until } },
});

/** The mail has gone out (`current`: what it told of), or it has not. */
export function withMailGone<Held extends WithRecovery>(record: Held, current: Recovery | undefined): Held {
  const { sending: _, ...rest } = record.recovery ?? {};
  if (current === undefined) return { ...record, recovery: rest };
  return { ...record, recovery: { ...rest, lastAt: current.requestedAt, current } };
}

/** What a recovery was for is done, or there is another way now: what bounds the next one stays. */
export function withoutRecovery<Held extends WithRecovery>(record: Held): Held {
  if (record.recovery?.current === undefined && record.recovery?.sending === undefined) return record;
  const { current: _, sending: __, ...rest } = record.recovery;
  return { ...record, recovery: rest };
}

/** It was stopped. @returns the very same record where there is none to stop */
export function withRecoveryCancelled<Held extends WithRecovery>(record: Held, now: number): Held {
  if (recoveryOf(record, now) === undefined && sendingOf(record, now) === undefined) return record;
  const { recovery: { cancelledAt = [], lastAt, sending, ...rest } = {} } = record;
  const recent = cancelledAt.filter((at) => now - at < closedSeconds);
  // One that was stopped while its first mail was on its way was one, too.
  const began = lastAt ?? (sending === undefined ? undefined : now);
  const bounds = { cancelledAt: [...recent, now], ...(began !== undefined && { lastAt: began }) };
  return withoutRecovery({ ...record, recovery: { ...rest, ...bounds } });
}

/** When the next of what time brings is due; `undefined`: all is told. */
export function nextStep({ confirmedAt, readyAt, told }: Recovery): { step: TimelyStep; at: number } | undefined {
  if (confirmedAt === undefined || readyAt === undefined || told === "ready") return undefined;
  const halfWayAt = confirmedAt + Math.ceil((readyAt - confirmedAt) / 2);
  return told === "half-way" ? { step: "ready", at: readyAt } : { step: "half-way", at: halfWayAt };
}

/** What is due now. Who was not told of the half when all of it is over is told of that alone. */
export function dueStep(recovery: Recovery, now: number): TimelyStep | undefined {
  const next = nextStep(recovery);
  if (next === undefined || now < next.at) return undefined;
  return now >= (recovery.readyAt ?? Infinity) ? "ready" : next.step;
}
