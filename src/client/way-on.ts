const longest = 2048;

/**
 * The server's `next` as a page may follow it: a path of the server's site (at `origin`, where that is another one), or a
 * page of the origin that this runs at; else `/`. Whoever answered in the server's place must not send somebody elsewhere,
 * or hand a script to `location`.
 */
export function wayOn(next: unknown, origin = ""): string {
  if (typeof next !== "string" || next.length > longest) return "/";
  // One leading slash; browsers read a backslash as a slash, and drop tabs and line breaks before they look.
  if (/^\/(?!\/)[!-[\]-~]*$/.test(next)) return origin + next;
  return isOfHere(next) ? next : "/";
}

/** Absent in Node, and `"null"` in a sandbox or a file. */
function isOfHere(next: string): boolean {
  const here = (globalThis as { location?: { origin: string } }).location?.origin;
  return here !== undefined && /^https?:/.test(here) && next.startsWith(`${here}/`) && /^[!-[\]-~]*$/.test(next);
}
