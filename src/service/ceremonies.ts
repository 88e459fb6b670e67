import { distinctName } from "../core/distinct-name";
import { enrol, turnOff, withNewEpoch } from "../core/enrolment";
import { entriesOf, isEnrolled, withEntry, withoutEntry, type FactorEntry } from "../core/factor-entry";
import type { Lane } from "../core/attempts";
import { epochOf, noEpoch } from "../core/proof";
import { blankRecord, type TwoFactorRecord } from "../core/record";
import { isSpent, spentWait, withSpent } from "../core/spent";
import type { Subject } from "../core/user-id";
import { randomToken } from "../crypto/random";
import type { EventOrigin, TwoFactorEventType } from "../events";
import type { Challenge } from "../factors/factor";
import { withNote, type EventDetails } from "./announce";
import type { IssuedCodes } from "./factors";
import { challengeSeconds, wholeEntry, type WithCeremony } from "./verdicts";
import { stopRecovery } from "./recovery-stop";
import type { ServiceParts } from "./service";
import type { Authority, Connection, SubmissionResult, Then } from "./submissions";
import { createUndoing, type Undo } from "./undoing";

/** NIST SP 800-63B-4 §3.2.5 and WebAuthn §13.4.3 ask for 16 bytes at least. */
const challengeBytes = 32;
const handleBytes = 32;

/** What is asked of a new device. */
export interface Adding {
  challenge: Challenge;
  /** Of the record when it was asked: a reset or another change in between voids it. */
  epoch: string;
  handle: string;
}

export type AddResult =
  | {
      is: "added";
      entry: FactorEntry;
      record: TwoFactorRecord;
      recoveryCodes: readonly string[];
      first: boolean;
      /** The cookie by which this browser is known from now on. */
      known?: string | undefined;
      /** Of a first one. */
      undo?: Undo;
    }
  | { is: "refused"; reason: string }
  /** It was asked too long ago, answered already, or things have changed. */
  | { is: "expired" }
  /** There are as many as there may be. */
  | { is: "limit" }
  | { is: "gone" };

