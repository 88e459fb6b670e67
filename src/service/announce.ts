import { channel } from "node:diagnostics_channel";
import { withHistory, type HistoryEntry } from "../core/history";
import type { TwoFactorRecord } from "../core/record";
import type { Subject } from "../core/user-id";
import type { EventOrigin, TwoFactorEvent, TwoFactorEventType } from "../events";
import { browserName } from "./browser-name";
import { inTime } from "./patience";

type WithoutBase<Event> = Event extends unknown ? Omit<Event, "userId" | "scope" | "at" | "ip" | "userAgent"> : never;

/** An event as a transition knows it: the rest is added when it is told. */
export type EventDetails = WithoutBase<TwoFactorEvent>;

export type Announce = (subject: Subject, origin: EventOrigin, events: readonly EventDetails[]) => Promise<void>;

/** The `node:diagnostics_channel` that every event is published on. */
export const eventChannel = "express-two-factor";

/** So long at most, over all events of a request, the user's answer waits for the listener. */
const mostPatienceMilliseconds = 3000;

/** Tells what is already durable. Whatever a listener does, the user's answer stays the same. */
export function createAnnounce(onEvent: ((event: TwoFactorEvent) => unknown) | undefined): Announce {
  const events = channel(eventChannel);
  return async function announce({ scope, id }, origin, told) {
    const giveUpAt = performance.now() + mostPatienceMilliseconds;
    for (const details of told) {
      // The spread of a union loses which member it is; nothing is taken away from it.
      const event = Object.freeze({ ...origin, ...details, userId: id, scope, at: new Date() }) as TwoFactorEvent;
      if (events.hasSubscribers) events.publish(event);
      if (onEvent !== undefined) await tell(onEvent, event, giveUpAt - performance.now());
    }
  };
}

/** A listener that fails or hangs is warned about, once it is known; each event is told all the same. */
async function tell(onEvent: (event: TwoFactorEvent) => unknown, event: TwoFactorEvent, milliseconds: number) {
  const warn = (what: string) => process.emitWarning(`express-two-factor: onEvent ${what} on "${event.type}"`);
  const told = (async () => onEvent(event))().catch((error: unknown) => warn(`failed (${nameOf(error)})`));
  await inTime(
    Math.max(0, milliseconds),
    () => told,
    () => undefined,
  ).catch(() => warn("has not answered in time"));
}

const nameOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : typeof error);

/** An IPv6 address with an IPv4 tail; under a lax `trust proxy` Express's `req.ip` is whatever a header says. */
const longestAddress = 45;

export function historyEntry(type: TwoFactorEventType, { ip, userAgent }: EventOrigin, now: number): HistoryEntry {
  return [type, now, (ip ?? "").slice(0, longestAddress), userAgent === undefined ? "" : browserName(userAgent)];
}

/** The record with a line of its history: who was there, and when. */
export const withNote = (
  record: TwoFactorRecord,
  type: TwoFactorEventType,
  origin: EventOrigin,
  now: number,
): TwoFactorRecord => ({ ...record, history: withHistory(record.history, historyEntry(type, origin, now)) });
