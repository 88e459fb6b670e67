import type { Request, Response } from "express";
import { beforeAnswer } from "./dead-sessions";

/** A text of ours that goes to the client with an answer, and comes back with the next requests. */
export interface Slot {
  read(req: Request): string | undefined;
  /** Of all of its name that the request brought: another site of the domain may have set one, too. */
  readAll(req: Request): readonly string[];
  send(req: Request, res: Response, value: string): void;
  clear(req: Request, res: Response): void;
}

/** What a client carries for us. */
export interface Slots {
  remember: Slot;
  /** By which a browser is known to have given a right factor before. No proof. */
  known: Slot;
  /**
   * What this browser proved with last, `"key"` or `"code"`: the code page begins with it, and nothing else depends on it.
   * Plain, for it is no secret; for pages alone.
   */
  lastUsed: Slot;
  proof: Slot;
  pending: Slot;
  /** It goes into the body, which is made before anybody knows how the answer ends. */
  readonly isInBody: boolean;
  /** What of it goes into a JSON answer, where it changed; a cookie has headers of its own. */
  told(req: Request): { token?: string };
}

/** With the answer, unless it is a refusal: what could not be kept of the login has changed nothing in the browser either. */
export function sendKnownWithAnswer(
  { known, isInBody }: Slots,
  { req, res }: { req: Request; res: Response },
  text: string | undefined,
): void {
  if (text === undefined) return;
  if (isInBody) return known.send(req, res, text);
  let isSent = false;
  beforeAnswer(res, () => {
    if (isSent || res.headersSent || res.statusCode >= 400) return;
    isSent = true;
    known.send(req, res, text);
  });
}
