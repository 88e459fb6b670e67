import type { Request } from "express";
import { TwoFactorError } from "../../errors";
import type { Settings } from "../../options";
import type { Awaitable } from "../../options/values";
import { hostAnswer } from "../caller";

/** A login of a host without sessions, as the host tells it. */
export interface HostLogin {
  id: string;
  /** Unix seconds. */
  at?: number;
}

/**
 * Which login a request is of. @returns `undefined` where the host says that it is of none: a machine's, say
 * @throws TwoFactorError `MISCONFIGURED` for an answer that is none
 */
export function hostLogin(settings: Settings, req: Request): Awaitable<HostLogin | undefined> {
  const { loginId } = settings;
  if (loginId === undefined) return undefined;
  const said: unknown = hostAnswer(settings, "loginId", () => loginId(req));
  return said instanceof Promise
    ? said.then((id: unknown) => withTime(settings, req, id))
    : withTime(settings, req, said);
}

function withTime(settings: Settings, req: Request, said: unknown): Awaitable<HostLogin | undefined> {
  if (said === undefined || said === null) return undefined;
  const id = idOf(said);
  const { loginAt } = settings;
  if (loginAt === undefined) return { id };
  const at: unknown = hostAnswer(settings, "loginAt", () => loginAt(req));
  return at instanceof Promise ? at.then((time: unknown) => ({ id, at: secondsOf(time) })) : { id, at: secondsOf(at) };
}

const longestId = 255;

function idOf(said: unknown): string {
  if (typeof said === "string" && said !== "" && said.length <= longestId) return said;
  if (Number.isSafeInteger(said)) return String(said);
  throw new TwoFactorError(
    "MISCONFIGURED",
    "loginId must answer with the name of this login, a text or a whole number (a JWT's jti or sid), or nothing where there is no login.",
  );
}

/** The clock of an identity provider may be ahead by this much. */
const clockSkewSeconds = 300;
const longestSetBackSeconds = 86_400;

function secondsOf(said: unknown): number {
  const seconds = said instanceof Date ? said.getTime() / 1000 : said;
  const isTime = typeof seconds === "number" && Number.isFinite(seconds) && seconds > 0;
  const aheadSeconds = isTime ? seconds - Date.now() / 1000 : 0;
  if (isTime && aheadSeconds <= clockSkewSeconds) return Math.floor(seconds);
  // The clock was set back: nobody knows how old it is, so it is as old as can be.
  if (isTime && aheadSeconds <= longestSetBackSeconds) return 0;
  throw new TwoFactorError(
    "MISCONFIGURED",
    isTime
      ? "loginAt answered with a time to come: it must be a Date or Unix seconds, not milliseconds (a JWT's auth_time or iat)."
      : "loginAt must answer with a Date or Unix seconds (a JWT's auth_time or iat).",
  );
}
