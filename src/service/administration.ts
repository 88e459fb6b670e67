import { countedAnew, isUntouched, reset, withFactorAdded, withFactorRemoved, withNewEpoch } from "../core/enrolment";
import { entryId, isEnrolled, type FactorEntry } from "../core/factor-entry";
import { withAllUnlocked } from "../core/attempts";
import { noEpoch } from "../core/proof";
import { blankRecord, type TwoFactorRecord } from "../core/record";
import { subjectOf, type Subject } from "../core/user-id";
import { randomToken } from "../crypto/random";
import type { TwoFactorEventType } from "../events";
import { TwoFactorError } from "../errors";
import { withNote, type EventDetails } from "./announce";
import type { ServiceParts } from "./service";
import { wholeEntry } from "./verdicts";
import { statusOf, type TwoFactorStatus } from "./status";

type Removal = { type: "factor-removed"; kind: string } | { type: "key-removed"; name: string };

/** Who did it, and why; both go into the event. */
export interface ResetDetails {
  reason: string;
  by: string;
}

/** `enrolmentCode`: the next set-up takes a code besides the password, which whoever resets hands on by a safe way. */
export interface ResetWishes extends ResetDetails {
  enrolmentCode?: boolean;
}

/** What `addFactor` takes; what the details are is the kind's own affair. */
export interface NewFactor {
  kind: string;
  details: unknown;
  by: string;
}

const nobody = {};

