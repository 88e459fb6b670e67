import type { Settings, TwoFactorOptions } from "./options";

type Options = TwoFactorOptions<unknown>;

/** What the option `user` is where the host says nothing. */
export const hostUser = (req: { user?: unknown }): unknown => req.user;

function hostLabel(user: unknown): string {
  const { email, username, id } = user as { email?: unknown; username?: unknown; id?: unknown };
  const names = [email, username, id].map((name) => (typeof name === "number" ? String(name) : name));
  return names.find((name): name is string => typeof name === "string" && name !== "") ?? "";
}

/** Without what is undefined, which would push a default aside: `{ count: undefined }` would make no codes at all. */
const present = <T extends object>(given: T | null | undefined): Partial<T> =>
  Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;

/** Down to lists and groups of options, which a host may change later; its store and key ring stay as they are. */
export function frozen(settings: Settings): Settings {
  const { lockout, recoveryCodes, cookie, allow, allowedOrigins, acceptedAcr, pages } = settings;
  return Object.freeze({
    ...settings,
    lockout: typeof lockout === "string" ? lockout : Object.freeze({ ...lockout }),
    recoveryCodes: Object.freeze({ ...recoveryCodes }),
    cookie: Object.freeze({ ...cookie, secret: Object.freeze([...cookie.secret]) }),
    allow: typeof allow === "function" ? allow : Object.freeze([...allow]),
    allowedOrigins: Object.freeze([...allowedOrigins]),
    acceptedAcr: Object.freeze([...acceptedAcr]),
    ...(pages && { pages: Object.freeze({ ...pages }) }),
  });
}

export function withDefaults(options: Options): Settings {
  const given = present(options) as Options;
  const { secret = [], ...cookie } = present(given.cookie);
  return {
    needTwoFactorAuthentication: () => true,
    maxLoginAttempts: 3,
    allowedOtpDriftSeconds: 30,
    otpLength: 6,
    rememberOtpSessionForSeconds: 86_400,
    deleteCookieOnLogout: false,
    secondFactorResourceId: "id" as never,
    directOtp: (_user, { enrolled }) => !enrolled,
    directOtpValidForSeconds: 300,
    directOtpLength: 6,
    directOtpResendAfterSeconds: 30,
    user: hostUser,
    label: hostLabel,
    issuer: process.env["APP_NAME"] ?? "",
    storeTimeoutSeconds: 5,
    scope: "user",
    path: "/two-factor",
    rememberBrowser: "always",
    pendingLoginSeconds: 600,
    setupValidForSeconds: 600,
    revalidateSeconds: 30,
    loginPath: "/login",
    logoutPath: "/logout",
    allow: [],
    allowedOrigins: [],
    handleErrors: true,
    acceptedAcr: [],
    onWeakAcr: "challenge",
    ...given,
    lockout:
      given.lockout === "until-reset"
        ? "until-reset"
        : { baseSeconds: 60, maxSeconds: 86_400, hardLimit: 100, ...present(given.lockout) },
    recoveryCodes: { count: 10, ...present(given.recoveryCodes) },
    cookie: {
      name: "remember_tfa",
      sameSite: "lax",
      secure: "auto",
      prefix: "",
      ...cookie,
      secret: [secret].flat(),
    },
  };
}
