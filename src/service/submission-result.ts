import type { LaneLock } from "../core/attempts";
import type { TwoFactorRecord } from "../core/record";
import type { ProofMethod, UseDetails } from "../events";
import type { EventDetails } from "./announce";

/** A change that is made together with the proof that allows it, in one write. */
export type Then = (record: TwoFactorRecord, method: ProofMethod) => Promise<Changed | NotChanged>;
type Changed = { next: TwoFactorRecord; events: readonly EventDetails[] };
/** The record as it is now does not allow it; then the proof is not spent either. */
type NotChanged = { is: "last-factor" | "stale" };

export type SubmissionResult =
  /** `known`: the text of the cookie by which this browser is known from now on. */
  | { is: "passed"; method: ProofMethod; record: TwoFactorRecord; about?: UseDetails; known?: string }
  | { is: "used"; method: ProofMethod }
  | { is: "wrong"; attemptsRemaining: number; clockOffSeconds?: number }
  | { is: "locked"; lock: LaneLock }
  /** It costs too much to be looked at more often; whether it is right was not looked at. */
  | { is: "too-often"; seconds: number }
  /** There is nothing that a code could prove. */
  | { is: "not-enabled" }
  /** What cannot be guessed was not right: that takes no attempt away. */
  | { is: "refused"; attemptsRemaining: number }
  /** A device's answer was not right; that counts for nothing. `reason`: why, in one word. */
  | { is: "key-refused"; reason: string }
  /** What was brought is no proof for this user, whatever it is; it was not looked at. */
  | { is: "key-required" }
  /**
   * `last-factor`: nothing else would be left of somebody who must have one. `stale`: the proof was ended, or somebody
   * changed the factors meanwhile.
   */
  | NotChanged
  /** Nobody waits for the answer any more; nothing was done. */
  | { is: "gone" };
