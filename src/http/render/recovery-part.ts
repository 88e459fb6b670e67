import type { PageProblem } from "./pages";

/** A new second step for who has lost everything, and how far it is. */
export interface RecoveryPage {
  page: "recovery";
  /** `closed`: for now none can be asked for. */
  state: "offered" | "requested" | "waiting" | "ready" | "closed";
  /** Between the code that confirms and the set-up. */
  delaySeconds: number;
  requestedAt?: Date;
  readyAt?: Date;
  closedUntil?: Date;
  /** The code that opens the set-up is in the mailbox. */
  codeSent?: true;
  /** Set-up is open for this session. */
  open?: true;
  problem?: PageProblem;
}

/** What the link in a mail shows, without a login. */
export interface StopRecoveryPage {
  page: "stop-recovery";
  state: "asks" | "stopped";
  /** Where the button leads: the address of the link. */
  action: string;
}

/** Before a key is shown: the code of a reset, or one that was sent. */
export interface EnrolmentCodePage {
  page: "enrolment-code";
  /** A code went out by mail or SMS; absent: that of a reset is asked for. */
  sent?: { otpLength: number; canSendAgainInSeconds: number };
  problem?: PageProblem;
}
