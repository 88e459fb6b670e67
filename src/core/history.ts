/** `[event type, Unix seconds, IP address or "", browser's name or ""]`: a tuple, for records stay small. */
export type HistoryEntry = readonly [type: string, at: number, ip: string, browser: string];

export const historyLimit = 20;

/** Newest last; the oldest go. */
export function withHistory(
  history: readonly HistoryEntry[],
  ...entries: readonly HistoryEntry[]
): readonly HistoryEntry[] {
  return [...history, ...entries].slice(-historyLimit);
}
