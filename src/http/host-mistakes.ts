import type { Request, Response } from "express";
import { TwoFactorError } from "../errors";
import { hostUser } from "../options/host-user";
import { halfTranslated } from "../locales";
import type { Settings } from "../options";
import { everybody } from "../options/host-user";
import { hostSession } from "./session/host-session";
import { mountOf } from "./paths/bases";
import type { Warn } from "./warnings";
import { pathnameOf, withoutTrailingSlash } from "../options/path-of-site";

export const isExpress = (req: Partial<Request>, res: Partial<Response>): boolean =>
  typeof req.get === "function" && typeof res.set === "function";

/** Said to the host's framework, for without Express there is no answer of ours. */
export const noExpress = (): TwoFactorError =>
  new TwoFactorError(
    "MISCONFIGURED",
    "express-two-factor needs Express's req and res. With Fastify, register @fastify/express (not @fastify/middie).",
  );

/** `loginPath: "/"` is where to lead to, but opens nothing: behind it is the host's first page. */
export const isRoot = (path: string): boolean => withoutTrailingSlash(pathnameOf(path)) === "/";

export function warnOfOpenRoot({ loginPath, logoutPath }: Settings, warn: Warn): void {
  const names = Object.entries({ loginPath, logoutPath }).filter(([, path]) => isRoot(path));
  if (names.length === 0) return;
  warn(
    "OPEN_ROOT",
    `${names.map(([name]) => `${name}: "/"`).join(" and ")} would open the first page of the site to whoever owes a proof, so the gate guards it all the same. Give the login a path of its own, or say allow: ["/"] if "/" shows nothing.`,
  );
}

/** Whoever is in the mailbox has both then. Who says whom it is for has thought of it. */
export function warnOfOneMailbox({ recovery, sendTwoFactorAuthenticationCode: send }: Settings, warn: Warn): void {
  if (recovery === undefined || send === undefined || recovery.allow !== everybody) return;
  warn(
    "RECOVERY_MAILBOX",
    "sendTwoFactorAuthenticationCode and recovery are both there. If both send to the same mailbox, whoever is in it needs no waiting time: let recovery.allow refuse those whom directOtp serves, or send codes elsewhere.",
  );
}

/** TLS that ends at a proxy which Express does not trust: our cookie goes without `Secure`, and our own forms look foreign. */
export function warnOfProxy(req: Request, warn: Warn): void {
  if (req.headers["x-forwarded-proto"] !== "https" || req.protocol !== "http") return;
  warn(
    "PROXY_NOT_TRUSTED",
    'a request came with X-Forwarded-Proto: https, but Express sees http. If TLS ends at a proxy of yours, say app.set("trust proxy", 1) (the number of proxies): without it cookies go without Secure, and forms may be refused as CROSS_SITE_REQUEST.',
  );
}

/** The gate below a path: Express decides what it sees, and file servers and parameter routes read paths otherwise. */
export function warnOfGateBelow(req: Request, warn: Warn): void {
  // In a route of its own it stands before that route's handler, whatever the path.
  if (mountOf(req) === "" || req.route !== undefined) return;
  warn(
    "GATE_BELOW_A_PATH",
    'tfa.gate is mounted below a path, as in app.use("/admin", tfa.gate). An address such as "/%61dmin" or "//admin" is not matched by Express, and may be by what stands behind. Say app.use(tfa.gate({ under: ["/admin"] })), without a path.',
  );
}

const gateMet = Symbol("gate met");

/** Of all instances in this process: where there is one, no request meets gates of two. */
const scopes = new Set<string>();
export const noteScope = (scope: string): void => void scopes.add(scope);

/** The gates that a request has met, the last one first. */
interface GateMet {
  base: string;
  scope: string;
  before: GateMet | undefined;
}

/** Two scopes under one `path`: whichever comes first would answer for both. @throws TwoFactorError `MISCONFIGURED` */
export function throwIfSharedPath(req: Request & { [gateMet]?: GateMet }, base: string, scope: string): void {
  if (scopes.size < 2) return;
  const before = req[gateMet];
  req[gateMet] = { base, scope, before };
  for (let met = before; met !== undefined; met = met.before) {
    if (met.scope === scope || met.base.toLowerCase() !== base.toLowerCase()) continue;
    throw new TwoFactorError(
      "MISCONFIGURED",
      `The scopes "${met.scope}" and "${scope}" have one path: say another path in one of the two, such as path: "/${scope}${base}".`,
    );
  }
}

/** Names under which sessions hold who is signed in, where no passport does. */
const userKey =
  /^(?:current_?)?(?:user|account|member|admin)(?:_?(?:id|name))?$|^uid$|^(?:is_?)?(?:logged_?in|authenticated)$/i;

/**
 * Watches for a gate that never sees anybody: the user is somewhere else than `req.user`, or is loaded after it. Such an
 * app works, and is open.
 */
export function createLookout({ user }: Settings, warn: Warn) {
  let seenOrTold = user !== hostUser;
  const tell = (what: string) => {
    seenOrTold = true;
    warn(
      "NOBODY_SEEN",
      `so far nobody was signed in as the gate sees it, although ${what}. It reads req.user: mount it after what sets that, or say where the user is, as in user: (req) => req.session.user.`,
    );
  };
  return {
    /** Somebody was seen, or this was told, or the host says itself where the user is. */
    isSettled: () => seenOrTold,
    sawSomebody() {
      seenOrTold = true;
    },
    sawNobody(req: Request, res: Response) {
      if (seenOrTold) return;
      const session = hostSession(req).session ?? {};
      const key = Object.keys(session).find((name) => userKey.test(name) && Boolean(session[name]));
      if (key !== undefined) return tell(`the session has "${key}"`);
      // A request that signs somebody in sets the user, too: it changes the session, or is no GET.
      if (req.method !== "GET" && req.method !== "HEAD") return;
      const before = shapeOf(req);
      res.once("finish", () => {
        if (!seenOrTold && req.user && shapeOf(req) === before) tell("req.user was set by the end of a request");
      });
    },
  };
}

function shapeOf(req: Request): string {
  const { session, sessionID } = hostSession(req);
  const { passport } = (session ?? {}) as { passport?: { user?: unknown } };
  return JSON.stringify([sessionID, Object.keys(session ?? {}), passport?.user !== undefined]);
}

const longestList = 10;

/** At construction: English in the middle of another language is seen by whoever needs the words most. */
export function warnOfHalfTranslations({ locales }: Settings, warn: Warn): void {
  const told = halfTranslated(locales).map(({ locale, missing, of }) => {
    const more = missing.length > longestList ? `, and ${missing.length - longestList} more` : "";
    return `"${locale}" lacks ${missing.length} of ${of} texts (${missing.slice(0, longestList).join(", ")}${more})`;
  });
  if (told.length > 0) {
    warn(
      "HALF_TRANSLATED",
      `a language of the option locales is not whole: ${told.join("; ")}. What it lacks is said in English, or in another plural form.`,
    );
  }
}
