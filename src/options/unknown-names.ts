import { distance } from "fastest-levenshtein";

/** A line for each name that is no option, with the one that was probably meant. */
export function unknownNames(given: readonly string[], names: readonly string[]): string[] {
  return given
    .filter((name) => !names.includes(name))
    .map((name) => {
      const near = names.toSorted((a, b) => unlikeness(a, name) - unlikeness(b, name))[0];
      const isNear = near !== undefined && unlikeness(near, name) <= Math.max(1, Math.floor(name.length / 4));
      return `\`${name}\` is no option. ${isNear ? `Did you mean \`${near}\`?` : "Remove it."}`;
    });
}

/** Letters alone count, so that the gem's `max_login_attempts` is ours; the longer one begins the other, the better. */
function unlikeness(option: string, name: string): number {
  const [a, b] = [option, name].map((text) => text.toLowerCase().replaceAll(/[^a-z]/g, "")) as [string, string];
  const begins = b.length > 3 && (a.startsWith(b) || b.startsWith(a));
  return begins && a !== b ? 1 - Math.min(a.length, b.length) / 100 : distance(a, b);
}
