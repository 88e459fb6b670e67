import { noAttempts, type Attempts } from "./attempts";
import type { Browser } from "./browsers";
import { isEnrolled, type FactorEntry } from "./factor-entry";
import { differencesOf, packHistory, timesOf, unpackHistory, type PackedHistory } from "./history";
import { knownBrowserOf, storedKnownBrowser, type StoredKnownBrowser } from "./known-browser-text";
import type { TwoFactorRecord } from "./record";
import { fromVersion1 } from "./record-version-1";
import { storedRecovery } from "./recovery-shape";
import {
  anyText,
  both,
  checkFields,
  count,
  isObject,
  listOf,
  oneOrList,
  onlyTrue,
  openShape,
  optional,
  RecordRefused,
  refuse,
  shape,
  text,
  textLike,
  tuple,
  wholeNumber,
  type StoredField,
} from "./shape";

export { RecordRefused } from "./shape";

/** What is known of a kind of factor where its entries are read. */
interface KnownKind {
  readonly rank: string;
  /** A user can have several, told apart by `id`. */
  readonly many?: true;
  readonly fields: Readonly<Record<string, StoredField>>;
  readonly whole?: StoredField;
  upgrade?(stored: FactorEntry): FactorEntry;
}

export type KnownKinds = ReadonlyMap<string, KnownKind>;

const lockEnd: StoredField = (value, field) => {
  if (value !== "reset") count(value, field);
};

const named = tuple(text, count);
const attempts = shape({ failures: count, rounds: count, inARow: count, lockedUntil: optional(lockEnd) });

/** Its hash and since when it is known, in one text; and its wrong codes where there are any. */
const knownText = textLike(/^[\w-]{12}[0-9a-z]{1,11}$/, "a known browser");
const knownBrowser = oneOrList(knownText, tuple(knownText, attempts));

/** A name of eight characters and the seconds behind it; a list where it was written before, or its name is another. */
const endedProof = oneOrList(textLike(/^[\w-]{8}[0-9a-z]{1,11}$/, "an ended proof"), tuple(text, count));

const browser: StoredField = (value, field) => {
  const common = [text, text, anyText, count, count] as const;
  const isOne: StoredField = (mark, at) => {
    if (mark !== 1) refuse(at, "1, or nothing");
  };
  tuple(...common, ...(Array.isArray(value) && value.length > common.length ? [isOne] : []))(value, field);
};

const fields: Readonly<Record<Exclude<keyof StoredForm, "factors">, StoredField>> = {
  version: count,
  user: text,
  epoch: anyText,
  handle: optional(text),
  spent: optional(listOf(named)),
  identityProvider: optional(shape({ acr: text, at: count })),
  resetAt: optional(count),
  enrolmentCode: optional(shape({ hash: text, expiresAt: count, usedBy: optional(text) })),
  recovery: optional(storedRecovery),
  attempts,
  known: optional(listOf(knownBrowser)),
  unlocking: optional(shape({ id: text, at: listOf(count) })),
  passwordSuspectedAt: optional(count),
  setupAttempts: optional(attempts),
  passes: optional(listOf(named)),
  endedProofs: listOf(endedProof),
  proofsVoidUntil: count,
  browsers: listOf(browser),
  history: shape({ texts: listOf(anyText), entries: listOf(tuple(count, wholeNumber, count, count)) }),
};

const common = { kind: text, id: optional(text), strong: optional(onlyTrue) };

const anyEntry = openShape(common);

/** Looks at an entry that is about to be written, as it would be read again. @throws RecordRefused */
export const checkEntry = (entry: FactorEntry, kind: KnownKind): void =>
  entryOf(new Map([[entry.kind, kind]]))(entry, "entry");

/** What an entry must be. One of a kind that is not loaded here stays as it is: it proves nothing, and is not lost. */
function entryOf(kinds: KnownKinds): StoredField {
  const shapes = new Map(
    [...kinds].map(([name, kind]) => [name, both(shape({ ...common, ...kind.fields }), kind.whole)]),
  );
  return (value, field) => {
    const named = (value as { kind?: unknown } | null)?.kind;
    const kind = typeof named === "string" ? kinds.get(named) : undefined;
    if (kind === undefined) return anyEntry(value, field);
    const entry = kind.upgrade?.(value as FactorEntry) ?? (value as FactorEntry);
    shapes.get(entry.kind)?.(entry, field);
    if ((entry.strong === true) !== (kind.rank === "strong")) refuse(`${field}.strong`, `what "${entry.kind}" is`);
    if ((entry.id === undefined) === (kind.many === true)) refuse(`${field}.id`, kind.many ? "a name" : "nothing");
  };
}

/** They come and go together; a second factor must not be lost by half. */
const wholeEntries =
  (kinds: KnownKinds): StoredField =>
  (value, field) => {
    const stored = value as readonly FactorEntry[];
    const entries = stored.map((entry) => kinds.get(entry.kind)?.upgrade?.(entry) ?? entry);
    const names = new Set(entries.map(({ kind, id }) => JSON.stringify([kind, id])));
    if (names.size < entries.length) refuse(field, "each only once");
    const backup = entries.find(({ kind }) => kinds.get(kind)?.rank === "backup");
    if (backup !== undefined && !isEnrolled({ factors: entries })) refuse(field, `more than ${backup.kind} alone`);
  };

