/** Of which a formatter can be made; what a profile says can be anything. */
export function isTimeZone(timeZone: unknown): timeZone is string {
  if (typeof timeZone !== "string" || timeZone === "") return false;
  try {
    Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
}

/** As people write it: `Intl` says no "1er", and lets the Russian "г." begin a line. */
export function dateText(format: Intl.DateTimeFormat, at: Date): string {
  if (!format.resolvedOptions().locale.startsWith("fr")) return format.format(at).replace(/\sг\./, "\u00a0г.");
  const parts = format.formatToParts(at);
  return parts.map(({ type, value }) => (type === "day" && value === "1" ? "1er" : value)).join("");
}
