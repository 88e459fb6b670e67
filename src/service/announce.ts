import { channel } from "node:diagnostics_channel";
import type { HistoryEntry } from "../core/history";
import type { Subject } from "../core/user-id";
import type { EventOrigin, TwoFactorEvent, TwoFactorEventType } from "../events";
import { browserName } from "./browser-name";

type WithoutBase<Event> = Event extends unknown ? Omit<Event, "userId" | "scope" | "at" | "ip" | "userAgent"> : never;

/** An event as a transition knows it: the rest is added when it is told. */
export type Happening = WithoutBase<TwoFactorEvent>;

export type Announce = (
  subject: Subject,
  origin: EventOrigin,
  happenings: readonly Happening[],
) => Promise<void>;

/** The `node:diagnostics_channel` that every event is published on. */
export const eventChannel = "express-two-factor";

/** Tells what is already durable. Whatever a listener does, the user's answer stays the same. */
export function createAnnounce(onEvent: ((event: TwoFactorEvent) => unknown) | undefined): Announce {
  const events = channel(eventChannel);
  return async function announce({ scope, id }, origin, happenings) {
    for (const happening of happenings) {
      // The spread of a union loses which member it is; nothing is taken away from it.
      const event = Object.freeze({ ...origin, ...happening, userId: id, scope, at: new Date() }) as TwoFactorEvent;
      if (events.hasSubscribers) events.publish(event);
      try {
        await onEvent?.(event);
      } catch (error) {
        process.emitWarning(`express-two-factor: onEvent failed on "${event.type}": ${nameOf(error)}`);
      }
    }
  };
}

const nameOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : typeof error);

export function historyEntry(type: TwoFactorEventType, { ip, userAgent }: EventOrigin, now: number): HistoryEntry {
  return [type, now, ip ?? "", userAgent === undefined ? "" : browserName(userAgent)];
}
