/**
 * Where to go after the login: only a path of this site. Browsers take `//host`, `/\host` and addresses with control
 * characters in them for other sites.
 */
export function wayBack(next: unknown): string {
  if (typeof next !== "string" || next.length > 2048) return "/";
  if (!/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(next)) return "/";
  const base = "http://site.invalid";
  if (!URL.canParse(next, base) || new URL(next, base).origin !== base) return "/";
  // Back to the login or out again would be no way on.
  return /^\/log(in|out)(?![^/?#])/i.test(next) ? "/" : next;
}