/** Devices that answer a challenge: asked, added, named, taken away. */
export function createCeremonies(
  parts: ServiceParts,
  submit: (subject: Subject, by: Authority, origin: EventOrigin, then: Then) => Promise<SubmissionResult>,
) {
  const { records, factors, knownBrowsers, announce, clock, withPass } = parts;
  const undoing = createUndoing(parts);
  const { asked } = factors;
  const noted = (record: TwoFactorRecord, type: TwoFactorEventType, origin: EventOrigin): TwoFactorRecord =>
    withNote(record, type, origin, clock());
  const newChallenge = (): Challenge => ({
    value: randomToken(challengeBytes),
    expiresAt: clock() + challengeSeconds,
  });
  const namesBut = (record: TwoFactorRecord, { kind }: WithCeremony, id?: string): readonly string[] =>
    entriesOf(record, kind)
      .filter((entry) => entry.id !== id)
      .map(factors.nameOf);

  return {
    /** A challenge, and what the browser is asked with. @returns `undefined` where this user has nothing to answer with */
    ask(subject: Subject, record: TwoFactorRecord | undefined): { challenge: Challenge; options: object } | undefined {
      if (asked === undefined || record === undefined) return undefined;
      const challenge = newChallenge();
      const entries = entriesOf(record, asked.kind);
      const options = asked.ceremony.ask(entries, challenge.value, factors.toolsFor(subject, asked, { record }));
      return options && { challenge, options };
    },

    askToAdd(record: TwoFactorRecord | undefined, about: { account: string; issuer: string }) {
      if (asked === undefined) return undefined;
      const challenge = newChallenge();
      const handle = record?.handle ?? randomToken(handleBytes);
      const entries = entriesOf(record, asked.kind);
      const options = asked.ceremony.askToAdd(entries, challenge.value, { ...about, handle });
      return { adding: { challenge, epoch: epochOf(record), handle } satisfies Adding, options };
    },

    hasRoom: (record: TwoFactorRecord | undefined): boolean =>
      asked !== undefined && entriesOf(record, asked.kind).length < asked.ceremony.most,

    /** Seconds until one more answer can be accepted; 0: now. */
    wait: (record: TwoFactorRecord | undefined): number => spentWait(record, clock()),

    async add(
      subject: Subject,
      added: unknown,
      { challenge, epoch, handle, name, lane, login }: Adding & { name: string; lane: Lane; login: string | undefined },
      origin: EventOrigin,
      connection: Connection | undefined,
    ): Promise<AddResult> {
      let made: Promise<IssuedCodes> | undefined;
      const backups = () => (made ??= factors.issueBackups(subject));
      const decide = async (record: TwoFactorRecord | undefined): Promise<Decided> => {
        if (asked === undefined || epochOf(record) !== epoch) return told({ is: "expired" });
        const current = record ?? blankRecord(subject.key, noEpoch);
        if (current.handle !== undefined && current.handle !== handle) return told({ is: "expired" });
        if (isSpent(current, challenge.value) || spentWait(current, clock()) > 0) return told({ is: "expired" });
        const beside = entriesOf(current, asked.kind);
        if (beside.length >= asked.ceremony.most) return told({ is: "limit" });
        const about = { challenge, beside, name: distinctName(name, namesBut(current, asked)) };
        const result = await asked.ceremony.add(added, about, factors.toolsFor(subject, asked, { record: current }));
        if (result.is === "refused") return told(result.reason === "challenge" ? { is: "expired" } : result);
        wholeEntry(asked, result.entry);
        const first = !isEnrolled(record);
        const { texts, entries } = first ? await backups() : { texts: [], entries: [] };
        const fresh = { entries: [result.entry, ...entries], keeps: factors.staysBeside, epoch: randomToken() };
        const stopped = stopRecovery(current, origin, clock());
        const held = first ? enrol(record, subject.key, fresh) : withEntry(stopped.record, result.entry);
        const withKey = noted(withSpent({ ...held, handle }, challenge, clock()), "key-added", origin);
        const passed = withPass(withKey, login, clock());
        const { record: next, cookie: known } = knownBrowsers.withThis(passed, subject, lane, clock());
        const outcome = {
          is: "added",
          entry: result.entry,
          record: next,
          recoveryCodes: texts,
          first,
          known,
          ...(first && { undo: undoing(subject, record, next, origin) }),
        } as const;
        const events: EventDetails[] = [...stopped.events, { type: "key-added", name: about.name }];
        return { ...told(outcome, first ? [{ type: "enabled" }, ...events] : events), next };
      };
      const { result, events } = await records.change<Told>(subject, async (record) => {
        const decided = await decide(record);
        const isForNobody = decided.next !== undefined && connection?.destroyed === true;
        return isForNobody ? told({ is: "gone" }) : decided;
      });
      await announce(subject, origin, events);
      return result;
    },

    /** @returns the record as it is now; `undefined` where there is no such one */
    async rename(
      subject: Subject,
      id: string,
      name: string,
      origin: EventOrigin,
    ): Promise<TwoFactorRecord | undefined> {
      const renamed = await records.change<{ record: TwoFactorRecord; events?: readonly EventDetails[] } | undefined>(
        subject,
        (record) => {
          const entry = factors.askedEntry(record, id);
          if (asked === undefined || record === undefined || entry === undefined) return { outcome: undefined };
          const distinct = distinctName(name, namesBut(record, asked, id));
          if (distinct === factors.nameOf(entry)) return { outcome: { record } };
          const named = asked.ceremony.renamed(entry, distinct, factors.toolsFor(subject, asked, { record }));
          if (named === undefined) return { outcome: { record } };
          const stopped = stopRecovery(record, origin, clock());
          const next = noted(withEntry(stopped.record, named), "key-renamed", origin);
          const events = [...stopped.events, { type: "key-renamed", name: distinct } as const];
          return { outcome: { record: next, events }, next };
        },
      );
      await announce(subject, origin, renamed?.events ?? []);
      return renamed?.record;
    },

    /** Whether nothing that counts would be left. */
    isLast: (record: TwoFactorRecord | undefined, id: string, onlySuchCount: boolean): boolean =>
      isLastOf(record, factors.askedEntry(record, id), onlySuchCount),

    /** For the browser, so that it need not offer it any more. */
    signal(record: TwoFactorRecord | undefined, id: string): Readonly<Record<string, string>> | undefined {
      const entry = factors.askedEntry(record, id);
      return entry && asked?.ceremony.signal(entry);
    },

    /**
     * One that the user takes away; what was proven by it is void. The last one of all turns the second factor off.
     * @param mayEnd whether nothing may be left
     */
    remove: (
      subject: Subject,
      by: Authority,
      {
        id,
        mayEnd,
        onlySuchCount,
        login,
      }: { id: string; mayEnd: boolean; onlySuchCount: boolean; login: string | undefined },
      origin: EventOrigin,
    ): Promise<SubmissionResult> =>
      submit(subject, by, origin, async (record) => {
        const entry = factors.askedEntry(record, id);
        if (entry === undefined) return { next: record, events: [] };
        if (!mayEnd && isLastOf(record, entry, onlySuchCount)) return { is: "last-factor" };
        const left = withoutEntry(record, entry);
        const removed: EventDetails = { type: "key-removed", name: factors.nameOf(entry) };
        const epoch = randomToken();
        if (!isEnrolled(left)) {
          const ended = noted(noted(turnOff(record, epoch, clock(), login), "key-removed", origin), "disabled", origin);
          return { next: ended, events: [removed, { type: "disabled" }] };
        }
        return { next: noted(withNewEpoch(left, epoch), "key-removed", origin), events: [removed] };
      }),
  };
}

interface Told {
  result: AddResult;
  events: readonly EventDetails[];
}
type Decided = { outcome: Told; next?: TwoFactorRecord };

const told = (result: AddResult, events: readonly EventDetails[] = []): { outcome: Told } => ({
  outcome: { result, events },
});

function isLastOf(
  record: TwoFactorRecord | undefined,
  entry: FactorEntry | undefined,
  onlySuchCount: boolean,
): boolean {
  if (record === undefined || entry === undefined) return false;
  const others = withoutEntry(record, entry).factors.filter(({ strong }) => strong === true);
  return !others.some(({ kind }) => !onlySuchCount || kind === entry.kind);
}
