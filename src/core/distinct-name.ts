const mostGraphemes = 60;

const graphemes = (text: string): readonly string[] =>
  Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);

/** Alike for somebody who looks for it in a list. */
const alike = (name: string): string => name.normalize("NFKC").toLowerCase();

/** A plain name, of at most 60 characters as people count them; with a number behind it where another has it already. */
export function distinctName(name: string, others: readonly string[]): string {
  const taken = new Set(others.map(alike));
  for (let number = 1; ; number += 1) {
    const behind = number === 1 ? "" : ` ${number}`;
    const candidate =
      graphemes(name)
        .slice(0, mostGraphemes - behind.length)
        .join("")
        .trim() + behind;
    if (!taken.has(alike(candidate))) return candidate;
  }
}
