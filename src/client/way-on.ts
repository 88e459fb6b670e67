const longest = 2048;

/**
 * The server's `next` as a page may follow it: a path of this site, else `/`. Whoever answered in the server's place must
 * not send somebody elsewhere, or hand a script to `location`.
 */
export function wayOn(next: unknown): string {
  if (typeof next !== "string" || next.length > longest) return "/";
  // One leading slash; browsers read a backslash as a slash, and drop tabs and line breaks before they look.
  return /^\/(?!\/)[!-[\]-~]*$/.test(next) ? next : "/";
}
