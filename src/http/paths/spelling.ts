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
