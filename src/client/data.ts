/** What the routes answer, as JSON has it: times are ISO 8601 texts. */

export interface Status {
  /** The app demands a second factor of this user. */
  required: boolean;
  /** The app will demand it from then on. */
  requiredFrom?: string;
  /** Present: this user cannot set one up (`SETUP_NOT_OFFERED`). */
  setupOffered?: false;
  /** Present: this user cannot turn it off (`DISABLE_NOT_OFFERED`). */
  disableOffered?: false;
  /** An authenticator is set up and confirmed. */
  enabled: boolean;
  /** This session or browser has proven it. */
  verified: boolean;
  locked: boolean;
  /** From which browsers codes are refused: from all that are not known, or from this one. `until` absent: it does not end by itself. */
  lock?: { lane: "unknown-browsers" | "known-browser"; until?: string };
  /** `totp`, `direct-code`, or of a kind that the host added. */
  methods: string[];
  /** Present: the authenticator serves, but its key is short; ask its owner to replace it. */
  replaceAdvised?: true;
  recoveryCodesRemaining: number;
  /** Somebody with the password has asked for a new second step; `readyAt`: it is confirmed, and opens then. */
  recovery?: { requestedAt: string; readyAt?: string };
  /** Present while codes are sent more rarely, because too many in a row were asked for and never used. */
  sending?: { limitedUntil: string };
  browsers: RememberedBrowser[];
  /** Newest first, at most 20. */
  activity: Activity[];
  /** How this session was proven; absent where the browser was remembered. */
  provenBy?: { method: ProofMethod | "enrolment" | "acr"; at: string; acr?: string };
}

/** Or the method of a kind that the host added. */
export type ProofMethod = "totp" | "recovery-code" | "direct-code" | (string & {});

export interface RememberedBrowser {
  id: string;
  /** Such as “Firefox on Linux”. */
  name: string;
  rememberedAt: string;
  lastUsedAt: string;
  /** The one that asks. */
  current: boolean;
}

export interface Activity {
  type: string;
  at: string;
  ip?: string;
  browser?: string;
}

export interface Challenge {
  /** What the one code field takes. */
  accepts: { totp: boolean; recoveryCode: boolean; directCode: boolean; key?: true; others?: string[] };
  /** The page first asked for, else the host's home. */
  next: string;
  /** Where codes by mail or SMS serve this user. */
  direct?: {
    sent: boolean;
    canSendAgainInSeconds: number;
    /** As `sending.limitedUntil` of the status. */
    limitedUntil?: string;
    /** The mail or SMS could not be sent just now. */
    deliveryFailed?: true;
  };
}

export interface Setup {
  /** For typing, in base32. */
  secret: string;
  /** A link that opens an authenticator on the same device. */
  otpauthUri: string;
  /** A PNG as a `data:` address, for an `<img>`. */
  qrCode: string;
  expiresAt: string;
}

export interface NewRecoveryCodes {
  /** Shown once: they cannot be had again. */
  recoveryCodes: string[];
  /** Where to go from here. */
  next: string;
}

export interface Proven {
  /** The page first asked for, else the host's home. */
  next: string;
  method: ProofMethod;
  recoveryCodesRemaining: number;
  /** With the last of the old ones, to who said `newRecoveryCodes`. Shown once: they cannot be had again. */
  recoveryCodes?: readonly string[];
}

export interface SecurityKey {
  id: string;
  name: string;
  addedAt: string;
  /** Absent: never, since it was added. */
  lastUsedAt?: string;
  /** There are copies of it on the user's other devices. */
  synced: boolean;
  /** It has checked who holds it, when it was last used. */
  userVerified: boolean;
}

export interface SecurityKeys {
  keys: readonly SecurityKey[];
  /** So many a user can have. */
  max: number;
  /** Adding and removing ask for a code or a key first. */
  needsProof: boolean;
}

/** For `navigator.credentials`; the bytes are base64url, as `PublicKeyCredential.parse…OptionsFromJSON` takes them. */
export interface KeyOptions {
  publicKey: object;
  expiresAt: string;
}

export interface KeyAdded {
  key: SecurityKey;
  /** With the first factor; shown once. */
  recoveryCodes?: readonly string[];
  /** Where to go from here. */
  next: string;
}

export interface KeysChanged {
  /** Those that there are now. */
  keys: readonly SecurityKey[];
  /** Of a removed one, for `PublicKeyCredential.signalUnknownCredential`. */
  signal?: Readonly<Record<string, string>>;
}

export interface Sent {
  sent: true;
  canSendAgainInSeconds: number;
}

/** A new second step for who has lost everything, and how far it is. */
export interface RecoveryState {
  /** `requested`: the code from the mail is to be typed. `closed`: none can be asked for until `closedUntil`. */
  state: "offered" | "requested" | "waiting" | "ready" | "closed";
  /** How long is waited, between the code that confirms and the set-up. */
  delaySeconds: number;
  requestedAt?: string;
  /** From then on the set-up can be opened, by a fresh code. */
  readyAt?: string;
  closedUntil?: string;
  /** The code that opens the set-up is in the mailbox. */
  codeSent?: true;
  /** Set-up is open for this session. */
  open?: true;
}

export interface RecoveryRequested {
  requestedAt: string;
  codeSent: true;
}

export interface RecoveryConfirmed {
  readyAt: string;
}

export interface RecoveryOpened {
  /** `true`: a fresh code was sent, and is to be given next; `false`: it was right, and set-up is open. */
  codeSent: boolean;
  next: string;
}

/** What a link in a mail stops. */
export interface RecoveryLink {
  cancelled: boolean;
}

export interface Confirmation {
  /** A code has to come along; the proof is not recent. */
  needsCode: boolean;
}

export interface Disabled {
  success: true;
  enabled: false;
  /** The app demands one: it will ask for a new set-up. */
  required: boolean;
}

export interface Forgotten {
  /** Those that are still remembered. */
  browsers: RememberedBrowser[];
}
