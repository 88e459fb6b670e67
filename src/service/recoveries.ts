import { groupsOfFour } from "../core/groups-of-four";
import { withHistory } from "../core/history";
import { isEnrolled } from "../core/factor-entry";
import type { TwoFactorRecord } from "../core/record";
import {
  confirmed,
  isMailedCode,
  isRecoveryLive,
  newRecovery,
  nextStep,
  opened,
  recoveryClosedUntil,
  recoveryOf,
  secondsUntilMail,
  sendingOf,
  withMailedCode,
  withMailGone,
  withRecovery,
  withRecoveryCancelled,
  withSendingOf,
  type Recovery,
} from "../core/recovery";
import type { Subject } from "../core/user-id";
import { randomRecoveryCode, randomToken } from "../crypto/random";
import type { Cryptography } from "../factors/tools";
import type { EventOrigin } from "../events";
import { historyEntry, type EventDetails } from "./announce";
import { createRecoveryLinks } from "./recovery-links";
import { createRecoveryMails, mailSeconds, type Recipient, type RecoveryMail } from "./recovery-mails";
import { createRecoveryTimes } from "./recovery-times";
import type { ServiceParts } from "./service";

/** A mail of it went out just now, or is on its way. */
type TooSoon = { is: "too-soon"; seconds: number };
/** The host's sender failed or hung: nothing has happened. */
type NotSent = { is: "not-sent" };
/** There is none, or its time is over. */
type Over = { is: "over" };
/** It waits. `readyAt` absent: it was not confirmed yet. */
type Early = { is: "early"; readyAt?: number };

export type RecoveryRequest =
  | { is: "requested"; recovery: Recovery }
  | { is: "under-way" }
  | { is: "closed"; until: number }
  | TooSoon
  | NotSent;
export type RecoveryConfirmation =
  | { is: "waiting"; readyAt: number }
  | { is: "under-way" }
  | { is: "wrong" }
  | Over
  | TooSoon
  | NotSent;
export type RecoverySending = { is: "sent" } | Early | Over | TooSoon | NotSent;
export type RecoveryOpening = { is: "open"; mark: string; record: TwoFactorRecord } | { is: "wrong" } | Early | Over;

/** What a step does once its mail has gone out. */
interface Go {
  mail: RecoveryMail;
  next: (current: Recovery | undefined) => Recovery;
}
/** Why it does not. */
interface Refusal {
  is: string;
  mail?: never;
}

export type Recoveries = ReturnType<typeof createRecoveries>;

