import Bowser from "bowser";

const longestUserAgent = 512;
/** The parser also guesses: of what it does not know it takes the first words, which are then a visitor's own. */
const known = new Set([...Object.values(Bowser.BROWSER_MAP), ...Object.values(Bowser.OS_MAP)]);

/**
 * "Firefox on Linux"; `""` where the user agent tells nothing. Made of known names only, so that it may stand in a mail:
 * a user agent is text that a visitor chooses.
 */
export function browserName(userAgent: string): string {
  if (userAgent === "") return "";
  const parser = Bowser.getParser(userAgent.slice(0, longestUserAgent));
  const names = [parser.getBrowserName(), parser.getOSName()];
  return names.filter((name) => known.has(name)).join(" on ");
}
