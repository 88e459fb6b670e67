import { parseCookie } from "cookie";
import type { CookieOptions, Request, Response } from "express";
import type { Settings } from "../../options";

/** The remember cookie: its text is made and read by the service, here it only travels. */
export const createRememberCookie = (settings: Settings) =>
  cookieOf(settings, settings.cookie.name, settings.rememberOtpSessionForSeconds);

export function cookieOf({ cookie, scope }: Settings, called: string, seconds: number) {
  const name = `${cookie.prefix}${called}${scope === "user" ? "" : `_${scope}`}`;

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
      res.cookie(name, value, { ...attributes(req), maxAge: seconds * 1000 });
    },
    clear(req: Request, res: Response): void {
      res.clearCookie(name, attributes(req));
    },
  };
}
