/** What is known of the request that caused an event; all absent where a script or the command line caused it. */
export interface EventOrigin {
  ip?: string;
  /** Text that a visitor may have chosen: not for a mail, where `browserName(userAgent)` will do. */
  userAgent?: string;
}

/** Whose wrong codes are counted together: those of all browsers that are not known, or of one that is. */
export type LaneName = "unknown-browsers" | "known-browser";

/** How somebody proved a second factor. */
export type ProofMethod =
  | "totp"
  | "recovery-code"
  | "direct-code"
  | "security-key"
  | "enrolment"
  | "acr"
  | (string & {});

/** What the use of a factor tells besides that it passed. */
export type UseEvent =
  | { readonly type: "recovery-code-used" | "recovery-codes-low"; readonly remaining: number }
  /** Its counter went back or stood still: there may be a copy of it. It was refused. */
  | { readonly type: "key-suspicious"; readonly name: string };

/** How a device was used, by its own word, which it has signed. */
export interface UseDetails {
  /** It has checked who holds it: by a PIN, a finger, a face. */
  readonly userVerified: boolean;
  /** There are copies of it on the user's other devices. */
  readonly synced: boolean;
}

interface EventBase extends EventOrigin {
  /** The id as the host names it (`secondFactorResourceId`), as text. */
  userId: string;
  scope: string;
  at: Date;
}

/** Something that happened to a user's second factor, told after it is durable. Never holds a secret or a code. */
export type TwoFactorEvent = EventBase &
  (
    | { type: "enabled" | "disabled" | "replaced" }
    | { type: "reset"; reason: string; by: string }
    | ({ type: "challenge-passed"; method: ProofMethod } & Partial<UseDetails>)
    | { type: "challenge-failed"; attemptsRemaining: number }
    | { type: "code-reused"; method: ProofMethod }
    /**
     * `until` is absent where only a reset or an unlock ends it; `round` counts from 1 since the last right code. `lane`:
     * whose wrong codes they were, and so for whom it is locked.
     */
    | { type: "locked"; lane?: LaneName; round: number; until?: Date }
    /** The first lock by browsers that are not known: told once a day at most. */
    | { type: "password-suspected" }
    | { type: "unlocked"; by: string }
    | UseEvent
    | { type: "recovery-codes-regenerated" }
    /** One of a kind that the option `factors` brought. */
    | { type: "factor-added" | "factor-removed"; kind: string; by: string; reason?: string }
    /** An authenticator of another library was taken over (`import`, `tfa.adopt`); nothing changes for its owner. */
    | { type: "factor-adopted"; kind: string }
    /** One that the user added; what the host calls a key here is a security key or a passkey. */
    | { type: "key-added" | "key-renamed"; name: string }
    /** `by` and `reason` where the host did it. */
    | { type: "key-removed"; name: string; by?: string; reason?: string }
    | { type: "browser-remembered"; browser: string }
    /** A login was let in by it, without a code; told at most once an hour. */
    | { type: "browser-used"; browser: string }
    | { type: "browser-forgotten"; browser: string }
    | { type: "browsers-forgotten"; by?: string }
    /** Steps of a recovery; the option `recovery` has sent the mail with the link that stops it. */
    | { type: "recovery-requested" | "recovery-ready" | "recovery-finished" }
    | { type: "recovery-confirmed" | "recovery-half-way"; readyAt: Date }
    | { type: "recovery-cancelled"; by: string }
    | { type: "code-sent" }
    /** Too many codes in a row were never used, so they are sent more rarely; told once, as it begins. */
    | { type: "code-sending-limited" }
    | { type: "code-delivery-failed" }
    | { type: "setup-failed"; attemptsRemaining: number }
    | { type: "logged-out" }
    | { type: "login-expired" }
    | { type: "erased" }
    /** A proof or a cookie names a record that the store no longer has: the store may have lost its data. */
    | { type: "record-missing" }
  );

export type TwoFactorEventType = TwoFactorEvent["type"];

/**
 * A mail that a recovery needs, for the option `recovery.send`; `notice` of `express-two-factor/notices` makes a text of it.
 * Unlike an event it holds secrets: it is for its owner alone, and for no log.
 */
export interface RecoveryMessage extends EventBase {
  /** `recovery-code`: the waiting time is over, and somebody with the password wants to set up. */
  type: "recovery-requested" | "recovery-confirmed" | "recovery-half-way" | "recovery-ready" | "recovery-code";
  /** To be typed; with the first mail, and with `recovery-code`. */
  code?: string;
  /** From then on a new second step can be set up. */
  readyAt?: Date;
  /** What stops it, as a path of your site: it shows on GET, and stops on POST, without a login. */
  cancelPath: string;
}
