import { noAttempts, type Attempts, type KnownBrowser } from "./attempts";
import type { Browser } from "./browsers";
import type { HistoryEntry } from "./history";
import type { TwoFactorRecord } from "./record";
import { fromVersion1 } from "./record-version-1";
import { storedRecovery } from "./recovery-shape";
import {
  anyText,
  checkFields,
  count,
  isObject,
  listOf,
  oneOrList,
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
import { storedEntries, type KnownKinds } from "./stored-entries";

export { RecordRefused } from "./shape";
export type { KnownKinds } from "./stored-entries";

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
  offSince: optional(count),
  offBy: optional(text),
  enrolmentCode: optional(shape({ hash: text, expiresAt: count, usedBy: optional(text) })),
  recovery: optional(storedRecovery),
  attempts,
  known: optional(listOf(knownBrowser)),
  unlocking: optional(shape({ id: text, at: listOf(count) })),
  passwordSuspectedAt: optional(count),
  setupAttempts: optional(attempts),
  passes: optional(listOf(named)),
  left: optional(listOf(named)),
  endedProofs: listOf(endedProof),
  proofsVoidUntil: count,
  browsers: listOf(browser),
  history: shape({ texts: listOf(anyText), entries: listOf(tuple(count, wholeNumber, count, count)) }),
};

const fieldsByKinds = new WeakMap<KnownKinds, Readonly<Record<string, StoredField>>>();

/** Made once: records are read with each request that is not proven. */
function fieldsWith(kinds: KnownKinds): Readonly<Record<string, StoredField>> {
  const made = fieldsByKinds.get(kinds) ?? {
    ...fields,
    factors: storedEntries(kinds),
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

/** As it is stored: its hash and since when it is known, and its wrong codes where there are any. */
type StoredKnownBrowser = string | readonly [known: string, attempts: Attempts];

const hashLength = 12;

function storedKnownBrowser({ hash, knownAt, attempts: counted }: KnownBrowser): StoredKnownBrowser {
  const known = `${hash}${knownAt.toString(36)}`;
  return counted.inARow > 0 ? [known, counted] : known;
}

function knownBrowserOf(stored: StoredKnownBrowser): KnownBrowser {
  const [known, counted] = typeof stored === "string" ? [stored, noAttempts] : stored;
  return {
    hash: known.slice(0, hashLength),
    knownAt: Number.parseInt(known.slice(hashLength), 36),
    attempts: counted,
  };
}

/** A history as it is stored: each distinct text once, and entries that point at them. Full, it takes a third of the room. */
interface PackedHistory {
  texts: readonly string[];
  /** `[type, seconds, IP address, browser]`: seconds since the entry before, the others as positions in `texts`. */
  entries: readonly (readonly [type: number, seconds: number, ip: number, browser: number])[];
}

export function packHistory(history: readonly HistoryEntry[]): PackedHistory {
  const texts = [...new Set(history.flatMap(([type, , ip, browser]) => [type, ip, browser]))];
  const place = (text: string): number => texts.indexOf(text);
  const seconds = differencesOf(history.map(([, at]) => at));
  return {
    texts,
    entries: history.map(([type, , ip, browser], index) => [
      place(type),
      seconds[index] ?? 0,
      place(ip),
      place(browser),
    ]),
  };
}

/** @param packed with all positions inside `texts` */
export function unpackHistory({ texts, entries }: PackedHistory): readonly HistoryEntry[] {
  const text = (place: number): string => texts[place] ?? "";
  const times = timesOf(entries.map(([, seconds]) => seconds));
  return entries.map(([type, , ip, browser], index) => [text(type), times[index] ?? 0, text(ip), text(browser)]);
}

/** Times as they are stored: the first as it is, the others as seconds since the one before. */
const differencesOf = (times: readonly number[]): readonly number[] =>
  times.map((time, index) => time - (times[index - 1] ?? 0));

function timesOf(differences: readonly number[]): readonly number[] {
  let time = 0;
  return differences.map((difference) => (time += difference));
}

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
