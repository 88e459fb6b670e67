import type { EventOrigin, TwoFactorEvent } from "../events";

type EventBase = Pick<TwoFactorEvent, "userId" | "scope" | "at" | keyof EventOrigin>;

/**
 * What recovery will tell: its words are ready, so that a host's mails are complete
 * on the day they come. One that is told from then on moves to `TwoFactorEvent`.
 */
export type EventToCome = EventBase &
  (
    | { type: "recovery-confirmed" | "recovery-half-way"; readyAt: Date }
    | { type: "recovery-requested" | "recovery-ready" | "recovery-cancelled" | "recovery-finished" }
  );

export type NoticeEvent = TwoFactorEvent | EventToCome;
