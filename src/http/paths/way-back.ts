const longestBytes = 2048;

/**
 * A path of this site that a browser may be sent to, or `undefined`: for the `next` of a host's login, too. Checked when it is kept and again when it is used,
 * for a session is the host's to write.
 */
export function pathOfThisSite(url: unknown): string | undefined {
  if (typeof url !== "string" || Buffer.byteLength(url) > longestBytes) return undefined;
  // One leading slash; browsers read a backslash as a slash, and drop tabs and line breaks before they look. A browser
  // encodes all that is not ASCII, and so must whoever writes it here: a header cannot hold it.
  if (!/^\/(?!\/)[!-[\]-~]*$/.test(url)) return undefined;
  const origin = "http://this.site";
  return URL.canParse(url, origin) && new URL(url, origin).origin === origin ? url : undefined;
}

/** The path of a URL as the host's router sees it, without one trailing slash. */
export const withoutTrailingSlash = (path: string): string =>
  path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;

/** Under `base`, or `base` itself; like Express's own mounting, whatever the case of its letters. */
export function isUnder(path: string, base: string): boolean {
  const lower = path.toLowerCase();
  const start = base.toLowerCase();
  return lower === start || lower.startsWith(`${start}/`);
}
