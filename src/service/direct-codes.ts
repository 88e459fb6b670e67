import { lockOf, type Lock } from "../core/attempts";
import {
  beginsLimit,
  deliverySeconds,
  freeSends,
  hasLiveCode,
  secondsUntilResend,
  secondsUntilSentOnOpening,
  withDelivery,
  withSending,
} from "../core/direct-code";
import { withHistory } from "../core/history";
import { noEpoch } from "../core/proof";
import { blankRecord } from "../core/record";
import type { Subject } from "../core/user-id";
import { randomDigits } from "../crypto/random";
import type { EventOrigin } from "../events";
import { historyEntry, type EventDetails } from "./announce";
import { inTime } from "./patience";
import type { ServiceParts } from "./service";

export type SendResult =
  | { is: "sent"; canSendAgainInSeconds: number }
  /** One was sent just now; `live`: it can still be used. */
  | { is: "too-soon"; canSendAgainInSeconds: number; live: boolean }
  | { is: "locked"; lock: Lock }
  /** The host's sender failed or hung: an older code, if any, is still good. */
  | { is: "not-delivered"; canSendAgainInSeconds: number };

export function createDirectCodes({ records, suite, settings, announce, clock }: ServiceParts) {
  /** `limited`: with this code, sending becomes rarer. */
  type Place = { is: "place"; limited: boolean } | Exclude<SendResult, { is: "sent" } | { is: "not-delivered" }>;

  /** Takes the right to send, so that of parallel requests one sends. */
  const takePlace = (subject: Subject, hash: string, secondsUntil: typeof secondsUntilResend) =>
    records.change<Place>(subject, (stored) => {
      const now = clock();
      const record = stored ?? blankRecord(subject.key, noEpoch);
      const lock = lockOf(record.attempts, now);
      if (lock !== undefined) return { outcome: { is: "locked", lock } };
      const seconds = secondsUntil(record.directCode, settings, now);
      if (seconds > 0) {
        const live = hasLiveCode(record.directCode, now);
        return { outcome: { is: "too-soon", canSendAgainInSeconds: seconds, live } };
      }
      const code = { hash, expiresAt: now + settings.directOtpValidForSeconds };
      const directCode = withSending(record.directCode, code, now);
      return { outcome: { is: "place", limited: beginsLimit(directCode) }, next: { ...record, directCode } };
    });

  const settle = (subject: Subject, hash: string, events: readonly EventDetails[], origin: EventOrigin) =>
    records.change<number>(subject, (record) => {
      const now = clock();
      if (record?.directCode === undefined) return { outcome: 0 };
      const directCode = withDelivery(record.directCode, hash, events[0]?.type === "code-sent");
      // Past the line that says that sending is limited, each single one would only push older lines out.
      const isTold = ({ type }: EventDetails) =>
        type === "code-sent" ? directCode.sends <= freeSends : type === "code-sending-limited";
      const told = events.filter(isTold);
      const history = withHistory(record.history, ...told.map(({ type }) => historyEntry(type, origin, now)));
      const wait = secondsUntilResend(directCode, settings, now);
      return { outcome: wait, next: { ...record, directCode, history } };
    });

  return {
    /**
     * Sends a new code, unless one was sent just now; the old one is void once the new one is sent.
     * @param occasion `opening`: nobody pressed a button, the code page was opened
     */
    async send(
      subject: Subject,
      deliver: (code: string) => Promise<unknown>,
      origin: EventOrigin,
      occasion: { opening: boolean },
    ): Promise<SendResult> {
      const code = randomDigits(settings.directOtpLength);
      const hash = suite.hashDirectCode(subject, code);
      const place = await takePlace(subject, hash, occasion.opening ? secondsUntilSentOnOpening : secondsUntilResend);
      if (place.is !== "place") return place;
      const delivered = await isDone(() => deliver(code));
      const events: EventDetails[] = [{ type: delivered ? "code-sent" : "code-delivery-failed" }];
      if (place.limited) events.push({ type: "code-sending-limited" });
      const canSendAgainInSeconds = await settle(subject, hash, events, origin);
      await announce(subject, origin, events);
      return { is: delivered ? "sent" : "not-delivered", canSendAgainInSeconds };
    },
  };
}

/** Whether it was done in time. What went wrong is the host's to log: its message could hold the code. */
async function isDone(work: () => Promise<unknown>): Promise<boolean> {
  return inTime(deliverySeconds * 1000, work, () => undefined).then(
    () => true,
    () => false,
  );
}
