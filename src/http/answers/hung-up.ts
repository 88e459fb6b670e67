import type { Request } from "express";

/**
 * The connection is closed, so nobody will read the answer. So it is with the first of two clicks on a button: the browser
 * hangs up, and shows what the second one is answered.
 */
export const hasHungUp = (req: Request): boolean =>
  // A request that is no HTTP/1 request, or none at all, has no socket to tell.
  (req.socket as { destroyed?: boolean } | undefined)?.destroyed === true;
