/** `[event type, Unix seconds, IP address or "", browser's name or ""]`: a tuple, for records stay small. */
export type HistoryEntry = readonly [type: string, at: number, ip: string, browser: string];

export const historyLimit = 20;

/** As it is stored: each distinct text once, and entries that point at them. Full, it takes a third of the room. */
export interface PackedHistory {
  texts: readonly string[];
  /** `[type, Unix seconds, IP address, browser]`, all but the time as positions in `texts`. */
  entries: readonly (readonly [type: number, at: number, ip: number, browser: number])[];
}

export function packHistory(history: readonly HistoryEntry[]): PackedHistory {
  const texts = [...new Set(history.flatMap(([type, , ip, browser]) => [type, ip, browser]))];
  const place = (text: string): number => texts.indexOf(text);
  return { texts, entries: history.map(([type, at, ip, browser]) => [place(type), at, place(ip), place(browser)]) };
}

/** @param packed with all positions inside `texts` */
export function unpackHistory({ texts, entries }: PackedHistory): readonly HistoryEntry[] {
  const text = (place: number): string => texts[place] ?? "";
  return entries.map(([type, at, ip, browser]) => [text(type), at, text(ip), text(browser)]);
}

/** Newest last; the oldest go. */
export function withHistory(
  history: readonly HistoryEntry[],
  ...entries: readonly HistoryEntry[]
): readonly HistoryEntry[] {
  return [...history, ...entries].slice(-historyLimit);
}
