import type { Lock } from "../core/attempts";
import { attemptsRemaining, countFailure, lockOf } from "../core/attempts";
import { attemptsAgainst, enrol, enrolRecovered, isPendingLive, type PendingEnrolment } from "../core/enrolment";
import { epochOf, noEpoch } from "../core/proof";
import { entriesOf, isEnrolled, withEntry } from "../core/factor-entry";
import { isOpenedBy } from "../core/recovery";
import { blankRecord, type TwoFactorRecord } from "../core/record";
import type { Subject } from "../core/user-id";
import { randomToken } from "../crypto/random";
import type { EventOrigin } from "../events";
import { withNote, type EventDetails } from "./announce";
import type { IssuedCodes, Presentations } from "./factors";
import { stopRecovery } from "./recovery-stop";
import type { ServiceParts } from "./service";
import type { Connection } from "./submissions";
import { createUndoing, type Undo } from "./undoing";

export type ConfirmResult =
  | {
      is: "enabled";
      replaced: boolean;
      record: TwoFactorRecord;
      /** The cookie by which this browser is known from now on. */
      known?: string | undefined;
      recoveryCodes: readonly string[];
      /** Of a first one. */
      undo?: Undo;
    }
  | { is: "wrong"; attemptsRemaining: number; clockOffSeconds?: number }
  | { is: "locked"; lock: Lock }
  /** Its time is up, or a reset came in between: begin anew. */
  | { is: "expired" }
  /** Enrolled meanwhile, in another session. */
  | { is: "already-enabled" }
  /** It was to replace an authenticator that is gone or replaced meanwhile. */
  | { is: "conflict" }
  /** Nobody waits for the recovery codes any more; nothing was done. */
  | { is: "gone" };

