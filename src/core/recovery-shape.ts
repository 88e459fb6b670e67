import { count, listOf, optional, refuse, shape, text, type StoredField } from "./shape";

const timelyStep: StoredField = (value, field) => {
  if (value !== "half-way" && value !== "ready") refuse(field, "half-way or ready");
};
/** `Recoveries` as they are stored. */
export const storedRecovery = shape({
  current: optional(
    shape({
      id: text,
      requestedAt: count,
      codes: listOf(shape({ hash: text, expiresAt: count })),
      voided: optional(listOf(count)),
      sends: count,
      sentAt: count,
      confirmedAt: optional(count),
      readyAt: optional(count),
      told: optional(timelyStep),
      opened: optional(shape({ by: text, at: count })),
    }),
  ),
  sending: optional(shape({ id: text, until: count })),
  lastAt: optional(count),
  cancelledAt: optional(listOf(count)),
});
