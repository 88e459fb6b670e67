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

/** Times as they are stored: the first as it is, the others as seconds since the one before. */
export const differencesOf = (times: readonly number[]): readonly number[] =>
  times.map((time, index) => time - (times[index - 1] ?? 0));

export function timesOf(differences: readonly number[]): readonly number[] {
  let time = 0;
  return differences.map((difference) => (time += difference));
}

/** What can be done again and again, and says nothing more the second time: it must not push older entries out. */
const repeatable: readonly string[] = ["recovery-codes-regenerated", "code-sent", "browser-used"];
const repeatSeconds = 3600;

const isRepeat = ([type, at, ...where]: HistoryEntry, [lastType, lastAt, ...lastWhere]: HistoryEntry): boolean =>
  repeatable.includes(type) &&
  type === lastType &&
  Math.abs(at - lastAt) < repeatSeconds &&
  where.every((text, index) => text === lastWhere[index]);

/** Newest last; the oldest go. One that repeats the last one, within an hour and from the same place, takes its place. */
export function withHistory(
  history: readonly HistoryEntry[],
  ...entries: readonly HistoryEntry[]
): readonly HistoryEntry[] {
  const all = [...history];
  for (const entry of entries) {
    const last = all.at(-1);
    if (last !== undefined && isRepeat(entry, last)) all.pop();
    all.push(entry);
  }
  return all.slice(-historyLimit);
}
