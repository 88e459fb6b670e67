import { isEnrolled, type FactorEntry } from "./factor-entry";
import { both, isObject, listOf, onlyTrue, openShape, optional, refuse, shape, text, type StoredField } from "./shape";

/** What is known of a kind of factor where its entries are read. */
interface KnownKind {
  readonly kind: string;
  readonly rank: string;
  /** A user can have several, told apart by `id`. */
  readonly many?: true;
  readonly fields: Readonly<Record<string, StoredField>>;
  readonly whole?: StoredField;
  upgrade?(stored: FactorEntry): FactorEntry;
}

export type KnownKinds = ReadonlyMap<string, KnownKind>;

const common = { kind: text, id: optional(text), strong: optional(onlyTrue) };

const anyEntry = openShape(common);

/** What an entry of this kind must be. */
function entryOf(kind: KnownKind): StoredField {
  const fields = both(shape({ ...common, ...kind.fields }), kind.whole);
  return (value, field) => {
    if (!isObject(value)) refuse(field, "an object");
    const entry = kind.upgrade?.(value as unknown as FactorEntry) ?? (value as unknown as FactorEntry);
    fields(entry, field);
    if (entry.kind !== kind.kind) refuse(`${field}.kind`, `"${kind.kind}"`);
    if ((entry.strong === true) !== (kind.rank === "strong")) refuse(`${field}.strong`, `what "${kind.kind}" is`);
    if ((entry.id === undefined) === (kind.many === true)) refuse(`${field}.id`, kind.many ? "a name" : "nothing");
  };
}

const made = new WeakMap<KnownKind, StoredField>();

/** Looks at an entry of this kind that is about to be written, as it would be read again. @throws RecordRefused */
export function checkEntry(entry: FactorEntry, kind: KnownKind): void {
  const check = made.get(kind) ?? entryOf(kind);
  made.set(kind, check);
  check(entry, "entry");
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

/** All entries of a record. One of a kind that is not loaded here stays as it is: it proves nothing, and is not lost. */
export function storedEntries(kinds: KnownKinds): StoredField {
  const entries = new Map([...kinds].map(([name, kind]) => [name, entryOf(kind)]));
  return both(
    listOf((value, field) => {
      const { kind } = (value ?? {}) as { kind?: string };
      const entryOfKind = kind === undefined ? undefined : entries.get(kind);
      (entryOfKind ?? anyEntry)(value, field);
    }),
    wholeEntries(kinds),
  );
}
