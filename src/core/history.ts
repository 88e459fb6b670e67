/** `[event type, Unix seconds, IP address or "", browser's name or ""]`: a tuple, for records stay small. */
export type HistoryEntry = readonly [type: string, at: number, ip: string, browser: string];

export const historyLimit = 20;

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