/** What somebody else does for a user: no request, no session. `userId` is the host's own id. */
export function createAdministration({ records, factors, settings, announce, clock, enrolmentCodes }: ServiceParts) {
  const subject = (userId: unknown): Subject => subjectOf(settings.scope, userId);
  const noted = (record: TwoFactorRecord, type: TwoFactorEventType): TwoFactorRecord =>
    withNote(record, type, nobody, clock());

  const isBackup = ({ kind }: FactorEntry) => factors.byKind.get(kind)?.rank === "backup";

  async function change(
    user: Subject,
    event: EventDetails,
    next: (record: TwoFactorRecord | undefined) => TwoFactorRecord | undefined,
  ): Promise<void> {
    const changes = await records.change(user, (record) => {
      const changed = next(record);
      return { outcome: changed !== undefined, next: changed && noted(changed, event.type) };
    });
    if (changes) await announce(user, nobody, [event]);
  }

  /** With the last strong one the second factor is off, and its owner is told so. */
  async function remove(
    userId: unknown,
    { reason, by }: ResetDetails,
    find: (record: TwoFactorRecord | undefined) => { entry: FactorEntry; event: Removal } | undefined,
  ): Promise<boolean> {
    const user = subject(userId);
    const why = { reason: spoken("reason", reason), by: spoken("by", by) };
    const events = await records.change<readonly EventDetails[]>(user, (record) => {
      const found = find(record);
      if (record === undefined || found === undefined) return { outcome: [] };
      const left = noted(withFactorRemoved(record, found.entry, isBackup, randomToken(), clock()), found.event.type);
      const removed = { ...found.event, ...why };
      if (isEnrolled(left) || !isEnrolled(record)) return { outcome: [removed], next: left };
      return { outcome: [removed, { type: "disabled" }], next: noted(left, "disabled") };
    });
    if (events.length > 0) await announce(user, nobody, events);
    return events.length > 0;
  }

  return {
    async status(userId: unknown): Promise<TwoFactorStatus> {
      const record = await records.load(subject(userId));
      return statusOf(record, factors, settings.rememberOtpSessionForSeconds, clock());
    },

    /** @returns the enrolment code where one was wished for: good once, for a day; nothing tells it a second time */
    async reset<Wishes extends ResetWishes>(
      userId: unknown,
      { reason, by, enrolmentCode }: Wishes,
    ): Promise<Wishes extends { enrolmentCode: true } ? string : string | undefined> {
      const user = subject(userId);
      const code = enrolmentCode === true ? enrolmentCodes.make(user) : undefined;
      await change(user, { type: "reset", reason: spoken("reason", reason), by: spoken("by", by) }, (record) =>
        reset(record, user.key, randomToken(), clock(), code?.kept),
      );
      return code?.text as string;
    },

    /**
     * One that an administrator hands out, such as a hardware token: of a kind in the option `factors`. Who had nothing
     * strong is enrolled by it; older sessions and browsers end.
     * @returns what `removeFactor` takes
     * @throws TypeError where there is no such kind, the details are none of its, or the user has this very one: what it
     *   counts and has accepted is not begun anew
     */
    async addFactor(userId: unknown, { kind, details, by }: NewFactor): Promise<string> {
      const user = subject(userId);
      const factor = factors.byKind.get(kind);
      if (factor?.assign === undefined) throw new TypeError(`There is no kind of factor "${kind}" to hand out.`);
      const entry = wholeEntry(factor, await factor.assign(details, factors.toolsFor(user, factor)));
      const id = entryId(entry);
      await change(user, { type: "factor-added", kind, by: spoken("by", by) }, (record) => {
        if (record?.factors.some((held) => entryId(held) === id)) {
          throw new TypeError(`The user has "${id}" already: remove it first.`);
        }
        return withFactorAdded(record, user.key, entry, randomToken());
      });
      return id;
    },

    /**
     * An authenticator that was set up and confirmed with another library: its codes go on. It gets no mail, as nothing
     * changes for its owner.
     * @returns `false` where something was here already, and stays as it is: who is enrolled keeps what they have, and what
     *   was reset or turned off is not brought back by whoever has found it
     * @throws TypeError where the secret is none
     */
    async adopt(userId: unknown, secret: string): Promise<boolean> {
      const user = subject(userId);
      const { setUp } = factors.setUp;
      if (setUp.adopt === undefined) throw new TypeError("There is no kind of factor to adopt a secret.");
      const entry = await setUp.adopt(secret, factors.toolsFor(user, factors.setUp));
      const event = { type: "factor-adopted", kind: entry.kind } as const;
      const isAdopted = await records.change(user, (record) =>
        isUntouched(record)
          ? { outcome: true, next: noted(withFactorAdded(record, user.key, entry, randomToken()), event.type) }
          : { outcome: false },
      );
      if (isAdopted) await announce(user, nobody, [event]);
      return isAdopted;
    },

    /** @param id as `status` lists it. @returns `false` where the user has no such one: nothing has changed */
    removeFactor: (userId: unknown, id: string, details: ResetDetails): Promise<boolean> =>
      remove(userId, details, (record) => {
        const entry = record?.factors.find((held) => entryId(held) === id);
        return entry && { entry, event: { type: "factor-removed", kind: entry.kind } };
      }),

    /** One of the user's devices that answer a challenge. As `removeFactor` */
    removeKey: (userId: unknown, id: string, details: ResetDetails): Promise<boolean> =>
      remove(userId, details, (record) => {
        const entry = factors.askedEntry(record, id);
        return entry && { entry, event: { type: "key-removed", name: factors.nameOf(entry) } };
      }),

    /** Ends the locks of all lanes, their rounds and the counts of failures in a row. */
    async unlock(userId: unknown, { by = "the host" }: { by?: string } = {}): Promise<void> {
      await change(subject(userId), { type: "unlocked", by: spoken("by", by) }, (record) =>
        record === undefined
          ? undefined
          : { ...withAllUnlocked(record), setupAttempts: countedAnew(record.setupAttempts) },
      );
    },

    /** Every remembered browser and every session must prove anew; also sessions proven by an identity provider alone. */
    async forgetBrowsers(userId: unknown, { by = "the host" }: { by?: string } = {}): Promise<void> {
      const user = subject(userId);
      await change(user, { type: "browsers-forgotten", by: spoken("by", by) }, (record) =>
        withNewEpoch(record ?? blankRecord(user.key, noEpoch), randomToken()),
      );
    },

    async erase(userId: unknown): Promise<void> {
      const user = subject(userId);
      await records.erase(user);
      await announce(user, nobody, [{ type: "erased" }]);
    },

    /** Every key in the store; `after` resumes behind one. */
    keys: (after?: string) => records.keys(after),

    /**
     * @returns whether this record was sealed under an old key and is now under the first
     * @throws TwoFactorError `MISCONFIGURED` where that old key is gone, and for a record of another scope that still
     *   needs an old key of this one's: under which key it belongs is for that scope's configuration to say
     */
    async reencrypt(key: string): Promise<boolean> {
      const user = subjectOfKey(key);
      if (user === undefined) return false;
      if (user.scope !== settings.scope) {
        const other = await records.load(user);
        if (other === undefined || !factors.needsOldKey(user, other)) return false;
        throw new TwoFactorError("MISCONFIGURED", `${key} still needs an old key: ${runThere(user.scope)}.`);
      }
      return records.change(user, async (record) => {
        if (record === undefined) return { outcome: false };
        // Here, not by the records: that keeps a record whose key is gone as it is, and an operator has to be told.
        const next = await factors.resealed(user, record);
        return { outcome: next !== record, next };
      });
    },
  };
}

export const runThere = (scope: string): string =>
  `run reencrypt with the configuration of scope ${JSON.stringify(scope)}`;

/** @returns `undefined` for a key that is none of ours: a store may hold other things under its prefix */
export function subjectOfKey(key: string): Subject | undefined {
  try {
    const [scope, id] = JSON.parse(key) as [string, string];
    const subject = subjectOf(scope, id);
    return subject.key === key ? subject : undefined;
  } catch {
    return undefined;
  }
}

const longestText = 500;

export function spoken(name: string, value: unknown): string {
  if (typeof value === "string" && value.trim() !== "") return value.trim().slice(0, longestText);
  throw new TypeError(`"${name}" must be a text that says ${name === "by" ? "who did it" : "why"}.`);
}
