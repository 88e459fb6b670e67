import type { ProblemCode } from "../../errors";
import type { MessageKey } from "../../locales";
import type { AccountPage } from "./account-part";
import type { KeyPrompt, KeysPage, KeysPart } from "./keys-part";
import type { EnrolmentCodePage, RecoveryPage, StopRecoveryPage } from "./recovery-part";

export type { AccountPage, RememberedBrowser, SessionNotice } from "./account-part";
export type { KeyPrompt, KeysPart } from "./keys-part";

/** A hint at a mistake or a state, shown in `[role=alert]`; the text comes from the catalogue, by code. */
export interface PageProblem {
  code: ProblemCode;
  attemptsRemaining?: number;
  clockOffSeconds?: number;
  /** `delivery`: a code could not be sent; `too-soon`: another one was sent just now; `earlier-code`: one from before is good. */
  reason?: "delivery" | "earlier-code" | "too-soon" | "malformed" | "recent" | "reset" | "code-sent";
  /** With `too-soon`: it was no code that was asked for too often. */
  about?: "page";
  refused?: string;
}

export interface SetupPage {
  page: "setup";
  /** Inline `<svg …>` text, trusted: it is ours. */
  qrCodeSvg: string;
  /** The key in groups of four, parted by spaces. */
  secret: string;
  otpauthUri: string;
  accountName: string;
  otpLength: number;
  /** The old authenticator stays in force until the new one is confirmed. */
  replacing: boolean;
  /** A key can be set up here, too. */
  keys?: KeysPart;
  /** The predicate demands it: there is no way round. */
  required: boolean;
  /** It will be demanded from then on; until then it can wait. */
  requiredFrom?: Date;
  /** Until then the key can be confirmed. A wrong code can move it. */
  goodUntil: Date;
  problem?: PageProblem;
}

/** What the one field takes. */
interface AcceptedCodes {
  totp: boolean;
  recoveryCode: boolean;
  directCode: boolean;
  /** An answer of a security key or passkey, in the field `key`. */
  key?: true;
  /** Of kinds that the option `factors` brought, by their method. */
  others?: readonly string[];
}

export interface VerifyPage {
  page: "verify";
  /** What the one field takes. */
  accepts: AcceptedCodes;
  /** `true`: the field is for letters, for a phone's number pad has none. Absent: there is no such choice. */
  withRecoveryCode?: boolean;
  otpLength: number;
  /** `"ask"`: a box; otherwise no box. */
  askRemember: boolean;
  rememberForSeconds: number;
  /** `"always"`: a code remembers this browser, without a box. */
  remembers?: true;
  /** The login has to be finished by then. */
  finishBy?: Date;
  /** Locked: the page takes three codes, one after the other, to end it. */
  unlock?: UnlockTold;
  /** Step-up: the session is proven, a fresh proof is asked. */
  stepUp: boolean;
  /** `limitedUntil`: too many codes were asked for and never used. */
  direct?: { sent: boolean; canSendAgainInSeconds: number; limitedUntil?: Date };
  /** With `direct`: so long a code is good from when it was sent. */
  sentCodeValidForSeconds?: number;
  prompt?: KeyPrompt;
  /** Who has lost everything can get a new second step. */
  recovery?: true;
  problem?: PageProblem;
}

/** How far a session is with the three codes that end a lock. */
export interface UnlockTold {
  codesGiven: number;
  codesNeeded: number;
  /** Sooner, no code is looked at. */
  nextAt?: Date;
  /** They were not three right ones; until then none is looked at. */
  closedUntil?: Date;
}

interface LockedPage {
  page: "locked";
  /** Absent: it does not end by itself. */
  until?: Date;
  /** Of a set-up, which guards nothing yet: nobody need have known a password. */
  duringSetup?: true;
  /** There are recovery codes left, and no lock stops them. */
  recoveryCode?: boolean;
  /** Three codes of the authenticator end it. */
  unlock?: UnlockTold;
  /** A key is no guess, and works all the same. */
  prompt?: KeyPrompt;
  /** Who has lost everything can get a new second step. */
  recovery?: true;
}

export interface RecoveryCodesPage {
  page: "recovery-codes";
  /** Each in groups of four, parted by dashes; shown once. */
  codes: readonly string[];
  /** Whose they are, and of when: on paper nothing else says it. */
  accountName: string;
  madeAt: Date;
  /** `enabled`: right after set-up ("just on"); `replaced`: a new authenticator; `regenerated`: only the codes are new. */
  occasion: "enabled" | "replaced" | "regenerated" | "last-used";
  /** For so long from when they were made they can be shown again and saved as a file, until a press says that they are saved. */
  againForSeconds?: number;
  /** With buttons that copy and print them, where there is scripting: with the option `script` they are there anyway. */
  tools?: true;
}

/** Asks for a code before a change, or only for a click when the proof is recent. `forget` posts to `forgetBrowsers`. */
export interface ConfirmPage {
  page: "confirm";
  action: "disable" | "regenerate" | "replace" | "forget" | "remove-key";
  /** With `forget`: which one; absent: all. Sent on as the hidden field `id`. */
  browserId?: string;
  /** With `remove-key`: which one. */
  keyId?: string;
  prompt?: KeyPrompt;
  needsCode: boolean;
  /** Codes of just now can be shown again. */
  codesHeld?: true;
  required: boolean;
  otpLength: number;
  accepts: AcceptedCodes;
  /** As on the code page. */
  withRecoveryCode?: boolean;
  problem?: PageProblem;
}

/** Any other answer as a page: what happened and what to do next. */
export interface ProblemPage {
  page: "problem";
  problem: PageProblem;
  status: number;
  /** Where to go on, and with which of the catalogue's words. */
  action?: { href: string; label: "verify" | "setup" | "login" | "account" | "home" | "keys" };
}

export type Page =
  | RecoveryPage
  | StopRecoveryPage
  | EnrolmentCodePage
  | SetupPage
  | VerifyPage
  | LockedPage
  | RecoveryCodesPage
  | ConfirmPage
  | KeysPage
  | AccountPage
  | ProblemPage;

export type PageName = Page["page"];

/** Checked by the type, so that no page is forgotten here. */
export const pageNames = Object.keys({
  setup: true,
  "enrolment-code": true,
  verify: true,
  locked: true,
  "recovery-codes": true,
  confirm: true,
  account: true,
  keys: true,
  recovery: true,
  "stop-recovery": true,
  problem: true,
} satisfies Record<PageName, true>) as PageName[];

/** What stands above it; above a problem, its own title. */
export function headingKey(page: Exclude<Page, { page: "problem" }>): MessageKey {
  switch (page.page) {
    case "setup":
      if (page.keys !== undefined) return "setup.title.choice";
      return page.replacing ? "setup.title.replacing" : "setup.title";
    case "enrolment-code":
      return page.sent ? "enrolmentCode.sent.title" : "enrolmentCode.title";
    case "verify":
      if (page.unlock) return "verify.title.unlock";
      if (page.prompt !== undefined && !page.stepUp) return "verify.title.keys";
      return page.stepUp ? "verify.title.stepUp" : "verify.title";
    case "locked":
      return "locked.title";
    case "recovery-codes":
      return "recovery.title";
    case "confirm":
      return page.action === "forget" && page.browserId === undefined
        ? "confirm.forgetAll.title"
        : `confirm.${page.action}.title`;
    case "keys":
      return "keys.title";
    case "recovery":
      return "lostAll.title";
    case "stop-recovery":
      return page.state === "asks" ? "stopRecovery.title" : "stopRecovery.done.title";
    case "account":
      return "account.title";
  }
}
