import type { Request } from "express";

type WithProvider = Request["session"] & { cameByProvider?: true };

/** The session goes on without knowing the provider; at the logout it matters that there is another one there. */
export function rememberProvider(req: Request): void {
  (req.session as WithProvider).cameByProvider = true;
}

export const cameByProvider = (req: Request): boolean =>
  (req.session as WithProvider | undefined)?.cameByProvider === true;
