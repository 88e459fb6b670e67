import type { PendingEnrolment } from "../../core/enrolment";
import type { Proof } from "../../core/proof";
import type { CodesGiven } from "../../core/unlocking";
import { TwoFactorError } from "../../errors";
import type { RecoveryCodesPage, SessionNotice } from "../render/pages";

/** What a key is asked for: an answer to one is none to another. */
export type Purpose = "sign-in" | "disable" | "recovery-codes" | "setup" | "browsers" | "keys" | "add";

/** A challenge as the session keeps it. */
export interface HeldChallenge {
  value: string;
  /** Unix seconds. */
  expiresAt: number;
  purpose: Purpose;
  /** Of the record when it was asked. */
  epoch: string;
  /** With `add`: what the device was told of the user; and whether there was a factor to prove first. */
  handle?: string;
  proven?: boolean;
}

/** Recovery codes of just now, which nobody has called saved yet. */
export interface HeldCodes {
  /** For this user, login, epoch and set alone. */
  sealed: string;
  /** Unix seconds. */
  until: number;
  occasion: RecoveryCodesPage["occasion"];
}

/** What a session holds for us, under one key a scope. */
export interface SessionState {
  /** `Subject.key`: whose it is. Anybody else's is wiped when seen. */
  user: string;
  proof?: Proof;
  pending?: PendingEnrolment;
  /**
   * The record's epoch when a remembered browser let this session in, or of a proof that it gave up: the mark of a session
   * that is no longer to set up once the factor is gone, whoever leaves the cookie out.
   */
  letIn?: string;
  /** The record's epoch since this login has turned the second factor off itself: it may set up again. */
  turnedOff?: string;
  /** The way back to the page first asked for. */
  next?: string;
  /** A fresh proof is asked of somebody proven. */
  stepUp?: boolean;
  /** Unix seconds: since when a proof is owed. */
  owedSince?: number;
  /** What the identity provider proved was too little, and nothing else will do (`onWeakAcr: "refuse"`). */
  refused?: boolean;
  /** The code of a reset was given in this session, which may set up. */
  enrolmentMark?: string;
  /** The code that the host demands of a first set-up was given. */
  firstConfirmed?: { at: number; epoch: string };
  /** Unix seconds: when this login was first known of, where somebody asks how old it is. */
  seenAt?: number;
  /** A code from a mail was given in this session: a recovery lets it set up. */
  recoveryMark?: string;
  /** When codes were given to end a lock; whether they were right is in the record. */
  unlocking?: CodesGiven;
  /** Told once on the account page. */
  notice?: SessionNotice;
  /** What was asked of keys, and not answered yet. */
  challenges?: readonly HeldChallenge[];
  /** To be shown again, until somebody says that they are saved. */
  codes?: HeldCodes;
  /** What this login goes by where nothing else tells it from another: since it first owed a proof, or was asked for a key. */
  askedAs?: string;
  /** With `stepUp`: the fresh proof is to be of this method. */
  method?: string;
  /** Of a key that was just removed, for the browser. */
  signal?: Readonly<Record<string, string>>;
}

/** What a session holds that gives up what it has proven. */
export function withoutProof(state: SessionState): SessionState {
  const { proof, pending: _, codes: __, ...rest } = state;
  return proof === undefined ? rest : { ...rest, letIn: proof.epoch };
}

export const loginEnded = () =>
  new TwoFactorError("LOGIN_SESSION_EXPIRED", "The login ended while the second factor was being proven.");
