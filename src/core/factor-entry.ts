/**
 * One thing that a user can prove with, as the record keeps it. What else it holds is its kind's own affair: secrets
 * sealed, codes hashed, all of it JSON.
 */
export interface FactorEntry {
  readonly kind: string;
  /** Among several of one kind; absent where a user has one at most. */
  readonly id?: string;
  /** Who has such a one is enrolled. Kept in the entry, so that it counts where its kind is not loaded, too. */
  readonly strong?: true;
}

/** As answers and methods name an entry. */
export const entryId = ({ kind, id }: FactorEntry): string => (id === undefined ? kind : `${kind}:${id}`);

interface WithFactors {
  readonly factors: readonly FactorEntry[];
}

/** Enrolled: something strong is set up and confirmed (an authenticator, a key), not merely codes that are sent. */
export const isEnrolled = (record: WithFactors | undefined): boolean =>
  record?.factors.some(({ strong }) => strong === true) === true;

export const entriesOf = (record: WithFactors | undefined, kind: string): readonly FactorEntry[] =>
  (record?.factors ?? []).filter((entry) => entry.kind === kind);

const isSame = (a: FactorEntry, b: FactorEntry): boolean => a.kind === b.kind && a.id === b.id;

/** Added, or in the place of the one with its name. */
export function withEntry<Held extends WithFactors>(record: Held, entry: FactorEntry): Held {
  const known = record.factors.some((held) => isSame(held, entry));
  const factors = known
    ? record.factors.map((held) => (isSame(held, entry) ? entry : held))
    : [...record.factors, entry];
  return { ...record, factors };
}

export const withoutEntry = <Held extends WithFactors>(record: Held, entry: FactorEntry): Held => ({
  ...record,
  factors: record.factors.filter((held) => !isSame(held, entry)),
});

export const withoutKind = <Held extends WithFactors>(record: Held, kind: string): Held => ({
  ...record,
  factors: record.factors.filter((held) => held.kind !== kind),
});
