import { parseCookie } from "cookie";
import type { CookieOptions, Request } from "express";
import type { Settings } from "../../options";
import type { Slot, Slots } from "./slots";

/** A proof's cookie outlives it: it says that this login was proven once, which is then asked for anew, and not ended. */
const witnessSeconds = 2_592_000;
const oneYearSeconds = 31_536_000;
/** The longest that a login or a set-up can be pending. */
const pendingSeconds = 86_400;

/** Texts are made and read by the service, here they only travel. */
export const createCookies = (settings: Settings): Slots => ({
  remember: cookieOf(settings, settings.cookie.name, settings.rememberOtpSessionForSeconds),
  known: cookieOf(settings, "known_tfa", settings.knownBrowserForSeconds),
  lastUsed: cookieOf(settings, "last_tfa", oneYearSeconds),
  proof: cookieOf(settings, "tfa_proof", settings.proofForSeconds + witnessSeconds),
  pending: cookieOf(settings, "tfa_pending", pendingSeconds),
  isInBody: false,
  told: () => ({}),
});

type Jar = Readonly<Record<string, string | undefined>>;
const jars = new WeakMap<Request, { header: string; jar: Jar }>();

function jarOf(req: Request): Jar {
  const { cookie: header } = req.headers;
  if (header === undefined) return {};
  const known = jars.get(req);
  if (known?.header === header) return known.jar;
  const jar = parseCookie(header);
  jars.set(req, { header, jar });
  return jar;
}

function cookieOf({ cookie, scope }: Settings, called: string, seconds: number): Slot {
  const name = `${cookie.prefix}${called}${scope === "user" ? "" : `_${scope}`}`;

  const attributes = (req: Request): CookieOptions => ({
    httpOnly: true,
    path: "/",
    sameSite: cookie.sameSite,
    secure: cookie.prefix !== "" || (cookie.secure === "auto" ? req.secure : cookie.secure),
  });

  const isOfName = (pair: string): boolean => pair.trimStart().startsWith(`${name}=`);

  return {
    // An empty one is what a browser keeps that does not take ours away.
    read: (req) => jarOf(req)[name] || undefined,
    readAll: ({ headers: { cookie: header = "" } }) =>
      header
        .split(";")
        .filter(isOfName)
        .map((pair) => pair.slice(pair.indexOf("=") + 1).trim())
        .filter(Boolean),
    send: (req, res, value) => void res.cookie(name, value, { ...attributes(req), maxAge: seconds * 1000 }),
    clear: (req, res) => void res.clearCookie(name, attributes(req)),
  };
}
