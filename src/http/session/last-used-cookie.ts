import type { Request } from "express";
import type { KnownCaller } from "../caller";
import type { Slots } from "./slots";

/** What this browser proved with last: the code page begins with it, and nothing else depends on it. Plain, for it is no secret. */
export const createLastUsedCookie = ({ lastUsed }: Slots) => ({
  wasCode: (req: Request): boolean => lastUsed.read(req) === "code",
  send: ({ req, res }: Pick<KnownCaller, "req" | "res">, used: "key" | "code"): void => lastUsed.send(req, res, used),
});
