import { withHistory } from "../core/history";
import { dueStep, nextStep, recoveryOf, withRecovery, type Recovery, type TimelyStep } from "../core/recovery";
import type { Subject } from "../core/user-id";
import { historyEntry, type EventDetails } from "./announce";
import type { createRecoveryMails, Recipient } from "./recovery-mails";
import type { ServiceParts } from "./service";

const nobody = {};

/** Where a mail could not be sent, it is tried again so much later. */
const againSeconds = 300;

/**
 * Half of the waiting time is over, all of it: told once, whichever process is there then. The one in which it was
 * confirmed sets a clock; `tfa.tellRecoveries` does it for all, after a restart.
 */
export function createRecoveryTimes(
  { records, announce, clock }: ServiceParts,
  mail: ReturnType<typeof createRecoveryMails>,
) {
  const armed = new Map<string, NodeJS.Timeout>();

  function disarm({ key }: Subject): void {
    clearTimeout(armed.get(key));
    armed.delete(key);
  }

  function armIn(seconds: number, subject: Subject, to: Recipient): void {
    disarm(subject);
    const tell = () => void tellDue(subject, to).catch(() => armIn(againSeconds, subject, to));
    // It holds up no process that would end.
    armed.set(subject.key, setTimeout(tell, Math.max(0, seconds) * 1000).unref());
  }

  /** @param to without the request, which is over long before */
  function arm(subject: Subject, recovery: Recovery, { user, base }: Recipient): void {
    const next = nextStep(recovery);
    if (next === undefined) disarm(subject);
    else armIn(next.at - clock(), subject, { user, base });
  }

  /** Notes that it is told, before it is: of processes at the same time, one tells. */
  const takeDue = (subject: Subject) =>
    records.change<{ step: TimelyStep; recovery: Recovery } | undefined>(subject, (record) => {
      const live = recoveryOf(record, clock());
      const step = live && dueStep(live.recovery, clock());
      if (record === undefined || live === undefined || step === undefined) return { outcome: undefined };
      const next = withRecovery(record, { ...live.recovery, told: step });
      const history = withHistory(next.history, historyEntry(`recovery-${step}`, nobody, clock()));
      return { outcome: { step, recovery: live.recovery }, next: { ...next, history } };
    });

  /** It was not told after all; and comes again. */
  const giveBack = (subject: Subject, { id, told }: Recovery) =>
    records.change(subject, (record) => {
      const live = recoveryOf(record, clock());
      if (record === undefined || live?.recovery.id !== id) return { outcome: undefined };
      const { told: _, ...untold } = live.recovery;
      return { outcome: undefined, next: withRecovery(record, told === undefined ? untold : { ...untold, told }) };
    });

  /** @returns whether something was told */
  async function tellDue(subject: Subject, to: Recipient): Promise<boolean> {
    const due = await takeDue(subject);
    const later = (record: Awaited<ReturnType<typeof records.load>>) => recoveryOf(record, clock())?.recovery;
    if (due === undefined) {
      const recovery = later(await records.load(subject));
      if (recovery !== undefined) arm(subject, recovery, to);
      return false;
    }
    const { step, recovery } = due;
    const { id, readyAt = 0 } = recovery;
    const mailing = await mail(subject, to, nobody, { type: `recovery-${step}`, id, readyAt });
    if (mailing.is !== "sent") {
      await giveBack(subject, recovery);
      armIn(mailing.is === "too-often" ? mailing.seconds : againSeconds, subject, to);
      if (mailing.is === "not-sent") await announce(subject, nobody, [{ type: "code-delivery-failed" }]);
      return false;
    }
    arm(subject, { ...recovery, told: step }, to);
    const about: EventDetails =
      step === "ready" ? { type: "recovery-ready" } : { type: "recovery-half-way", readyAt: new Date(readyAt * 1000) };
    await announce(subject, nobody, [about]);
    return true;
  }

  return { arm, disarm, tellDue };
}
