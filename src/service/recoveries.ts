import { groupsOfFour } from "../core/groups-of-four";
import { withHistory } from "../core/history";
import { isEnrolled } from "../core/factor-entry";
import type { TwoFactorRecord } from "../core/record";
import {
  confirmed,
  hasMailedCode,
  isMailedCode,
  isRecoveryLive,
  newRecovery,
  nextStep,
  opened,
  recoveryClosedUntil,
  recoveryOf,
  requestedAgain,
  secondsUntilMail,
  sendingOf,
  sendingSeconds,
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
import { createRecoveryMails, type Recipient, type RecoveryMail } from "./recovery-mails";
import type {
  Early,
  NotNow,
  NotSent,
  Over,
  RecoveryConfirmation,
  RecoveryOpening,
  RecoveryRequest,
  RecoverySending,
  TooSoon,
} from "./recovery-results";
import { createRecoveryTimes } from "./recovery-times";
import type { ServiceParts } from "./service";

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
  const { records, settings, announce, clock } = parts;
  const links = createRecoveryLinks(wrapper, settings.scope);
  const mail = createRecoveryMails(parts, links);
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
  ): Promise<Refused | Over | NotNow | NotSent | { is: "done"; recovery: Recovery }> {
    const begun = await records.change<Go | Refused | (Over & Refusal) | (NotNow & Refusal)>(subject, (record) => {
      if (record === undefined || !isEnrolled(record)) return { outcome: { is: "over" } };
      const sending = sendingOf(record, clock());
      if (sending !== undefined) return { outcome: { is: "not-now", seconds: sending.until - clock() } };
      const step = decide(record);
      if (step.mail === undefined) return { outcome: step };
      return { outcome: step, next: withSendingOf(record, step.mail.id, clock() + sendingSeconds) };
    });
    if (begun.mail === undefined) return begun;
    const mailing = await mail(subject, to, origin, begun.mail);
    let hasCode = false;
    const recovery = await records.change<Recovery | undefined>(subject, (record) => {
      hasCode = hasMailedCode(record, clock());
      if (record === undefined || record.recovery?.sending?.id !== begun.mail.id) return { outcome: undefined };
      if (mailing.is !== "sent") return { outcome: undefined, next: withMailGone(record, record.recovery.current) };
      const current = begun.next(record.recovery.current);
      const next = withMailGone(record, current);
      const event = told?.(current);
      return { outcome: current, next: event === undefined ? next : noted(next, event.type, origin) };
    });
    if (mailing.is === "too-often") return { is: "not-now", seconds: mailing.seconds };
    if (mailing.is === "not-sent") {
      await announce(subject, origin, [{ type: "code-delivery-failed" }]);
      return { is: "not-sent", hasCode };
    }
    if (recovery === undefined) return { is: "over" };
    const event = told?.(recovery);
    if (event !== undefined) await announce(subject, origin, [event]);
    return { is: "done", recovery };
  }

  return {
    links,
    /** The one that is under way, whether a code of it can be typed, and until when none can be asked for. */
    stateOf: (record: TwoFactorRecord | undefined) => ({
      live: recoveryOf(record, clock()),
      hasCode: hasMailedCode(record, clock()),
      closedUntil: recoveryClosedUntil(record, clock()),
    }),
    tellDue: times.tellDue,
    /** There is one that time has yet to bring something to. */
    async hasDue(subject: Subject): Promise<boolean> {
      const live = recoveryOf(await records.load(subject), clock());
      return live !== undefined && nextStep(live.recovery) !== undefined;
    },

    async request(subject: Subject, to: Recipient, origin: EventOrigin): Promise<RecoveryRequest> {
      const id = randomToken();
      const result = await byMail<Extract<RecoveryRequest, { is: "under-way" | "closed" }>>(
        subject,
        to,
        origin,
        (record) => {
          const closed = recoveryClosedUntil(record, clock());
          const live = recoveryOf(record, clock());
          if (live !== undefined && (live.phase !== "requested" || closed !== undefined)) return { is: "under-way" };
          if (closed !== undefined) return { is: "closed", until: closed };
          const asked = live === undefined ? newRecovery(id, clock()) : requestedAgain(live.recovery, clock());
          const { code, into } = newCode(subject, asked);
          return { mail: { type: "recovery-requested", id: asked.id, code }, next: () => into(asked) };
        },
        () => ({ type: "recovery-requested" }),
      );
      return result.is === "done" ? { is: "requested", recovery: result.recovery } : result;
    },

    async confirm(
      subject: Subject,
      code: string,
      delaySeconds: number,
      to: Recipient,
      origin: EventOrigin,
    ): Promise<RecoveryConfirmation> {
      const result = await byMail<Over | { is: "under-way" | "wrong" }>(
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
      const result = await byMail<Early | Over | TooSoon>(subject, to, origin, (record) => {
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
