import type { Request } from "express";
import type { Settings } from "../../options";
import type { KnownCaller } from "../caller";
import { beforeAnswer } from "./dead-sessions";
import { cookieOf } from "./remember-cookie";

/** The cookie by which a browser is known to have given a right factor before: as the other one, and no proof. */
export function createKnownCookie(settings: Settings) {
  const cookie = cookieOf(settings, "known_tfa", settings.knownBrowserForSeconds);
  return {
    read: (req: Request): string | undefined => cookie.read(req),
    /** With the answer, unless it is a refusal: what could not be kept in the session has changed nothing here either. */
    sendWithAnswer({ req, res }: Pick<KnownCaller, "req" | "res">, value: string): void {
      let isSent = false;
      beforeAnswer(res, () => {
        if (isSent || res.headersSent || res.statusCode >= 400) return;
        isSent = true;
        cookie.send(req, res, value);
      });
    },
  };
}
