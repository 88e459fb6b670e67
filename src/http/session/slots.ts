import type { Request, Response } from "express";

/** A text of ours that goes to the client with an answer, and comes back with the next requests. */
export interface Slot {
  read(req: Request): string | undefined;
  send(req: Request, res: Response, value: string): void;
  clear(req: Request, res: Response): void;
}

/** What a client carries for us. */
export interface Slots {
  remember: Slot;
  known: Slot;
  /** For pages alone. */
  lastUsed: Slot;
  proof: Slot;
  pending: Slot;
  /** It goes into the body, which is made before anybody knows how the answer ends. */
  readonly isInBody: boolean;
  /** What of it goes into a JSON answer, where it changed; a cookie has headers of its own. */
  told(req: Request): { token?: string };
}
