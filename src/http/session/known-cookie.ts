import type { Request, Response } from "express";
import type { KnownCaller } from "../caller";
import { beforeAnswer } from "./dead-sessions";
import type { Slots } from "./slots";

/** The text by which a browser is known to have given a right factor before: as the remembered one, and no proof. */
export function createKnownCookie({ known, isInBody }: Slots) {
  return {
    read: (req: Request): string | undefined => known.read(req),
    send: (req: Request, res: Response, value: string): void => known.send(req, res, value),
    /** With the answer, unless it is a refusal: what could not be kept of the login has changed nothing here either. */
    sendWithAnswer({ req, res }: Pick<KnownCaller, "req" | "res">, value: string | undefined): void {
      if (value === undefined) return;
      if (isInBody) return known.send(req, res, value);
      let isSent = false;
      beforeAnswer(res, () => {
        if (isSent || res.headersSent || res.statusCode >= 400) return;
        isSent = true;
        known.send(req, res, value);
      });
    },
  };
}
