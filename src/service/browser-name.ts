import { createRequire } from "node:module";
import type Bowsers from "bowser";

const load = createRequire(__filename);
let loaded: { Bowser: typeof Bowsers; known: ReadonlySet<string> } | undefined;

const longestUserAgent = 512;

/** Loaded for the first name that is asked for: a gate asks for none. */
function parserWithNames() {
  if (loaded !== undefined) return loaded;
  const Bowser = load("bowser") as typeof Bowsers;
  // The parser also guesses: of what it does not know it takes the first words, which are then a visitor's own.
  const known = new Set([...Object.values(Bowser.BROWSER_MAP), ...Object.values(Bowser.OS_MAP)]);
  return (loaded = { Bowser, known });
}

/**
 * "Firefox on Linux"; `""` where the user agent tells nothing. Made of known names only, so that it may stand in a mail:
 * a user agent is text that a visitor chooses.
 */
export function browserName(userAgent: string): string {
  if (userAgent === "") return "";
  const { Bowser, known } = parserWithNames();
  const parser = Bowser.getParser(userAgent.slice(0, longestUserAgent));
  return [parser.getBrowserName(), parser.getOSName()].filter((name) => known.has(name)).join(" on ");
}
