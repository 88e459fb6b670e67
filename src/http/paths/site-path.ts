import type { Request } from "express";

/** The undecoded path of the site that is asked for: what the host's routers see, with the mount before it. */
export const sitePathOf = (req: Request): string => req.baseUrl + (req.path ?? "/");

/** The mount that the host chose for whoever reads this; `""` at the root, and where a wildcard stands for any address. */
export const mountOf = (req: Request): string => (isWildcard(req) ? "" : req.baseUrl);

/**
 * `app.use("/*splat", …)`, Express 4's `"*"` and Nest's `forRoutes("{*all}")` take the whole address for the mount. What
 * they matched is a list in Express 5, and has a number for a name in 4.
 */
function isWildcard({ baseUrl, path, params }: Request): boolean {
  if (baseUrl === "" || path !== "/") return false;
  const plain = (text: string) => text.replace(/\/+$/, "");
  const whole = plain(decoded(baseUrl) ?? baseUrl);
  return Object.entries((params ?? {}) as Record<string, unknown>).some(([name, value]) => {
    if (!Array.isArray(value) && !/^\d+$/.test(name)) return false;
    const matched = plain([value].flat().join("/"));
    return matched === whole || `/${matched}` === whole;
  });
}

/** @returns `undefined` for a malformed escape */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** An encoded letter, digit or `-._~` (no browser writes one), slash, backslash, percent or control character. */
const disguised = /%(?:2[def5]|3\d|4[1-9a-f]|5[\dacf]|6[1-9a-f]|7[\daef]|[01][\da-f])/i;

/**
 * What is written is what is meant: nothing that a router, a file server or a proxy behind may read as another path.
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2
 */
export function isWhatItSeems(path: string): boolean {
  if (!/^\/[!-[\]-~]*$/.test(path) || path.includes("//") || disguised.test(path)) return false;
  const text = decoded(path);
  return text !== undefined && !/\p{Cc}/u.test(text) && !/\/\.{1,2}(?:\/|$)/.test(path);
}
