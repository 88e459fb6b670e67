/** Times as they are stored: the first as it is, the others as seconds since the one before. */
export const differencesOf = (times: readonly number[]): readonly number[] =>
  times.map((time, index) => time - (times[index - 1] ?? 0));

export function timesOf(differences: readonly number[]): readonly number[] {
  let time = 0;
  return differences.map((difference) => (time += difference));
}
