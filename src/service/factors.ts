import { entriesOf, withEntry, type FactorEntry } from "../core/factor-entry";
import type { TwoFactorRecord } from "../core/record";
import type { Verdict } from "../core/submission";
import { typedCode } from "../core/typed-code";
import type { Subject } from "../core/user-id";
import type { Challenge, Delivery, Factor, SetUp } from "../factors/factor";
import { createToolsFor, type Circumstances, type Cryptography } from "../factors/tools";
import { verdictOf, verdictOfAnswer, wholeEntry, type WithCeremony } from "./verdicts";

/** What each kind could read of a form, by kind. */
export type Presentations = ReadonlyMap<string, unknown>;

/** Fresh codes to fall back on: the texts to show once, and what the record keeps. */
export interface IssuedCodes {
  texts: readonly string[];
  entries: readonly FactorEntry[];
}

export type FactorSet = ReturnType<typeof createFactorSet>;

/** How a submission is judged: when, and what the session has proven it with already. */
export interface Judging extends Pick<Circumstances, "hashed"> {
  now: number;
  provenBy?: string | undefined;
}

/** All kinds that are loaded, each with its cryptography bound to one user. */
export function createFactorSet(kinds: readonly Factor[], cryptography: Cryptography, clock: () => number) {
  const byKind: ReadonlyMap<string, Factor> = new Map(kinds.map((factor) => [factor.kind, factor]));

  const toolsFor = createToolsFor(cryptography, byKind, clock);
  const asked = kinds.find((kind): kind is WithCeremony => kind.ceremony !== undefined);

  /** Each entry with its kind, where that is loaded. */
  const known = (record: TwoFactorRecord | undefined): readonly (readonly [Factor, FactorEntry])[] =>
    (record?.factors ?? []).flatMap((entry) => {
      const factor = byKind.get(entry.kind);
      return factor === undefined ? [] : [[factor, entry] as const];
    });

  const isLive = ([factor, entry]: readonly [Factor, FactorEntry], now: number): boolean =>
    factor.isLive?.(entry, now) !== false;

  return {
    kinds,
    /** For reading records. */
    byKind,
    toolsFor,
    known,
    /** What the set-up pages set up. */
    setUp: withSetUp(kinds),
    /** What is sent by the host. */
    sent: withDelivery(kinds),
    /** What answers a challenge; absent where the host has loaded none. */
    asked,

    /** The challenge that a form's answer names. @returns `undefined` where it brings no answer */
    challengeOf: (presented: Presentations): string | undefined =>
      asked !== undefined && presented.has(asked.kind)
        ? asked.ceremony.challengeOf(presented.get(asked.kind))
        : undefined,

    /** What a form brings, with the challenge that the session had for it. */
    answered(presented: Presentations, challenge: Challenge): Presentations {
      if (asked === undefined || !presented.has(asked.kind)) return presented;
      return new Map([...presented, [asked.kind, asked.ceremony.answered(presented.get(asked.kind), challenge)]]);
    },

    /** A method that no false page can pass on. */
    isResistant: (method: string): boolean => asked?.method === method,
    /** A method of the codes to fall back on. */
    isBackup: (method: string): boolean => kinds.some((kind) => kind.rank === "backup" && kind.method === method),
    /** What stands beside something strong; codes that are sent are for whoever has nothing better. */
    staysBeside: (entry: FactorEntry): boolean => byKind.get(entry.kind)?.rank !== "weak",
    askedEntry: (record: TwoFactorRecord | undefined, id: string): FactorEntry | undefined =>
      asked && entriesOf(record, asked.kind).find((entry) => entry.id === id),
    nameOf: (entry: FactorEntry): string => byKind.get(entry.kind)?.describe(entry).name ?? "",
    hasAsked: (record: TwoFactorRecord | undefined): boolean =>
      asked !== undefined && entriesOf(record, asked.kind).length > 0,

    /** What a form brings, told by its form alone. @returns `undefined` for what no kind can read: malformed */
    read(fields: Readonly<Record<string, unknown>>): Presentations | undefined {
      const code = typedCode(fields["code"]);
      const presented = { fields, ...(code !== undefined && { code }) };
      const read = kinds.flatMap((factor) => {
        const input = factor.read(presented);
        return input === undefined ? [] : [[factor.kind, input] as const];
      });
      return read.length === 0 ? undefined : new Map(read);
    },

    /** What each of these kinds says of what is presented to it. */
    async verdictsOf(
      subject: Subject,
      record: TwoFactorRecord,
      presented: Presentations,
      asked: readonly Factor[],
      { now, hashed, provenBy }: Judging,
    ): Promise<readonly Verdict[]> {
      const verdicts: Verdict[] = [];
      for (const factor of asked) {
        if (!presented.has(factor.kind)) continue;
        const input = presented.get(factor.kind);
        const live = record.factors.filter((entry) => entry.kind === factor.kind && isLive([factor, entry], now));
        const mayHint = provenBy !== undefined && provenBy !== factor.method;
        const tools = toolsFor(subject, factor, { record, hashed, mayHint, now });
        if (factor.ceremony !== undefined) {
          verdicts.push(await verdictOfAnswer({ ...factor, ceremony: factor.ceremony }, record, live, input, tools));
          continue;
        }
        if (live.length === 0) verdicts.push({ is: "wrong", guessable: factor.isGuessable });
        for (const entry of live) verdicts.push(verdictOf(factor, entry, await factor.check(entry, input, tools)));
      }
      return verdicts;
    },

    /** Looking at what is presented takes a slow hash. */
    isCostly: (record: TwoFactorRecord, presented: Presentations, now: number): boolean =>
      known(record).some(
        ([factor, entry]) => factor.isCostly === true && presented.has(factor.kind) && isLive([factor, entry], now),
      ),

    /** Fresh codes to fall back on, of every kind that has some. */
    async issueBackups(subject: Subject): Promise<IssuedCodes> {
      const issued = await Promise.all(
        kinds.map(async (factor) => {
          const set = await factor.issue?.(toolsFor(subject, factor));
          return set && { ...set, entry: wholeEntry(factor, set.entry) };
        }),
      );
      const made = issued.filter((set) => set !== undefined);
      return { texts: made.flatMap(({ texts }) => texts), entries: made.map(({ entry }) => entry) };
    },

    /** The kinds of which something can be used now, in the order in which a code is offered to them. */
    usable: (record: TwoFactorRecord | undefined, now: number): readonly Factor[] =>
      kinds.filter((factor) => entriesOf(record, factor.kind).some((entry) => isLive([factor, entry], now))),

    /** Unix seconds: since when something strong is set up; `undefined`: nothing is, or nobody knows. */
    strongSince(record: TwoFactorRecord | undefined): number | undefined {
      const strong = known(record).filter(([, entry]) => entry.strong);
      const times = strong.flatMap(([factor, entry]) => factor.describe(entry).addedAt ?? []);
      return times.length === 0 ? undefined : Math.min(...times);
    },

    /** The codes to fall back on, to be compared. */
    backupsOf: (record: TwoFactorRecord): string =>
      JSON.stringify(record.factors.filter(({ kind }) => byKind.get(kind)?.rank === "backup")),

    /** What is left of the codes to fall back on. */
    backupsLeft: (record: TwoFactorRecord | undefined): number =>
      known(record)
        .filter(([{ rank }]) => rank === "backup")
        .reduce((sum, [factor, entry]) => sum + (factor.describe(entry).remaining ?? 0), 0),

    /** So few are left, or none, that new ones should be made. */
    backupsAreLow: (record: TwoFactorRecord | undefined): boolean =>
      known(record).every(([factor, entry]) => factor.rank !== "backup" || factor.describe(entry).low === true),

    /** Something of the record is under a key behind the first. */
    needsOldKey: (subject: Subject, record: TwoFactorRecord): boolean =>
      known(record).some(([factor, entry]) => factor.sealed?.needsOldKey(entry, toolsFor(subject, factor)) === true),

    /**
     * All of the record under the first key; the very same record where it is.
     * @throws TwoFactorError where a key is gone
     */
    async resealed(subject: Subject, record: TwoFactorRecord): Promise<TwoFactorRecord> {
      const held = known(record).flatMap(([factor, entry]) =>
        factor.sealed === undefined
          ? []
          : [{ sealed: factor.sealed, entry, tools: toolsFor(subject, factor, { record }) }],
      );
      let next = record;
      for (const { sealed, entry, tools } of held) {
        if (!sealed.isCurrent(entry, tools)) next = withEntry(next, await sealed.renewed(entry, tools));
      }
      return next;
    },
  };
}

type WithSetUp = Factor & { readonly setUp: SetUp };
type WithDelivery = Factor & { readonly delivery: Delivery };

const withSetUp = (kinds: readonly Factor[]): WithSetUp => {
  const factor = kinds.find((kind): kind is WithSetUp => kind.setUp !== undefined);
  if (factor === undefined) throw new TypeError("No kind of factor can be set up.");
  return factor;
};

const withDelivery = (kinds: readonly Factor[]): WithDelivery => {
  const factor = kinds.find((kind): kind is WithDelivery => kind.delivery !== undefined);
  if (factor === undefined) throw new TypeError("No kind of factor is sent.");
  return factor;
};