/** A new second step for who has lost everything: asked for, confirmed by a code from a mail, waited for, and set up. */
export function createRecoveries(parts: ServiceParts, { signer, wrapper }: Cryptography) {
  const { records, settings, announce, clock, paces } = parts;
  const links = createRecoveryLinks(wrapper, settings.scope);
  const mail = createRecoveryMails(settings, links);
  const times = createRecoveryTimes(parts, mail);

  const hashOf = ({ scope, id }: Subject, recovery: string, code: string) =>
    signer.sign("recovery", [scope, id, recovery, code]);
  const isCode = ({ scope, id }: Subject, recovery: Recovery, code: string) =>
    isMailedCode(recovery, (hash) => signer.verify("recovery", [scope, id, recovery.id, code], hash), clock());
  const noted = (record: TwoFactorRecord, type: EventDetails["type"], origin: EventOrigin): TwoFactorRecord => ({
    ...record,
    history: withHistory(record.history, historyEntry(type, origin, clock())),
  });
  function newCode(subject: Subject, recovery: Recovery) {
    const code = randomRecoveryCode();
    const hash = hashOf(subject, recovery.id, code);
    return { code: groupsOfFour(code, "-"), into: (current: Recovery) => withMailedCode(current, hash, clock()) };
  }

  /**
   * A step with a mail: nothing has happened before that has gone out, and of requests at the same time one sends. Who
   * stops the recovery meanwhile has stopped this, too.
   */
  async function byMail<Refused extends Refusal>(
    subject: Subject,
    to: Recipient,
    origin: EventOrigin,
    decide: (record: TwoFactorRecord) => Go | Refused,
    told?: (recovery: Recovery) => EventDetails,
  ): Promise<Refused | Over | TooSoon | NotSent | { is: "done"; recovery: Recovery }> {
    const begun = await records.change<Go | Refused | (Over & Refusal) | (TooSoon & Refusal)>(subject, (record) => {
      if (record === undefined || !isEnrolled(record)) return { outcome: { is: "over" } };
      const sending = sendingOf(record, clock());
      if (sending !== undefined) return { outcome: { is: "too-soon", seconds: sending.until - clock() } };
      const step = decide(record);
      if (step.mail === undefined) return { outcome: step };
      return { outcome: step, next: withSendingOf(record, step.mail.id, clock() + mailSeconds + 2) };
    });
    if (begun.mail === undefined) return begun;
    // A sender that says that it failed may have sent all the same: the owner's mailbox is not to be filled by that.
    const wait = paces.take("failedMails", subject);
    const isSent = wait === 0 && (await mail(subject, to, origin, begun.mail));
    if (isSent) paces.giveBack("failedMails", subject);
    const recovery = await records.change<Recovery | undefined>(subject, (record) => {
      if (record === undefined || record.recovery?.sending?.id !== begun.mail.id) return { outcome: undefined };
      if (!isSent) return { outcome: undefined, next: withMailGone(record, record.recovery.current) };
      const current = begun.next(record.recovery.current);
      const next = withMailGone(record, current);
      const event = told?.(current);
      return { outcome: current, next: event === undefined ? next : noted(next, event.type, origin) };
    });
    if (wait > 0) return { is: "too-soon", seconds: wait };
    if (!isSent) {
      await announce(subject, origin, [{ type: "code-delivery-failed" }]);
      return { is: "not-sent" };
    }
    if (recovery === undefined) return { is: "over" };
    const event = told?.(recovery);
    if (event !== undefined) await announce(subject, origin, [event]);
    return { is: "done", recovery };
  }

  return {
    links,
    /** The one that is under way, and until when none can be asked for. */
    stateOf: (record: TwoFactorRecord | undefined) => ({
      live: recoveryOf(record, clock()),
      closedUntil: recoveryClosedUntil(record, clock()),
    }),
    tellDue: times.tellDue,
    /** There is one that time has yet to bring something to. */
    async hasDue(subject: Subject): Promise<boolean> {
      const live = recoveryOf(await records.load(subject), clock());
      return live !== undefined && nextStep(live.recovery) !== undefined;
    },

    async request(subject: Subject, to: Recipient, origin: EventOrigin): Promise<RecoveryRequest> {
      const fresh = newRecovery(randomToken(), clock());
      const { code, into } = newCode(subject, fresh);
      const result = await byMail<Extract<RecoveryRequest, { is: "under-way" | "closed" }>>(
        subject,
        to,
        origin,
        (record) => {
          const closed = recoveryClosedUntil(record, clock());
          const live = recoveryOf(record, clock());
          if (live !== undefined && (live.phase !== "requested" || closed !== undefined)) return { is: "under-way" };
          if (closed !== undefined) return { is: "closed", until: closed };
          const mail = { type: "recovery-requested", id: fresh.id, code } as const;
          return { mail, next: () => into(fresh) };
        },
        () => ({ type: "recovery-requested" }),
      );
      if (result.is === "done") return { is: "requested", recovery: result.recovery };
      return result.is === "over" ? { is: "not-sent" } : result;
    },

    async confirm(
      subject: Subject,
      code: string,
      delaySeconds: number,
      to: Recipient,
      origin: EventOrigin,
    ): Promise<RecoveryConfirmation> {
      const result = await byMail<Exclude<RecoveryConfirmation, { is: "waiting" }>>(
        subject,
        to,
        origin,
        (record) => {
          const live = recoveryOf(record, clock());
          if (live === undefined) return { is: "over" };
          if (live.phase !== "requested") return { is: "under-way" };
          if (!isCode(subject, live.recovery, code)) return { is: "wrong" };
          const { id } = live.recovery;
          const next = confirmed(live.recovery, delaySeconds, clock());
          return { mail: { type: "recovery-confirmed", id, readyAt: next.readyAt }, next: () => next };
        },
        (recovery) => ({ type: "recovery-confirmed", readyAt: dateOf(recovery) }),
      );
      if (result.is !== "done") return result;
      times.arm(subject, result.recovery, to);
      return { is: "waiting", readyAt: result.recovery.readyAt ?? 0 };
    },

    /** After the waiting time: a code that opens the set-up. */
    async sendCode(subject: Subject, to: Recipient, origin: EventOrigin): Promise<RecoverySending> {
      const result = await byMail<Exclude<RecoverySending, { is: "sent" }>>(subject, to, origin, (record) => {
        const live = recoveryOf(record, clock());
        if (live?.phase !== "ready") return earlyOr(live);
        const seconds = secondsUntilMail(live.recovery, clock());
        if (seconds > 0) return { is: "too-soon", seconds };
        const { id } = live.recovery;
        const { code, into } = newCode(subject, live.recovery);
        return { mail: { type: "recovery-code", id, code }, next: (now) => into(now ?? live.recovery) };
      });
      return result.is === "done" ? { is: "sent" } : result;
    },

    /** The code from the last mail: set-up is open for the session that keeps the mark. */
    open: (subject: Subject, code: string): Promise<RecoveryOpening> =>
      records.change<RecoveryOpening>(subject, (record) => {
        const live = recoveryOf(record, clock());
        if (record === undefined || live?.phase !== "ready") return { outcome: earlyOr(live) };
        if (!isCode(subject, live.recovery, code)) return { outcome: { is: "wrong" } };
        const mark = randomToken();
        const next = withRecovery(record, opened(live.recovery, mark, clock()));
        return { outcome: { is: "open", mark, record: next }, next };
      }),

    /** @param id of one alone, as a link names it. @returns whether there was one to stop */
    async cancel(subject: Subject, by: string, origin: EventOrigin, id?: string): Promise<boolean> {
      const cancels = await records.change(subject, (record) => {
        if (record === undefined || (id !== undefined && !isRecoveryLive(record, id, clock()))) {
          return { outcome: false };
        }
        const next = withRecoveryCancelled(record, clock());
        return next === record
          ? { outcome: false }
          : { outcome: true, next: noted(next, "recovery-cancelled", origin) };
      });
      times.disarm(subject);
      if (cancels) await announce(subject, origin, [{ type: "recovery-cancelled", by }]);
      return cancels;
    },

    /** What a link stops, before anybody presses the button. */
    async isLive(subject: Subject, id: string): Promise<boolean> {
      return isRecoveryLive(await records.load(subject), id, clock());
    },
  };
}

const dateOf = ({ readyAt = 0 }: Recovery): Date => new Date(readyAt * 1000);

const earlyOr = (live: ReturnType<typeof recoveryOf>): Early | Over => {
  if (live === undefined) return { is: "over" };
  return live.recovery.readyAt === undefined ? { is: "early" } : { is: "early", readyAt: live.recovery.readyAt };
};
