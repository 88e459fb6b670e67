/** The letters there are: for an event one, for a lock one of two. */
export type LetterName =
  | "enabled"
  | "replaced"
  | "disabled"
  | "reset"
  | "factor-added"
  | "factor-removed"
  | "recovery-codes-regenerated"
  | "recovery-code-used"
  | "recovery-codes-low"
  | "locked"
  | "locked-for-good"
  | "unlocked"
  | "password-suspected"
  | "code-sending-limited"
  | "browser-remembered"
  | "key-added"
  | "key-removed"
  | "key-suspicious"
  | "recovery-requested"
  | "recovery-confirmed"
  | "recovery-half-way"
  | "recovery-ready"
  | "recovery-code"
  | "recovery-cancelled"
  | "recovery-finished";

/** A text by the number that it names: for none at all, then the language's own plural forms. */
export type Counted<Category extends Intl.LDMLPluralRule> = Readonly<Record<"none" | Category, string>>;

/** What happened, and what to know or do next; `{issuer}` and the event's own values are filled in. */
interface LetterWords<Text> {
  readonly subject: string;
  readonly happened: Text;
  readonly next: Text;
}

/**
 * All that mails say in one language. Every text is asked for by the type, so a language is whole or does not compile.
 * `{issuer}` may stand in each; the others are named beside.
 */
export interface NoticeWords<Category extends Intl.LDMLPluralRule = "other"> {
  readonly greeting: string;
  /** `locked`: `{until}`; `recovery-confirmed`, `recovery-half-way`: `{readyAt}`; where a text is counted: `{remaining}`. */
  readonly letters: Readonly<Record<Exclude<LetterName, CountedLetter>, LetterWords<string>>> &
    Readonly<Record<CountedLetter, LetterWords<string | Counted<Category>>>>;
  /** What to do if it was not them. */
  readonly ifNotYou: Readonly<Record<Advice, string>>;
  /** One line each; the value's own name in braces. */
  readonly details: Readonly<Record<Detail, string>>;
  /** `{browser}` and `{system}`: "Firefox on Linux". */
  readonly browserOnSystem: string;
  /** `{date}` and `{time}`. */
  readonly dateAndTime: string;
  /** `{url}`. */
  readonly links: Readonly<Record<Link, string>>;
  readonly closing: string;
}

type CountedLetter = "recovery-code-used" | "recovery-codes-low";

/**
 * `change`: the account's factors are others now. `password`: somebody typed wrong codes behind the password.
 * `operator`: the people who run the site did it. `codes`: recovery codes were spent. `recovery`: it can still be stopped.
 * `stopped`: it was.
 */
export type Advice = "change" | "password" | "operator" | "codes" | "recovery" | "stopped";
export type Detail = "when" | "address" | "browser" | "reason" | "key" | "code";
export type Link = "cancel" | "account" | "support";
