import type { TwoFactorRecord } from "../core/record";
import { withRecoveryCancelled } from "../core/recovery";
import type { EventOrigin } from "../events";
import { withNote, type EventDetails } from "./announce";

/**
 * Whoever has just proven a second factor, or changes something by a proof of the last minutes, has not lost it: what
 * somebody had asked for is stopped, in the same write.
 */
export function stopRecovery(
  record: TwoFactorRecord,
  origin: EventOrigin,
  now: number,
): { record: TwoFactorRecord; events: readonly EventDetails[] } {
  if (record.recovery === undefined) return { record, events: [] };
  const stopped = withRecoveryCancelled(record, now);
  if (stopped === record) return { record, events: [] };
  const events = [{ type: "recovery-cancelled", by: "a right second factor" }] as const;
  return { record: withNote(stopped, "recovery-cancelled", origin, now), events };
}
