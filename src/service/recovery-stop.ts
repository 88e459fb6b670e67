import { withHistory } from "../core/history";
import type { TwoFactorRecord } from "../core/record";
import { withRecoveryCancelled } from "../core/recovery";
import type { EventOrigin } from "../events";
import { historyEntry, type EventDetails } from "./announce";

/** Whoever has just proven a second factor has not lost it: what somebody had asked for is stopped, in the same write. */
export function stopRecovery(
  record: TwoFactorRecord,
  origin: EventOrigin,
  now: number,
): { record: TwoFactorRecord; events: readonly EventDetails[] } {
  const stopped = withRecoveryCancelled(record, now);
  if (stopped === record) return { record, events: [] };
  const history = withHistory(stopped.history, historyEntry("recovery-cancelled", origin, now));
  return { record: { ...stopped, history }, events: [{ type: "recovery-cancelled", by: "a right second factor" }] };
}
