import { wrong, type Check } from "./checks";

const longestBytes = 2048;

/**
 * A path of this site that a browser may be sent to, or `undefined`: for the `next` of a host's login, too. Checked when it
 * is kept and again when it is used, for a session is the host's to write.
 */
export function pathOfThisSite(url: unknown): string | undefined {
  if (typeof url !== "string" || Buffer.byteLength(url) > longestBytes) return undefined;
  // One leading slash; browsers read a backslash as a slash, and drop tabs and line breaks before they look. A browser
  // encodes all that is not ASCII, and so must whoever writes it here: a header cannot hold it.
  if (!/^\/(?!\/)[!-[\]-~]*$/.test(url)) return undefined;
  const origin = "http://this.site";
  return URL.canParse(url, origin) && new URL(url, origin).origin === origin ? url : undefined;
}

/** The path of an address, as it is written. */
export const pathnameOf = (url: string): string => url.split(/[?#]/, 1)[0] ?? "";

/** The path of a URL as the host's router sees it, without one trailing slash. */
export const withoutTrailingSlash = (path: string): string =>
  path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;

/** Of two paths that Express mounts at one place these are equal: it does not mind the case of letters. */
export const likened = (path: string): string => path.toLowerCase();

/** Under `base`, or `base` itself; like Express's own mounting, whatever the case of its letters. */
export function isUnder(path: string, base: string): boolean {
  if (path.length < base.length) return false;
  const lower = likened(path);
  const start = likened(base);
  return lower === start || lower.startsWith(`${start}/`);
}

/** What keeps a text from being a path of this site, as its fix. The text itself is not told: it may be a secret. */
function fixOf(text: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(text)) return "leave out what is before the path";
  if (/^\/[/\\]/.test(text)) return 'begin it with one "/"';
  if (!text.startsWith("/")) return 'begin it with "/"';
  return "write it as a browser does: encoded, without spaces and backslashes";
}

/** An option that is a path of this site; with a query where the browser is sent there. */
export const beSitePath: Check = (value, name) => {
  if (pathOfThisSite(value) !== undefined) return [];
  return wrong(name, "a path of this site", value, typeof value === "string" ? [fixOf(value)] : []);
};

const isThisMachine = (hostname: string): boolean => /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);

/** The origin of a page that is not of this site, or `undefined`: a full address as a browser writes it, by TLS or on this machine. */
export function otherOriginOf(page: unknown): string | undefined {
  if (typeof page !== "string" || page.length > longestBytes || !URL.canParse(page)) return undefined;
  const { protocol, hostname, username, password, origin, href } = new URL(page);
  if (username !== "" || password !== "" || (href !== page && href !== `${page}/`)) return undefined;
  return protocol === "https:" || (protocol === "http:" && isThisMachine(hostname)) ? origin : undefined;
}

/** A page of the host's own, which may be of another origin. */
export const bePage: Check = (value, name) => {
  if (pathOfThisSite(value) !== undefined || otherOriginOf(value) !== undefined) return [];
  const expected = 'a path of this site, or a full address such as "https://app.example.com/code"';
  if (typeof value !== "string" || !/^[a-z][a-z0-9+.-]*:/i.test(value)) {
    return wrong(name, expected, value, typeof value === "string" ? [fixOf(value)] : []);
  }
  const isPlain = /^http:/i.test(value);
  return wrong(name, expected, value, [
    isPlain ? 'begin it with "https://"' : "write it as a browser does, without a name and a password",
  ]);
};

/** Where people find help. */
export const beHelp: Check = (value, name) => {
  const isMail = typeof value === "string" && value.length <= 254 && /^[\w.+-]+@[\w-]+(\.[\w-]+)+$/.test(value);
  if (isMail || pathOfThisSite(value) !== undefined || otherOriginOf(value) !== undefined) return [];
  const expected = 'a mail address, a path of this site, or a full address such as "https://help.example.com"';
  const fixes = typeof value === "string" && /^mailto:/i.test(value) ? ['leave out "mailto:"'] : [];
  return wrong(name, expected, value, fixes);
};

/** The option `path`: Express mounts there, and our links begin with it. */
export const beMountPath: Check = (value, name) => {
  const expected = 'a path such as "/two-factor"; "/" alone would take the whole app';
  if (typeof value !== "string" || value === "/") return wrong(name, expected, value);
  const fixes = [
    ...(pathOfThisSite(value) === undefined ? [fixOf(value)] : []),
    ...(value.endsWith("/") ? ['leave out the "/" at its end'] : []),
    ...(/[?#]/.test(value) ? ["leave out its query"] : []),
  ];
  return fixes.length === 0 ? [] : wrong(name, expected, value, fixes);
};
