import { noAttempts, type Attempts } from "./attempts";
import { wasLeft } from "./passes";
import { epochOf, noEpoch, shortId } from "./proof";
import { isEnrolled, withEntry, withoutEntry, type FactorEntry } from "./factor-entry";
import { blankRecord, type EnrolmentCode, type TwoFactorRecord } from "./record";
import { withoutRecovery } from "./recovery";

/** What a session holds of a set-up that is not confirmed. */
export interface PendingEnrolment {
  /** Sealed for this user, this purpose and this epoch. */
  secret: string;
  /** Of the record when it began: a reset or another change in between voids it. */
  epoch: string;
  /** Unix seconds. */
  startedAt: number;
  /** Unix seconds: when somebody last typed a wrong code for it, which shows that they are still there. */
  activeAt?: number;
  /** The user proved that it may replace a live authenticator. */
  replacing: boolean;
  /** Wrong codes over all set-ups before this one began. */
  triesBefore?: number;
  /** Begun by a recovery, under this mark: everything that there is goes as it is confirmed. */
  recovery?: string;
  /** It was begun with a proof of another factor. Absent: there was none to prove, and must be none when it is confirmed. */
  proven?: true;
}

export interface ConfirmedEnrolment {
  /** What was confirmed, and what comes with it; each takes the place of one with its name. */
  entries: readonly FactorEntry[];
  /** Whether something else of the record stays. */
  keeps: (entry: FactorEntry) => boolean;
  epoch: string;
}

/**
 * A proof began it, and it goes on for so long: from its beginning, which that proof allowed, or from a newer proof. Who
 * copies the session later is neither shown the key nor binds it.
 */
export const isBeginningRecent = ({ startedAt }: PendingEnrolment, seconds: number, now: number): boolean =>
  now - startedAt <= seconds && startedAt <= now + 60;

export const isPendingLive = (pending: PendingEnrolment, validForSeconds: number, now: number): boolean =>
  now < pendingEndsAt(pending, validForSeconds);

/** However often somebody tries, one key is shown no longer than this, or as long as the host says. */
const longestSetupSeconds = 1800;

/** From the last wrong code, so that nobody's key goes while they type (WCAG 2.2.1). Unix seconds. */
export const pendingEndsAt = ({ startedAt, activeAt = startedAt }: PendingEnrolment, validForSeconds: number): number =>
  Math.min(activeAt + validForSeconds, startedAt + Math.max(validForSeconds, longestSetupSeconds));

/** Only a first set-up: what a proof or a recovery has opened stays open for as long as that says. */
export const withActivity = (pending: PendingEnrolment, now: number): PendingEnrolment =>
  pending.replacing || pending.proven || pending.recovery !== undefined ? pending : { ...pending, activeAt: now };

/**
 * The wrong codes that count against this set-up. One begun after the last of them has another key, and a count of its
 * own; one begun earlier, in another session, shares the count: going to and fro between two gives no more tries.
 */
export function attemptsAgainst(
  { triesBefore = 0 }: PendingEnrolment,
  counted: Attempts,
  maxAttempts: number,
): Attempts {
  const triesBeforeCount = counted.inARow - counted.failures - counted.rounds * maxAttempts;
  return triesBefore > triesBeforeCount ? countedAnew(counted) : counted;
}

/** How many there were over all set-ups stays known: it says which of them began before, and which after. */
export const countedAnew = ({ inARow }: Attempts): Attempts => ({ ...noAttempts, inARow });

/**
 * What was confirmed is a live factor from now on. The new epoch ends every other session, browser and pending set-up.
 */
export function enrol(
  record: TwoFactorRecord | undefined,
  user: string,
  { entries, keeps, epoch }: ConfirmedEnrolment,
): TwoFactorRecord {
  const { enrolmentCode: _, ...known } = record ?? blankRecord(user, epoch);
  const kept = { ...withoutRecovery(withSessionMoved(known, epoch)), factors: known.factors.filter(keeps) };
  return { ...entries.reduce<TwoFactorRecord>(withEntry, kept), setupAttempts: noAttempts };
}

