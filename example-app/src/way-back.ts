import { pathOfThisSite } from "express-two-factor";

/** Where to go after the login: only a path of this site. Back to the login or out again would be no way on. */
export function wayBack(next: unknown): string {
  const path = pathOfThisSite(next);
  return path === undefined || /^\/log(in|out)(?![^/?#])/i.test(path) ? "/" : path;
}
