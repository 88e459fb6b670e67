import type { FactorEntry } from "../core/factor-entry";
import type { StoredField } from "../core/shape";
import type { Challenge } from "../core/spent";
import type { UseDetails, UseEvent } from "../events";

export type { Challenge } from "../core/spent";

/**
 * What a kind is worth.
 * - `strong`: who has one is enrolled: asked at each sign-in, and asked before any change of factors.
 * - `backup`: comes with the first strong one and dies with the last; stands in for it.
 * - `weak`: proves a sign-in of somebody who has nothing strong, and allows no change to anybody else.
 */
export type FactorRank = "strong" | "backup" | "weak";

/** What a form or a JSON body brings to prove with; read once, at the door. */
export interface Presented {
  /** The field `code` without spaces and dashes, in capitals; absent where that is no code of any kind. */
  readonly code?: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Under which key of the ring something is; it is told without opening it. */
export interface KeyAges {
  /** `false`: sealed under another than the first key. */
  readonly isCurrent: (sealed: string) => boolean;
  /** `true`: sealed under a key behind the first, which cannot be taken away yet. */
  readonly needsOldKey: (sealed: string) => boolean;
  readonly isWrapCurrent: (wrapped: string) => boolean;
  readonly wrapNeedsOldKey: (wrapped: string) => boolean;
}

/** All the cryptography that a kind gets, bound to one user, one scope and this kind; nothing else opens what it seals. */
export interface FactorTools extends KeyAges {
  /** Encrypts under the first key of the ring. */
  readonly seal: (text: string) => Promise<string>;
  /** @throws TwoFactorError where the key is gone, or the text is not this user's */
  readonly open: (sealed: string) => Promise<string>;
  /** For short texts that are no secret by themselves, such as a salt: 60 characters instead of 400, never a key service. */
  readonly wrap: (text: string) => string;
  /** @throws TwoFactorError as `open` */
  readonly unwrap: (wrapped: string) => string;
  /** A keyed hash (HMAC-SHA-256) of short texts, under a key derived from the ring. */
  readonly sign: (...parts: readonly string[]) => string;
  /** In constant time, under every key of the ring. */
  readonly isSigned: (signature: string, ...parts: readonly string[]) => boolean;
  /** scrypt, for what has fewer than 112 bits; few at a time, and once a submission for the same text and salt. */
  readonly slowHash: (text: string, salt: string) => Promise<string>;
  /** @throws TwoFactorError where what this user has of strong factors was sealed under other keys than these */
  readonly strongOpens: () => Promise<void>;
  /** What devices know this user by: 32 random bytes in base64url, made with the first that asked; no name of the host's. */
  readonly handle?: string | undefined;
  /** The user has proven it by another way: why a code is wrong may be told. */
  readonly mayHint?: boolean | undefined;
  /** Unix seconds. */
  readonly now: number;
}

export type FactorVerdict<Entry extends FactorEntry = FactorEntry> =
  /** `left`: the entry with what was presented spent; `undefined`: it is gone whole. `about`: how it was used. */
  | {
      readonly is: "right";
      readonly left: Entry | undefined;
      readonly events?: readonly UseEvent[];
      readonly about?: UseDetails;
    }
  /** It was right once, and has been accepted already: no guess. */
  | { readonly is: "used" }
  /** Not right, and nothing that anybody could have guessed. `reason`: in one word, for a front end and the log. */
  | { readonly is: "refused"; readonly reason: string; readonly events?: readonly UseEvent[] }
  /** `clockOffSeconds`: it is right for a time so far ahead (below 0: behind), which only `mayHint` lets tell. */
  | { readonly is: "wrong"; readonly clockOffSeconds?: number };

/** What may be told of an entry: no secret, no hash. Times are Unix seconds. */
export interface FactorSummary {
  readonly name?: string;
  readonly addedAt?: number;
  readonly lastUsedAt?: number;
  /** Of what is used up by use. */
  readonly remaining?: number;
  /** So little of it is left that the user is asked to renew it. */
  readonly low?: boolean;
  /** It serves, but is weaker than what is made today: the user is asked to replace it. */
  readonly replaceAdvised?: true;
  /** There are copies of it on the user's other devices. */
  readonly synced?: boolean;
  /** It has checked who holds it, when it was last used: by a PIN, a finger, a face. */
  readonly userVerified?: boolean;
}

/** A set-up by the user's own hand: a secret that is shown, kept in the session, and confirmed by a first code. */
export interface SetUp<Entry extends FactorEntry = FactorEntry, Input = unknown> {
  newSecret(): string;
  /** The secret as a link and a QR code hold it. */
  uri(secret: string, about: { issuer: string; account: string }): string;
  /** The code that confirms is spent with it. */
  confirm(
    secret: string,
    input: Input,
    tools: FactorTools,
  ): Promise<{ is: "right"; entry: Entry } | { is: "wrong"; clockOffSeconds?: number }>;
  /** A secret that was confirmed elsewhere, by `import`. @throws TypeError saying why it is none */
  adopt?(secret: string, tools: FactorTools): Promise<Entry>;
}

/** Codes that are made by the server and sent by the host, with what is needed to send one at a time. */
export interface Delivery<Entry extends FactorEntry = FactorEntry> {
  /** A sender that takes longer has failed, as far as the user is concerned. */
  readonly withinSeconds: number;
  /** @param opening nobody pressed a button, the code page was opened */
  secondsUntilNext(entry: Entry | undefined, occasion: { opening: boolean }, now: number): number;
  /** Unix seconds: until then codes are sent more rarely, because too many were never used. */
  limitedUntil(entry: Entry | undefined, now: number): number | undefined;
  newCode(): string;
  /** Takes room for it before it leaves, so that of parallel requests one sends. */
  sending(entry: Entry | undefined, code: string, tools: FactorTools): Entry;
  /** The sender has answered about the code that `sending` took room for. */
  settled(entry: Entry, code: string, delivered: boolean, tools: FactorTools): Entry;
  /** What a history says of the last one that was sent: each by itself, then once that they become rarer, then nothing. */
  told(entry: Entry): "each" | "limited" | "nothing";
}

/** What a device is told of the user and the site as it is added. */
export interface AboutUser {
  readonly handle: string;
  readonly account: string;
  readonly issuer: string;
}

/**
 * Devices that answer a challenge, such as security keys. The challenge is kept in the session, for one purpose, and is
 * taken out of it before an answer is looked at; the record keeps the accepted ones, so that none is good twice.
 */
export interface Ceremony<Entry extends FactorEntry = FactorEntry, Answer = unknown, Added = unknown> {
  /** The field that brings an answer, wherever a form takes a `code`. */
  readonly field: string;
  /** How many a user can have. */
  readonly most: number;
  /** For these users nothing else is proof. */
  requiredFor?(user: unknown, req: unknown): boolean | Promise<boolean>;
  /** The challenge that an answer names. Whether it was asked is not for the answer to say. */
  challengeOf(answer: Answer | Added): string;
  /** The answer with the challenge that the session held for it. */
  answered(answer: Answer, challenge: Challenge): Answer;
  /** Which of several an answer is held against: exactly one, whatever it names, so that time tells nothing. */
  pick(entries: readonly Entry[], answer: Answer): Entry | undefined;
  /** What the browser is asked with. @returns `undefined` where there is nothing to ask for */
  ask(entries: readonly Entry[], challenge: string, tools: FactorTools): object | undefined;
  askToAdd(entries: readonly Entry[], challenge: string, about: AboutUser): object;
  /** What of a form brings a new one, told by its form alone. */
  readAdded(fields: Readonly<Record<string, unknown>>): Added | undefined;
  /** @param beside those of the user's that there are */
  add(
    added: Added,
    asked: { readonly challenge: Challenge; readonly beside: readonly Entry[]; readonly name: string },
    tools: FactorTools,
  ): Promise<{ is: "right"; entry: Entry } | { is: "refused"; reason: string }>;
  /** @returns `undefined` for what was not written by us */
  renamed(entry: Entry, name: string, tools: FactorTools): Entry | undefined;
  /** For the browser, so that it need not offer what was removed. */
  signal(entry: Entry): Readonly<Record<string, string>>;
}

/** A name and a hint for the code page, by language (`en`, `fr`, …); `en` stands in for what is missing. */
export type FactorWords = Readonly<Record<"en", FactorText> & Partial<Record<string, FactorText>>>;

export interface FactorText {
  /** On lists: "Hardware token". */
  readonly name: string;
  /** At the code field: "The six digits on your token." */
  readonly hint: string;
}

/**
 * One kind of factor: everything about it, and nothing about the others. A kind of your own is an object like this in the
 * option `factors`; `express-two-factor/factors/conformance` says whether it keeps what is promised.
 */
export interface Factor<Entry extends FactorEntry = FactorEntry, Input = unknown> {
  /** In records, options and lists; lower case, such as `hotp-tokens`. Never changed once a record holds one. */
  readonly kind: string;
  /** As events and answers name a use: `totp`, `recovery-code`. */
  readonly method: string;
  readonly rank: FactorRank;
  /** A user can have several; each entry then has an `id`. */
  readonly many?: true;
  /** Whether a wrong one is a guess: counted, and stopped by the lock. */
  readonly isGuessable: boolean;
  /** Each check costs a `slowHash`: then it is done so often, and no more, in a minute. */
  readonly isCostly?: true;
  /** How many digits its codes have, for the page that asks for one. */
  readonly digits?: number;
  /** Of the keys that `sign` uses, where it is not `kind`. */
  readonly signsAs?: string;
  /** For kinds that the catalogues do not know. */
  readonly words?: FactorWords;
  /** The stored shape besides `kind`, `id` and `strong`. What is not named here is refused. */
  readonly fields: Readonly<Record<string, StoredField>>;
  /** Looks at a stored entry as a whole, where its fields depend on each other. @throws RecordRefused */
  readonly whole?: StoredField;
  /** Brings an entry that an earlier version stored into today's shape, before it is looked at. */
  upgrade?(stored: FactorEntry): FactorEntry;
  /** What of it can be this kind's, told by its form alone; `undefined`: nothing. */
  read(presented: Presented): Input | undefined;
  /** `false`: there is nothing to check just now. By default an entry can always be used. */
  isLive?(entry: Entry, now: number): boolean;
  check(entry: Entry, input: Input, tools: FactorTools): Promise<FactorVerdict<Entry>>;
  describe(entry: Entry): FactorSummary;
  /** Where it seals or wraps: all three of it. `sealed`: what of the entry is under which key. */
  readonly sealed?: Sealed<Entry>;
  /** Handed out by an administrator (`tfa.addFactor`). @throws TypeError saying what is wrong with the details */
  assign?(details: unknown, tools: FactorTools): Promise<Entry>;
  readonly setUp?: SetUp<Entry, Input>;
  readonly delivery?: Delivery<Entry>;
  readonly ceremony?: Ceremony<Entry, Input>;
  /** A set of codes shown once, made with the first strong factor and anew on demand. */
  issue?(tools: FactorTools): Promise<{ entry: Entry; texts: readonly string[] }>;
}

/** What an entry keeps under the keys of the ring. */
export interface Sealed<Entry extends FactorEntry = FactorEntry> {
  /** All is under the first key. */
  isCurrent(entry: Entry, tools: FactorTools): boolean;
  /** Something is under a key behind the first, which cannot be taken away yet. */
  needsOldKey(entry: Entry, tools: FactorTools): boolean;
  /** @throws TwoFactorError where it does not open */
  open(entry: Entry, tools: FactorTools): Promise<unknown>;
  /** All of it under the first key. @throws TwoFactorError where a key is gone */
  renewed(entry: Entry, tools: FactorTools): Promise<Entry>;
}

/** Typed where it is written, plain where it is listed. */
export const defineFactor = <Entry extends FactorEntry, Input>(factor: Factor<Entry, Input>): Factor =>
  Object.freeze<object>(factor) as Factor;