export function createEnrolments(parts: ServiceParts) {
  const { records, factors, knownBrowsers, pendingSecrets, settings, announce, clock, setupLockPolicy, withPass } =
    parts;
  const undoing = createUndoing(parts);
  const { kind, setUp } = factors.setUp;
  const keeps = factors.staysBeside;
  const has = (record: TwoFactorRecord | undefined): boolean => entriesOf(record, kind).length > 0;

  /** A pending set-up against the record as it is now. */
  function stateOf(pending: PendingEnrolment, record: TwoFactorRecord | undefined, now: number) {
    if (has(record) && !pending.replacing) return "already-enabled";
    // What was begun by somebody who had nothing is not confirmed beside what there is now.
    if (isEnrolled(record) && !pending.replacing && !pending.proven) return "already-enabled";
    if (!isPendingLive(pending, settings.setupValidForSeconds, now)) return "expired";
    // It was stopped meanwhile, or opened by somebody else.
    if (pending.recovery !== undefined && !isOpenedBy(record, pending.recovery, now)) return "conflict";
    if (pending.epoch === epochOf(record)) return "live";
    return pending.replacing ? "conflict" : "expired";
  }

  async function decide(
    subject: Subject,
    record: TwoFactorRecord | undefined,
    pending: PendingEnrolment,
    presented: Presentations,
    origin: EventOrigin,
    { backups, login }: { backups: () => Promise<IssuedCodes>; login: string | undefined },
  ): Promise<{ outcome: { result: ConfirmResult; events: readonly EventDetails[] }; next?: TwoFactorRecord }> {
    const now = clock();
    const state = stateOf(pending, record, now);
    if (state !== "live") return { outcome: { result: { is: state }, events: [] } };
    // A wrong code of somebody new must not move the epoch: the same key stays good.
    const current = record ?? blankRecord(subject.key, noEpoch);
    const counted = attemptsAgainst(pending, current.setupAttempts, setupLockPolicy.maxAttempts);
    const lock = lockOf(counted, now);
    if (lock !== undefined) return { outcome: { result: { is: "locked", lock }, events: [] } };

    const secret = await pendingSecrets.open(subject, pending.secret, pending.epoch);
    const tools = factors.toolsFor(subject, factors.setUp);
    const confirmed = await setUp.confirm(secret, presented.get(kind), tools);
    if (confirmed.is !== "right") {
      const setupAttempts = countFailure(counted, setupLockPolicy, now);
      const next = { ...current, setupAttempts };
      const newLock = lockOf(setupAttempts, now);
      const remaining = newLock === undefined ? attemptsRemaining(setupAttempts, setupLockPolicy) : 0;
      const result: ConfirmResult =
        newLock === undefined ? { ...confirmed, attemptsRemaining: remaining } : { is: "locked", lock: newLock };
      return { outcome: { result, events: [{ type: "setup-failed", attemptsRemaining: remaining }] }, next };
    }

    const recovered = pending.recovery !== undefined;
    const beside = record !== undefined && isEnrolled(record) && !has(record) && !recovered;
    const replaced = isEnrolled(record) && !beside;
    const type = recovered ? "recovery-finished" : replaced ? "replaced" : "enabled";
    // Beside something strong it ends nothing, and the codes to fall back on stay.
    const { texts, entries } = beside ? { texts: [], entries: [] } : await backups();
    // What was lost may have been found by somebody else.
    const kept = recovered ? () => false : keeps;
    const changed = { entries: [confirmed.entry, ...entries], keeps: kept, epoch: randomToken() };
    // Who adds or replaces one has proven another just before.
    const stopped = record && !recovered ? stopRecovery(record, origin, now) : { record, events: [] };
    const enrolAll = recovered ? enrolRecovered : enrol;
    const enrolled =
      beside && stopped.record
        ? withEntry(stopped.record, confirmed.entry)
        : enrolAll(stopped.record, subject.key, changed);
    const noted = withPass(withNote(enrolled, type, origin, now), login, now);
    const { record: next, cookie: known } = knownBrowsers.withThis(noted, subject, undefined, now);
    const undo = isEnrolled(record) ? {} : { undo: undoing(subject, record, next, origin) };
    const result: ConfirmResult = { is: "enabled", replaced, record: next, recoveryCodes: texts, known, ...undo };
    return { outcome: { result, events: [...stopped.events, { type }] }, next };
  }

  return {
    /** Whether what a form brings can confirm one. */
    canConfirm: (presented: Presentations | undefined): presented is Presentations => presented?.has(kind) === true,
    /** The secret as a QR code holds it. */
    uriOf: (secret: string, about: { issuer: string; account: string }): string => setUp.uri(secret, about),

    /** A new secret for this session; the record knows nothing of it. */
    async begin(
      subject: Subject,
      record: TwoFactorRecord | undefined,
      replacing: boolean,
      proven = false,
      recovery?: string,
    ): Promise<{ pending: PendingEnrolment; secret: string }> {
      const secret = setUp.newSecret();
      const epoch = epochOf(record);
      const sealed = await pendingSecrets.seal(subject, secret, epoch);
      const triesBefore = record?.setupAttempts.inARow ?? 0;
      const by = { ...(proven && { proven }), ...(recovery !== undefined && { recovery }) };
      const pending = { secret: sealed, epoch, startedAt: clock(), replacing, triesBefore, ...by };
      return { pending, secret };
    },

    /** The lock that would meet a code for this set-up now. */
    lock: (record: TwoFactorRecord | undefined, pending: PendingEnrolment): Lock | undefined =>
      record && lockOf(attemptsAgainst(pending, record.setupAttempts, setupLockPolicy.maxAttempts), clock()),

    /** The secret of a set-up that can still be confirmed; `undefined`: begin anew. */
    async resume(subject: Subject, record: TwoFactorRecord | undefined, pending: PendingEnrolment | undefined) {
      if (pending === undefined || stateOf(pending, record, clock()) !== "live") return undefined;
      return pendingSecrets.open(subject, pending.secret, pending.epoch);
    },

    async confirm(
      subject: Subject,
      pending: PendingEnrolment,
      presented: Presentations,
      origin: EventOrigin,
      { connection, login }: { connection?: Connection; login?: string | undefined } = {},
    ): Promise<ConfirmResult> {
      let made: Promise<IssuedCodes> | undefined;
      const backups = () => (made ??= factors.issueBackups(subject));
      const { result, events } = await records.change(subject, async (record) => {
        const decided = await decide(subject, record, pending, presented, origin, { backups, login });
        const isForNobody = decided.outcome.result.is === "enabled" && connection?.destroyed === true;
        return isForNobody ? { outcome: { result: { is: "gone" as const }, events: [] } } : decided;
      });
      await announce(subject, origin, events);
      return result;
    },
  };
}
