import type { LaneName, ProofMethod } from "../../events";
import type { KeysPart } from "./keys-part";
import type { PageProblem } from "./pages";

export interface AccountPage {
  page: "account";
  /** `on` right after set-up is the recovery-codes page; `setting-up`: begun in this session, not confirmed. */
  state: "off" | "setting-up" | "on";
  required: boolean;
  /** It will be demanded from then on. */
  requiredFrom?: Date;
  /** `false`: this user cannot set one up (the predicate says `"never"`). */
  setupOffered?: false;
  /** `false`: this user cannot turn it off (`mayTurnOff`). */
  disableOffered?: false;
  /** Proven by the identity provider; its `acr` value. */
  provenBy?: { method: ProofMethod; acr?: string; at: Date };
  /** By method: `totp`, `direct-code`, or of a kind that the option `factors` brought. */
  methods: readonly string[];
  enabledAt?: Date;
  /** The authenticator serves, but its key is short (it was imported). */
  replaceAdvised?: true;
  /** Codes are refused from some browsers. */
  lock?: { lane: LaneName; until?: Date };
  recoveryCodesRemaining: number;
  recovery?: { requestedAt: Date; readyAt?: Date };
  sending?: { limitedUntil: Date };
  recoveryCodesLow: boolean;
  /** Codes of just now can be shown again. */
  codesHeld?: true;
  browsers: readonly RememberedBrowser[];
  activity: readonly { type: string; at: Date; ip?: string; browser?: string }[];
  /** What just happened, told once at the top, as text of the catalogue. */
  notice?: SessionNotice;
  keys?: KeysPart;
  /** An authenticator app can be added beside the keys that there are. */
  mayAddApp?: true;
  problem?: PageProblem;
}

export interface RememberedBrowser {
  id: string;
  name: string;
  rememberedAt: Date;
  /** Then it is asked again. */
  rememberedUntil: Date;
  lastUsedAt: Date;
  current: boolean;
}

/** What was just done, told once. */
export type SessionNotice =
  | "disabled"
  | "browser-forgotten"
  | "browsers-forgotten"
  | "key-added"
  | "key-renamed"
  | "key-removed"
  | "app-added";
