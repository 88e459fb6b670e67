import { distance } from "fastest-levenshtein";
import type { EncryptionKey } from "./crypto/key-ring";
import { parseEncryptionKeys } from "./crypto/key-ring";
import { TwoFactorOptionsError } from "./errors";
import { plainName } from "./factors/totp";
import { localeProblems } from "./locales";
import type { Settings, TwoFactorOptions } from "./options";
import * as must from "./option-checks";
import { frozen, withDefaults } from "./option-defaults";
import { isForTrials } from "./stores/memory";

type Options = TwoFactorOptions<unknown>;

const path = must.match(
  /^\/(?!\/)[^\s?#\\]*[^\s?#\\/]$/,
  'a path such as "/two-factor"; "/" alone would take the whole app',
);
const anyPath = must.match(/^\/(?!\/)[^\s\\]*$/, "a path of this site");

const checks: Record<keyof Options, must.Check> = {
  store: must.haveMethods("get", "compareAndSet"),
  needTwoFactorAuthentication: must.beFunction,
  maxLoginAttempts: must.beWhole(1, 100),
  allowedOtpDriftSeconds: must.beWhole(0, 300),
  otpLength: must.beWhole(6, 8),
  rememberOtpSessionForSeconds: must.beWhole(0, 34_560_000),
  deleteCookieOnLogout: must.beBoolean,
  otpSecretEncryptionKey: must.beText,
  keyring: must.haveMethods("onEncrypt", "onDecrypt"),
  secondFactorResourceId: must.beTextOrFunction,
  sendTwoFactorAuthenticationCode: must.beFunction,
  directOtp: must.beFunction,
  directOtpValidForSeconds: must.beWhole(30, 86_400),
  directOtpLength: must.beWhole(6, 10),
  directOtpResendAfterSeconds: must.beWhole(0, 3600),
  user: must.beFunction,
  label: must.beFunction,
  issuer: must.beText,
  storeTimeoutSeconds: must.bePositive(300),
  scope: must.match(/^[a-z][a-z0-9_-]{0,31}$/i, 'a short name such as "admin"'),
  path,
  rememberBrowser: must.beOneOf("always", "ask", "never"),
  cookie: must.haveFields({
    name: must.match(/^[\w!#$%&'*.^`|~+-]{1,64}$/, "a cookie name"),
    sameSite: must.beOneOf("lax", "strict", "none"),
    secure: must.beOneOf("auto", true, false),
    secret: must.beSecrets,
    prefix: must.beOneOf("", "__Host-"),
  }),
  lockout: must.either(
    must.beOneOf("until-reset"),
    must.haveFields({
      baseSeconds: must.beWhole(1, 86_400),
      maxSeconds: must.beWhole(1, 31_536_000),
      hardLimit: must.beWhole(1, 100),
    }),
  ),
  recoveryCodes: must.haveFields({ count: must.beWhole(1, 50) }),
  pendingLoginSeconds: must.bePositive(86_400),
  setupValidForSeconds: must.bePositive(86_400),
  revalidateSeconds: must.beNumber(0, 3600),
  loginPath: anyPath,
  logoutPath: anyPath,
  allow: must.either(must.beListOf(anyPath), must.beFunction),
  endLogin: must.beFunction,
  formFields: must.beFunction,
  locals: must.beFunction,
  renderPage: must.beFunction,
  views: must.beTextOrObject,
  pages: must.haveFields({ verify: anyPath, setup: anyPath, account: anyPath }),
  logo: must.beText,
  locales: must.beObject,
  locale: must.beFunction,
  allowedOrigins: must.beListOf(must.beOrigin),
  handleErrors: must.beBoolean,
  onEvent: must.beFunction,
  acceptedAcr: must.beListOf(must.beText),
  onWeakAcr: must.beOneOf("challenge", "refuse"),
};

export interface CheckedOptions {
  settings: Settings;
  /** Empty where a `keyring` holds them. */
  keys: readonly EncryptionKey[];
}

/**
 * Fills in the defaults and checks everything once.
 * @throws TwoFactorOptionsError listing every problem, each with its fix
 */
export function checkOptions(given: unknown): CheckedOptions {
  if (typeof given !== "object" || given === null) {
    throw new TwoFactorOptionsError(["Call twoFactor({ … }) with an object of options; `store` is required."]);
  }
  // A copy of what is its own: what the checks see is then what is used.
  const options = { ...given } as Options;
  const { keys, problems: keyProblems } = keysOf(options);
  const settings = withDefaults(options);
  const problems = [
    ...unknownNames(options),
    ...Object.entries(checks).flatMap(([name, check]) => {
      const value: unknown = options[name as keyof Options];
      return value === undefined ? [] : check(value, name);
    }),
    ...keyProblems,
    ...togetherProblems(options, settings),
  ];
  if (problems.length > 0) throw new TwoFactorOptionsError(problems);
  return { settings: frozen(settings), keys };
}

function unknownNames(options: object): string[] {
  const names = Object.keys(checks);
  return Object.keys(options)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const near = names.toSorted((a, b) => unlikeness(a, name) - unlikeness(b, name))[0];
      const isNear = near !== undefined && unlikeness(near, name) <= Math.max(1, Math.floor(name.length / 4));
      return `\`${name}\` is no option. ${isNear ? `Did you mean \`${near}\`?` : "Remove it."}`;
    });
}

/** Letters alone count, so that the gem's `max_login_attempts` is ours; the longer one begins the other, the better. */
function unlikeness(option: string, name: string): number {
  const [a, b] = [option, name].map((text) => text.toLowerCase().replaceAll(/[^a-z]/g, "")) as [string, string];
  const begins = b.length > 3 && (a.startsWith(b) || b.startsWith(a));
  return begins && a !== b ? 1 - Math.min(a.length, b.length) / 100 : distance(a, b);
}

function keysOf(options: Options): { keys: EncryptionKey[]; problems: string[] } {
  const { keyring, otpSecretEncryptionKey } = options;
  if (keyring !== undefined) {
    const problems =
      otpSecretEncryptionKey === undefined ? [] : ["Give `otpSecretEncryptionKey` or `keyring`, not both."];
    return { keys: [], problems };
  }
  const text = otpSecretEncryptionKey ?? process.env["OTP_SECRET_ENCRYPTION_KEY"];
  return typeof text === "string" || text === undefined ? parseEncryptionKeys(text) : { keys: [], problems: [] };
}

/** Of values that can be anything: each is checked by itself. */
const isBelow = (a: unknown, b: unknown): boolean => typeof a === "number" && typeof b === "number" && a < b;

const isUnder = (page: unknown, path: unknown): boolean =>
  typeof page === "string" && typeof path === "string" && `${page.split(/[?#]/, 1)[0]}/`.startsWith(`${path}/`);

/** What only several options together can get wrong. */
function togetherProblems(options: Options, settings: Settings): string[] {
  const { cookie, lockout, pages } = settings;
  const isOurs = (page: unknown) => isUnder(page, settings.path);
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
    [isOurs(settings.logoutPath), "`logoutPath` is the host's own: it must not lie below `path`."],
  ];
  const locales =
    typeof options.locales === "object" && options.locales !== null ? localeProblems(options.locales) : [];
  return [...problems.filter(([wrong]) => wrong).map(([, text]) => text), ...locales];
}
