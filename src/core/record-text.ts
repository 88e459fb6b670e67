import { noAttempts, type Attempts } from "./attempts";
import { differencesOf, timesOf } from "./differences";
import { packHistory, unpackHistory, type PackedHistory } from "./history";
import type { TwoFactorRecord } from "./record";

/** Why a stored text is no record of this user, as `field: reason`. */
export class RecordRefused extends Error {
  constructor(
    readonly field: string,
    reason: string,
  ) {
    super(`${field}: ${reason}`);
  }
}

type Check = (value: unknown, field: string) => void;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function refuse(field: string, expected: string): never {
  throw new RecordRefused(field, `expected ${expected}`);
}

const text: Check = (value, field) => {
  if (typeof value !== "string" || value === "") refuse(field, "a text");
};
const anyText: Check = (value, field) => {
  if (typeof value !== "string") refuse(field, "a text");
};
const count: Check = (value, field) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) refuse(field, "a whole number from 0");
};
const difference: Check = (value, field) => {
  if (!Number.isSafeInteger(value)) refuse(field, "a whole number");
};
const lockEnd: Check = (value, field) => {
  if (value !== "reset") count(value, field);
};
const optional =
  (check: Check): Check =>
  (value, field) => {
    if (value !== undefined) check(value, field);
  };
const listOf =
  (check: Check): Check =>
  (value, field) => {
    if (!Array.isArray(value)) refuse(field, "a list");
    for (const [index, item] of value.entries()) check(item, `${field}[${index}]`);
  };
const tuple =
  (...checks: Check[]): Check =>
  (value, field) => {
    if (!Array.isArray(value) || value.length !== checks.length) refuse(field, `a list of ${checks.length}`);
    for (const [index, check] of checks.entries()) check(value[index], `${field}[${index}]`);
  };
const shape =
  (fields: Record<string, Check>): Check =>
  (value, field) => {
    if (!isObject(value)) refuse(field, "an object");
    refuseUnknown(value, fields, `${field}.`);
    for (const [name, check] of Object.entries(fields)) check(value[name], `${field}.${name}`);
  };

/** A name misspelled by hand would otherwise be a factor that is not there. */
function refuseUnknown(value: object, known: object, prefix = ""): void {
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) throw new RecordRefused(`${prefix}${unknown.slice(0, 40)}`, "unknown to this version");
}

const history: Check = (value, field) => {
  shape({ texts: listOf(anyText), entries: listOf(tuple(count, difference, count, count)) })(value, field);
  const { texts, entries } = value as PackedHistory;
  for (const [index, [type, , ip, browser]] of entries.entries()) {
    const places = [type, ip, browser];
    if (places.some((place) => place >= texts.length)) refuse(`${field}.entries[${index}]`, "positions in its texts");
  }
};

const attempts = shape({ failures: count, rounds: count, inARow: count, lockedUntil: optional(lockEnd) });
const sentCode = shape({ hash: text, expiresAt: count });

const fields: Record<keyof Omit<TwoFactorRecord, "version" | "user">, Check> = {
  epoch: anyText,
  totp: optional(shape({ secret: text, enabledAt: count, lastStep: count })),
  recoveryCodes: optional(shape({ salt: text, hashes: listOf(text), createdAt: count })),
  directCode: optional(
    shape({ current: optional(sentCode), sending: optional(sentCode), sentAt: count, sends: count }),
  ),
  identityProvider: optional(shape({ acr: text, at: count })),
  resetAt: optional(count),
  attempts,
  setupAttempts: optional(attempts),
  endedProofs: listOf(tuple(text, count)),
  proofsVoidUntil: count,
  browsers: listOf(shape({ id: text, hash: text, name: anyText, rememberedAt: count, lastUsedAt: count })),
  history,
};

/**
 * Reads a stored text. A record that is not whole is refused, never mended: a hand edit or a newer version must not
 * turn into "no second factor".
 * @throws RecordRefused naming the field
 */
export function parseRecord(stored: string, user: string): TwoFactorRecord {
  let value: unknown;
  try {
    value = JSON.parse(stored);
  } catch {
    throw new RecordRefused("record", "no JSON text (truncated?)");
  }
  if (!isObject(value)) refuse("record", "an object");
  if (value["version"] !== 1) {
    throw new RecordRefused(
      "version",
      "not 1; it was written by a newer version of this library, or by something else",
    );
  }
  if (value["user"] !== user) throw new RecordRefused("user", "it belongs to somebody else");
  refuseUnknown(value, { version: 1, user, ...fields });
  for (const [name, check] of Object.entries(fields)) check(value[name], name);
  const form = value as unknown as StoredForm;
  // They come and go together; a second factor must not be lost by half.
  if (form.totp === undefined && form.recoveryCodes !== undefined) refuse("totp", "it where there are recovery codes");
  const issuedAt = timesOf(form.endedProofs.map(([, seconds]) => seconds));
  return {
    ...form,
    setupAttempts: form.setupAttempts ?? noAttempts,
    endedProofs: form.endedProofs.map(([id], index) => [id, issuedAt[index] ?? 0]),
    history: unpackHistory(form.history),
  };
}

/** As it is stored: what every record has, and what repeats itself, takes little room. */
type StoredForm = Omit<TwoFactorRecord, "setupAttempts" | "endedProofs" | "history"> & {
  setupAttempts?: Attempts;
  /** Seconds since the one before. */
  endedProofs: readonly (readonly [id: string, seconds: number])[];
  history: PackedHistory;
};

export function recordText({ setupAttempts, ...record }: TwoFactorRecord): string {
  const seconds = differencesOf(record.endedProofs.map(([, issuedAt]) => issuedAt));
  const form: StoredForm = {
    ...record,
    ...(setupAttempts.inARow > 0 && { setupAttempts }),
    endedProofs: record.endedProofs.map(([id], index) => [id, seconds[index] ?? 0]),
    history: packHistory(record.history),
  };
  return JSON.stringify(form);
}
