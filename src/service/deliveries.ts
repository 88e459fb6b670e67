import { entriesOf, withEntry } from "../core/factor-entry";
import { withHistory } from "../core/history";
import { laneLock, type Lane, type LaneLock } from "../core/attempts";
import { noEpoch } from "../core/proof";
import { blankRecord, type TwoFactorRecord } from "../core/record";
import type { Subject } from "../core/user-id";
import type { EventOrigin } from "../events";
import { historyEntry, type EventDetails } from "./announce";
import { inTime } from "./patience";
import type { ServiceParts } from "./service";

export type SendResult =
  | { is: "sent"; canSendAgainInSeconds: number }
  /** One was sent just now; `live`: it can still be used. */
  | { is: "too-soon"; canSendAgainInSeconds: number; live: boolean }
  | { is: "locked"; lock: LaneLock }
  /** The host's sender failed or hung: an older code, if any, is still good. */
  | { is: "not-delivered"; canSendAgainInSeconds: number };

export interface Occasion {
  /** Nobody pressed a button, the code page was opened. */
  opening: boolean;
  /** Of the browser that asks. */
  lane?: Lane;
}

/** Codes that the host sends, by mail or SMS; what they are is their kind's affair. */
export function createDeliveries({ records, factors, announce, clock }: ServiceParts) {
  const { kind, delivery } = factors.sent;
  const entryOf = (record: TwoFactorRecord | undefined) => entriesOf(record, kind)[0];

  /** `limited`: with this code, sending becomes rarer. */
  type Place = { is: "place"; limited: boolean } | Exclude<SendResult, { is: "sent" } | { is: "not-delivered" }>;

  /** Takes the right to send, so that of parallel requests one sends. */
  const takePlace = (subject: Subject, code: string, occasion: Occasion) =>
    records.change<Place>(subject, (stored) => {
      const now = clock();
      const record = stored ?? blankRecord(subject.key, noEpoch);
      const lock = laneLock(record, occasion.lane, now);
      if (lock !== undefined) return { outcome: { is: "locked", lock } };
      const entry = entryOf(record);
      const seconds = delivery.secondsUntilNext(entry, occasion, now);
      if (seconds > 0) {
        return { outcome: { is: "too-soon", canSendAgainInSeconds: seconds, live: hasLive(record) } };
      }
      const sending = delivery.sending(entry, code, factors.toolsFor(subject, factors.sent));
      const limited = delivery.told(sending) === "limited";
      return { outcome: { is: "place", limited }, next: withEntry(record, sending) };
    });

  const settle = (subject: Subject, code: string, events: readonly EventDetails[], origin: EventOrigin) =>
    records.change<number>(subject, (record) => {
      const now = clock();
      const sending = entryOf(record);
      if (record === undefined || sending === undefined) return { outcome: 0 };
      const delivered = events[0]?.type === "code-sent";
      const entry = delivery.settled(sending, code, delivered, factors.toolsFor(subject, factors.sent));
      // Past the line that says that sending is limited, each single one would only push older lines out.
      const isTold = ({ type }: EventDetails) =>
        type === "code-sent" ? delivery.told(entry) === "each" : type === "code-sending-limited";
      const lines = events.filter(isTold).map(({ type }) => historyEntry(type, origin, now));
      const history = withHistory(record.history, ...lines);
      const wait = delivery.secondsUntilNext(entry, { opening: false }, now);
      return { outcome: wait, next: withEntry({ ...record, history }, entry) };
    });

  /** A code that was sent can still be used. */
  function hasLive(record: TwoFactorRecord | undefined): boolean {
    const entry = entryOf(record);
    return entry !== undefined && factors.sent.isLive?.(entry, clock()) !== false;
  }

  return {
    hasLive,

    /** Seconds until a button may send the next one; and until when they are sent more rarely. */
    waiting(record: TwoFactorRecord | undefined): { seconds: number; limitedUntil: number | undefined } {
      const entry = entryOf(record);
      return {
        seconds: delivery.secondsUntilNext(entry, { opening: false }, clock()),
        limitedUntil: delivery.limitedUntil(entry, clock()),
      };
    },

    /**
     * Sends a new code, unless one was sent just now; the old one is void once the new one is sent.
     */
    async send(
      subject: Subject,
      deliver: (code: string) => Promise<unknown>,
      origin: EventOrigin,
      occasion: Occasion,
    ): Promise<SendResult> {
      const code = delivery.newCode();
      const place = await takePlace(subject, code, occasion);
      if (place.is !== "place") return place;
      const delivered = await isDone(delivery.withinSeconds, () => deliver(code));
      const events: EventDetails[] = [{ type: delivered ? "code-sent" : "code-delivery-failed" }];
      if (place.limited) events.push({ type: "code-sending-limited" });
      const canSendAgainInSeconds = await settle(subject, code, events, origin);
      await announce(subject, origin, events);
      return { is: delivered ? "sent" : "not-delivered", canSendAgainInSeconds };
    },
  };
}

/** Whether it was done in time. What went wrong is the host's to log: its message could hold the code. */
export async function isDone(withinSeconds: number, work: () => Promise<unknown>): Promise<boolean> {
  return inTime(withinSeconds * 1000, work, () => undefined).then(
    () => true,
    () => false,
  );
}