const fieldsByKinds = new WeakMap<KnownKinds, Readonly<Record<string, StoredField>>>();

/** Made once: records are read with each request that is not proven. */
function fieldsWith(kinds: KnownKinds): Readonly<Record<string, StoredField>> {
  const made = fieldsByKinds.get(kinds) ?? {
    ...fields,
    factors: both(listOf(entryOf(kinds)), wholeEntries(kinds)),
  };
  fieldsByKinds.set(kinds, made);
  return made;
}

function parsed(stored: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(stored);
  } catch {
    throw new RecordRefused("record", "no JSON text (truncated?)");
  }
  if (!isObject(value)) refuse("record", "an object");
  return value;
}

/**
 * Reads a stored text, of this version or the one before. A record that is not whole is refused, never mended: a hand
 * edit or a newer version must not turn into "no second factor".
 * @throws RecordRefused naming the field
 */
export function parseRecord(stored: string, user: string, kinds: KnownKinds): TwoFactorRecord {
  const expected = fieldsWith(kinds);
  const value = parsed(stored);
  const { version } = value;
  if (version !== 1 && version !== 2) {
    const reason = "neither 1 nor 2; it was written by a newer version of this library, or by something else";
    throw new RecordRefused("version", reason);
  }
  if (value["user"] !== user) throw new RecordRefused("user", "it belongs to somebody else");
  const current = version === 1 ? fromVersion1(value) : value;
  checkFields(current, expected);
  const form = current as unknown as StoredForm;
  const { texts, entries } = form.history;
  for (const [index, [type, , ip, browser]] of entries.entries()) {
    const isInside = Math.max(type, ip, browser) < texts.length;
    if (!isInside) refuse(`history.entries[${index}]`, "positions in its texts");
  }
  const knownBrowsers = form.known?.map(knownBrowserOf);
  const ended = form.endedProofs.map(endedProofOf);
  const issuedAt = timesOf(ended.map(([, seconds]) => seconds));
  const { known: _, ...rest } = form;
  return {
    ...rest,
    ...(knownBrowsers && { knownBrowsers }),
    endedProofs: ended.map(([id], index) => [id, issuedAt[index] ?? 0]),
    factors: form.factors.map((entry) => kinds.get(entry.kind)?.upgrade?.(entry) ?? entry),
    setupAttempts: form.setupAttempts ?? noAttempts,
    browsers: form.browsers.map(([id, hash, name, rememberedAt, lastUsedAt, resistant]) => ({
      id,
      hash,
      name,
      rememberedAt,
      lastUsedAt,
      ...(resistant && { resistant: true as const }),
    })),
    history: unpackHistory(form.history),
  };
}

type EndedProof = readonly [id: string, seconds: number];
type StoredBrowser = readonly [
  id: string,
  hash: string,
  name: string,
  rememberedAt: number,
  lastUsedAt: number,
  resistant?: 1,
];

/** As it is stored: what every record has takes little room. */
type StoredForm = Omit<TwoFactorRecord, "setupAttempts" | "endedProofs" | "browsers" | "history" | "knownBrowsers"> & {
  known?: readonly StoredKnownBrowser[];
  setupAttempts?: Attempts;
  /** Seconds since the one before. */
  endedProofs: readonly (string | EndedProof)[];
  browsers: readonly StoredBrowser[];
  history: PackedHistory;
};

const storedBrowser = ({ id, hash, name, rememberedAt, lastUsedAt, resistant }: Browser): StoredBrowser =>
  resistant ? [id, hash, name, rememberedAt, lastUsedAt, 1] : [id, hash, name, rememberedAt, lastUsedAt];

const endedIdLength = 8;

const storedEndedProof = ([id, seconds]: EndedProof): string | EndedProof =>
  /^[\w-]{8}$/.test(id) ? `${id}${seconds.toString(36)}` : [id, seconds];

const endedProofOf = (stored: string | EndedProof): EndedProof =>
  typeof stored === "string"
    ? [stored.slice(0, endedIdLength), Number.parseInt(stored.slice(endedIdLength), 36)]
    : stored;

export function recordText({ setupAttempts, knownBrowsers = [], ...record }: TwoFactorRecord): string {
  const known = knownBrowsers.map(storedKnownBrowser);
  const seconds = differencesOf(record.endedProofs.map(([, issuedAt]) => issuedAt));
  const form: StoredForm = {
    ...record,
    endedProofs: record.endedProofs.map(([id], index) => storedEndedProof([id, seconds[index] ?? 0])),
    ...(known.length > 0 && { known }),
    ...(setupAttempts.inARow > 0 && { setupAttempts }),
    browsers: record.browsers.map(storedBrowser),
    history: packHistory(record.history),
  };
  return JSON.stringify(form);
}
