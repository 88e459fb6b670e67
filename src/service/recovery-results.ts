import type { Recovery } from "../core/recovery";
import type { TwoFactorRecord } from "../core/record";

/** As many mails as there are to be went out. */
export type TooSoon = { is: "too-soon"; seconds: number };
/** A mail is on its way just now, or too many could not be sent. */
export type NotNow = { is: "not-now"; seconds: number };
/** The host's sender failed or hung: nothing has happened. */
export type NotSent = {
  is: "not-sent";
  /** One that went out before can still be typed. */
  hasCode: boolean;
};
/** There is none, or its time is over. */
export type Over = { is: "over" };
/** It waits. `readyAt` absent: it was not confirmed yet. */
export type Early = { is: "early"; readyAt?: number };

export type RecoveryRequest =
  | { is: "requested"; recovery: Recovery }
  | { is: "under-way" }
  | { is: "closed"; until: number }
  | Over
  | NotNow
  | NotSent;
export type RecoveryConfirmation =
  | { is: "waiting"; readyAt: number }
  | { is: "under-way" }
  | { is: "wrong" }
  | Over
  | NotNow
  | NotSent;
export type RecoverySending = { is: "sent" } | Early | Over | TooSoon | NotNow | NotSent;
export type RecoveryOpening = { is: "open"; mark: string; record: TwoFactorRecord } | { is: "wrong" } | Early | Over;
