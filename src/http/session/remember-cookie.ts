import { parseCookie } from "cookie";
import type { CookieOptions, Request, Response } from "express";
import type { Settings } from "../../options";

/** The remember cookie: its text is made and read by the service, here it only travels. */
export function createRememberCookie({ cookie, scope, rememberOtpSessionForSeconds }: Settings) {
  const name = `${cookie.prefix}${cookie.name}${scope === "user" ? "" : `_${scope}`}`;

  const attributes = (req: Request): CookieOptions => ({
    httpOnly: true,
    path: "/",
    sameSite: cookie.sameSite,
    secure: cookie.prefix !== "" || (cookie.secure === "auto" ? req.secure : cookie.secure),
  });

  return {
    read: (req: Request): string | undefined => {
      const header = req.headers.cookie;
      return header === undefined ? undefined : parseCookie(header)[name];
    },
    send(req: Request, res: Response, value: string): void {
      res.cookie(name, value, { ...attributes(req), maxAge: rememberOtpSessionForSeconds * 1000 });
    },
    clear(req: Request, res: Response): void {
      res.clearCookie(name, attributes(req));
    },
  };
}