/** As `enrol`, by a recovery: the failures were against what is gone, and a lock of them would meet the new one. */
export function enrolRecovered(
  record: TwoFactorRecord | undefined,
  user: string,
  confirmed: ConfirmedEnrolment,
): TwoFactorRecord {
  const { passwordSuspectedAt: _, ...enrolled } = enrol(record, user, confirmed);
  return { ...enrolled, attempts: noAttempts };
}

/**
 * Nothing of a second factor was ever here: all that enables, proves, resets or turns one off gives the record an epoch, which
 * stays, where its history forgets. Wrong codes alone give none.
 */
export const isUntouched = (record: TwoFactorRecord | undefined): boolean => epochOf(record) === noEpoch;

/** Older proofs, browsers and pending set-ups are void, and no browser is known any more. */
export function withNewEpoch(record: TwoFactorRecord, epoch: string): TwoFactorRecord {
  const { knownBrowsers: _, unlocking: __, ...kept } = record;
  return { ...kept, epoch, browsers: [], endedProofs: [], proofsVoidUntil: 0 };
}

/** As `withNewEpoch`; but the session that did it goes on under the name of its proof, so what logouts ended stays ended. */
export const withSessionMoved = (record: TwoFactorRecord, epoch: string): TwoFactorRecord => {
  const { endedProofs, proofsVoidUntil } = record;
  return { ...withNewEpoch(record, epoch), endedProofs, proofsVoidUntil };
};

/** One that was handed out. Where it is the first strong one, what was proven before it came is void. */
export function withFactorAdded(
  record: TwoFactorRecord | undefined,
  user: string,
  entry: FactorEntry,
  epoch: string,
): TwoFactorRecord {
  const { enrolmentCode: _, ...known } = record ?? blankRecord(user, epoch);
  return withEntry(isEnrolled(known) ? known : withNewEpoch(known, epoch), entry);
}

/** One is gone, and what was proven by it is void; with the last strong one, the codes that stand in for it go, too. */
export function withFactorRemoved(
  record: TwoFactorRecord,
  entry: FactorEntry,
  isBackup: (entry: FactorEntry) => boolean,
  epoch: string,
  now: number,
): TwoFactorRecord {
  const { offBy: _, ...left } = withNewEpoch(withoutEntry(record, entry), epoch);
  if (isEnrolled(left)) return left;
  const offSince = isEnrolled(record) ? { offSince: now } : {};
  return { ...left, ...offSince, factors: left.factors.filter((held) => !isBackup(held)) };
}

/** No factor any more, by the user's own proof. Counts and history stay. @param login that does so, by its lasting name */
export function turnOff(record: TwoFactorRecord, epoch: string, now: number, login?: string): TwoFactorRecord {
  const { offBy: _, ...off } = withoutRecovery(withNewEpoch(record, epoch));
  const by = login === undefined || wasLeft(record, login, now) ? {} : { offBy: shortId(login) };
  return { ...off, ...(isEnrolled(record) && { offSince: now, ...by }), factors: [] };
}

/** Whether the login of this name has turned it off, and was not logged out since. */
export const isTurner = (record: TwoFactorRecord | undefined, login: string | undefined): boolean =>
  login !== undefined && record?.offBy === shortId(login);

/** The login that has turned it off is logged out, and is as any other. */
export function withTurnerLeft(record: TwoFactorRecord, login: string | undefined): TwoFactorRecord {
  if (!isTurner(record, login)) return record;
  const { offBy: _, ...left } = record;
  return left;
}

/**
 * No factor any more, by somebody with the right to do so: the lock goes too, and what an identity provider has proven.
 * Also for somebody never enrolled.
 */
export function reset(
  record: TwoFactorRecord | undefined,
  user: string,
  epoch: string,
  now: number,
  enrolmentCode?: EnrolmentCode,
): TwoFactorRecord {
  const bare = record === undefined ? blankRecord(user, epoch) : turnOff(record, epoch, now);
  const { identityProvider: _, passwordSuspectedAt: __, enrolmentCode: ___, offSince: ____, ...kept } = bare;
  const demands = enrolmentCode && { enrolmentCode };
  return { ...kept, ...demands, resetAt: now, attempts: noAttempts, setupAttempts: noAttempts };
}
