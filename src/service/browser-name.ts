import Bowser from "bowser";

const longestUserAgent = 512;

/** "Firefox on Linux"; `""` where the user agent tells nothing. */
export function browserName(userAgent: string): string {
  if (userAgent === "") return "";
  const parser = Bowser.getParser(userAgent.slice(0, longestUserAgent));
  const browser = parser.getBrowserName();
  const system = parser.getOSName();
  return [browser, system].filter(Boolean).join(" on ").slice(0, 60);
}
