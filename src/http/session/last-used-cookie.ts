import type { Request } from "express";
import type { Settings } from "../../options";
import type { KnownCaller } from "../caller";
import { cookieOf } from "./remember-cookie";

const oneYearSeconds = 31_536_000;

/** What this browser proved with last: the code page begins with it, and nothing else depends on it. Plain, for it is no secret. */
export function createLastUsedCookie(settings: Settings) {
  const cookie = cookieOf(settings, "last_tfa", oneYearSeconds);
  return {
    wasCode: (req: Request): boolean => cookie.read(req) === "code",
    send: ({ req, res }: Pick<KnownCaller, "req" | "res">, used: "key" | "code"): void => cookie.send(req, res, used),
  };
}
