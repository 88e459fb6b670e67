import { differencesOf, timesOf } from "./differences";

/** `[event type, Unix seconds, IP address or "", browser's name or ""]`: a tuple, for records stay small. */
export type HistoryEntry = readonly [type: string, at: number, ip: string, browser: string];

export const historyLimit = 20;

/** As it is stored: each distinct text once, and entries that point at them. Full, it takes a third of the room. */
export interface PackedHistory {
  texts: readonly string[];
  /** `[type, seconds, IP address, browser]`: seconds since the entry before, the others as positions in `texts`. */
  entries: readonly (readonly [type: number, seconds: number, ip: number, browser: number])[];
}

export function packHistory(history: readonly HistoryEntry[]): PackedHistory {
  const texts = [...new Set(history.flatMap(([type, , ip, browser]) => [type, ip, browser]))];
  const place = (text: string): number => texts.indexOf(text);
  const seconds = differencesOf(history.map(([, at]) => at));
  return {
    texts,
    entries: history.map(([type, , ip, browser], index) => [
      place(type),
      seconds[index] ?? 0,
      place(ip),
      place(browser),
    ]),
  };
}

/** @param packed with all positions inside `texts` */
export function unpackHistory({ texts, entries }: PackedHistory): readonly HistoryEntry[] {
  const text = (place: number): string => texts[place] ?? "";
  const times = timesOf(entries.map(([, seconds]) => seconds));
  return entries.map(([type, , ip, browser], index) => [text(type), times[index] ?? 0, text(ip), text(browser)]);
}

/** Newest last; the oldest go. */
export function withHistory(
  history: readonly HistoryEntry[],
  ...entries: readonly HistoryEntry[]
): readonly HistoryEntry[] {
  return [...history, ...entries].slice(-historyLimit);
}
