import { plainName } from "../core/plain-name";
import { localeProblems } from "../locales";
import { isForTrials } from "../stores/memory";
import type { Settings, TwoFactorOptions } from "./index";
import { isUnder, otherOriginOf, pathnameOf, pathOfThisSite, withoutTrailingSlash } from "./path-of-site";

/** Of values that can be anything: each is checked by itself. */
const isBelow = (a: unknown, b: unknown): boolean => typeof a === "number" && typeof b === "number" && a < b;

/** Pages of another origin ask our routes from there, which only the host can allow. */
function strangers({ pages, allowedOrigins }: Settings): string[] {
  const origins = new Set(Object.values(pages ?? {}).map(otherOriginOf));
  const allowed: readonly unknown[] = Array.isArray(allowedOrigins) ? allowedOrigins : [];
  return [...origins].filter((origin) => origin !== undefined && !allowed.includes(origin)) as string[];
}

/** Who is locked out needs help most. A predicate is not asked: it answers for requests. */
function isHelpClosed({ help, allow, loginPath }: Settings): boolean {
  const page = pathOfThisSite(help);
  if (page === undefined || !Array.isArray(allow)) return false;
  const path = withoutTrailingSlash(pathnameOf(page));
  const open: readonly unknown[] = allow;
  return ![loginPath, ...open].some((one) => one === path || one === `${path}/`);
}

/** A scope appends its name. */
const ourCookies = /^(tfa_proof|tfa_pending|known_tfa|last_tfa)(_|$)/;

/** What only several options together can get wrong. */
export function togetherProblems(options: TwoFactorOptions<unknown>, settings: Settings): string[] {
  const { cookie, lockout, pages } = settings;
  const isOurs = (page: unknown) =>
    typeof page === "string" && typeof settings.path === "string" && isUnder(pathnameOf(page), settings.path);
  const problems: [boolean, string][] = [
    [
      options.store === undefined,
      "`store` is missing: pass one, such as postgresStore(pool); memoryStore() forgets at every restart.",
    ],
    [
      process.env["NODE_ENV"] === "production" && isForTrials(options.store),
      "`store` is memoryStore() in production: a restart would turn off everybody's second factor, and other processes do not know it. Pass another, such as postgresStore(pool), or say memoryStore({ production: true }).",
    ],
    [
      typeof settings.issuer === "string" && plainName(settings.issuer) === "",
      "`issuer` is missing: pass the name that the authenticator app shall show, or set APP_NAME.",
    ],
    [
      options.keyring !== undefined && cookie.secret.length === 0,
      "`keyring` needs `cookie.secret`: a text of at least 32 random characters signs the remember cookie.",
    ],
    [
      settings.state !== "session" && settings.loginId === undefined,
      "`state` without sessions needs `loginId`: say which login a request is of, such as (req) => req.auth.jti.",
    ],
    [
      settings.state === "session" && (settings.loginId ?? settings.loginAt) !== undefined,
      '`loginId` and `loginAt` are for apps without sessions: say `state: "cookie"`, too.',
    ],
    [
      typeof cookie.name === "string" && ourCookies.test(cookie.name),
      "`cookie.name` is the name of another cookie of ours, which would take its place: choose one that begins with none of tfa_proof, tfa_pending, known_tfa and last_tfa.",
    ],
    [
      cookie.prefix === "__Host-" && cookie.secure === false,
      '`cookie.prefix: "__Host-"` needs `cookie.secure: true` or "auto".',
    ],
    [
      cookie.sameSite === "none" && cookie.secure === false,
      '`cookie.sameSite: "none"` needs `cookie.secure: true` or "auto".',
    ],
    [
      options.directOtp !== undefined && options.sendTwoFactorAuthenticationCode === undefined,
      "`directOtp` needs `sendTwoFactorAuthenticationCode`: how shall the codes be sent?",
    ],
    [
      lockout !== "until-reset" && isBelow(lockout.maxSeconds, lockout.baseSeconds),
      "`lockout.maxSeconds` must not be below `lockout.baseSeconds`.",
    ],
    [
      lockout !== "until-reset" && isBelow(lockout.hardLimit, settings.maxLoginAttempts),
      "`lockout.hardLimit` must not be below `maxLoginAttempts`.",
    ],
    [Object.values(pages ?? {}).some(isOurs), "`pages` are the host's own: they must not lie below `path`."],
    [isOurs(settings.loginPath), "`loginPath` is the host's own: it must not lie below `path`."],
    [
      !isOurs(settings.help) && isHelpClosed(settings),
      "`help` is a page of this site that `allow` does not name: who is locked out could not reach it. Name it there, too.",
    ],
    [isOurs(settings.help), "`help` is the host's own: it must not lie below `path`."],
    [isOurs(settings.logoutPath), "`logoutPath` is the host's own: it must not lie below `path`."],
  ];
  const foreign = strangers(settings).map(
    (origin) =>
      `\`pages\` are of ${origin}, whose requests would be refused: name it in \`allowedOrigins\`, and in your CORS, if its scripts may see your users' codes.`,
  );
  const locales =
    typeof options.locales === "object" && options.locales !== null ? localeProblems(options.locales) : [];
  return [...problems.filter(([wrong]) => wrong).map(([, text]) => text), ...foreign, ...locales];
}
