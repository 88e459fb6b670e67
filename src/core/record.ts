import { noAttempts, type Attempts, type KnownBrowser } from "./attempts";
import type { Browser } from "./browsers";
import type { FactorEntry } from "./factor-entry";
import type { HistoryEntry } from "./history";
import type { NamedLogins } from "./passes";
import type { Recoveries } from "./recovery";
import type { CodesGiven } from "./unlocking";

/** A code that was handed to an administrator, to be handed on. */
export interface EnrolmentCode {
  /** Keyed, so that whoever reads the store can try none. */
  hash: string;
  expiresAt: number;
  /** It was used, by the session that keeps this mark. */
  usedBy?: string;
}

/** All of one user's second-factor state: one document, changed only as a whole. Times are Unix seconds. */
export interface TwoFactorRecord {
  version: 2;
  /** `Subject.key`: a record copied to another user is refused. */
  user: string;
  /** 128 random bits, or `""` before anything was enabled: proofs, browsers and pending set-ups name it and die with it. */
  epoch: string;
  /** What the user can prove with, in the order it was added. */
  factors: readonly FactorEntry[];
  /** What devices know this user by: 32 random bytes, made as the first one is added, and kept over resets. */
  handle?: string;
  /** Challenges that were answered and accepted, until they expire: `[short hash, Unix seconds]`. */
  spent?: readonly (readonly [hash: string, expiresAt: number])[];
  /** The last second factor that an identity provider proved; for people to read, no proof by itself. */
  identityProvider?: { acr: string; at: number };
  /**
   * When an administrator last reset it. The host's time of grace (`{ from: Date }`) is over from then on, also once
   * something was set up and turned off again: a reset grants no new one.
   */
  resetAt?: number;
  /** When the last strong factor went: no login of before it sets up, save the one that has turned it off. */
  offSince?: number;
  /** The short name of that one, where it has a name that stays, until it is logged out. */
  offBy?: string;
  /** What that reset demands before a key is shown; gone once something is set up. */
  enrolmentCode?: EnrolmentCode;
  /** A new second step for who has lost everything; and what bounds the next one. */
  recovery?: Recoveries;
  /** Wrong codes from all browsers that are not known. */
  attempts: Attempts;
  /** Those with a count of their own, the oldest first. */
  knownBrowsers?: readonly KnownBrowser[];
  /** Right codes given to end a lock, until there are three. */
  unlocking?: CodesGiven;
  /** When the owner was last told that somebody knows the password. */
  passwordSuspectedAt?: number;
  /** Set-up attempts count apart: they guess at nothing that protects anything. */
  setupAttempts: Attempts;
  /** Logins that a right factor has let in lately. */
  passes?: NamedLogins;
  /** Logins that were left these seconds, where nothing else marks them. */
  left?: NamedLogins;
  /** Proofs ended by a logout, `[short id, issued at]`, oldest proof first. */
  endedProofs: readonly (readonly [id: string, issuedAt: number])[];
  /** Proofs issued at or before this time are void; it moves up as `endedProofs` overflows, so that none comes back. */
  proofsVoidUntil: number;
  browsers: readonly Browser[];
  history: readonly HistoryEntry[];
}

/** A record with no factor in it: of somebody new, or after a reset (then it is the tombstone). */
export function blankRecord(user: string, epoch: string): TwoFactorRecord {
  return {
    version: 2,
    user,
    epoch,
    factors: [],
    attempts: noAttempts,
    setupAttempts: noAttempts,
    endedProofs: [],
    proofsVoidUntil: 0,
    browsers: [],
    history: [],
  };
}
