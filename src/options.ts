import type { Request, Response } from "express";
import type { KeyringNode } from "@aws-crypto/material-management-node";
import type { TwoFactorEvent } from "./events";
import type { TwoFactorStore } from "./stores/store";

declare global {
  namespace Express {
    // As @types/passport has it, for hosts that have no passport.
    // oxlint-disable-next-line typescript/no-empty-interface, typescript/no-empty-object-type -- the host fills it
    interface User {}
    // Inherited, not declared here: a host's own `user`, of whatever type, then takes its place without a quarrel.
    // oxlint-disable-next-line typescript/no-empty-interface, typescript/no-empty-object-type -- it adds a base
    interface Request extends UserOfRequest {}
  }
}

interface UserOfRequest {
  /** `null` is never ours: it is here for hosts whose own type has it. */
  user?: Express.User | null | undefined;
}

/** What the host's `req.user` is, by its own declaration or passport's; where it has none, `Express.User`. */
export type HostUser = NonNullable<Request["user"]>;

/**
 * What the host's predicate may say; anything else fails closed. `true`: must. `false` or `"optional"`: need not, but
 * who has a factor is asked for it. `"never"`: is not asked, and cannot set one up. `{ from }`: must from then on.
 */
export type Need = boolean | "optional" | "never" | { readonly from: Date };

type Awaitable<T> = T | Promise<T>;

export interface RememberCookieOptions {
  /** Default `remember_tfa`; a second scope appends its name. */
  name?: string;
  sameSite?: "lax" | "strict" | "none";
  /** `"auto"`: when the request came over HTTPS (`req.secure`, so mind `trust proxy`). */
  secure?: boolean | "auto";
  /** Signs the cookie where the keys are in a KMS (`keyring`); at least 32 characters. */
  secret?: string | readonly string[];
  prefix?: "" | "__Host-";
}

export interface LockoutOptions {
  baseSeconds?: number;
  maxSeconds?: number;
  /** Failures in a row, over all rounds, after which only a reset or unlock helps (NIST SP 800-63B-4 §3.2.2). */
  hardLimit?: number;
}

export type PageSource = string | ((data: Record<string, unknown>) => string | Promise<string>);

/** See README, “Options”. Durations are in seconds. */
export interface TwoFactorOptions<User = HostUser> {
  store: TwoFactorStore;
  needTwoFactorAuthentication?: (user: User, req: Request) => Awaitable<Need>;
  maxLoginAttempts?: number;
  allowedOtpDriftSeconds?: number;
  otpLength?: number;
  rememberOtpSessionForSeconds?: number;
  deleteCookieOnLogout?: boolean;
  otpSecretEncryptionKey?: string;
  keyring?: KeyringNode;
  secondFactorResourceId?: (keyof User & string) | ((user: User) => unknown);
  sendTwoFactorAuthenticationCode?: (user: User, code: string, req: Request) => Awaitable<unknown>;
  directOtp?: (user: User, state: { enrolled: boolean }) => Awaitable<boolean>;
  directOtpValidForSeconds?: number;
  directOtpLength?: number;
  directOtpResendAfterSeconds?: number;
  user?: (req: Request) => Awaitable<User | null | undefined>;
  label?: (user: User) => Awaitable<string>;
  issuer?: string;
  storeTimeoutSeconds?: number;
  scope?: string;
  path?: string;
  rememberBrowser?: "always" | "ask" | "never";
  cookie?: RememberCookieOptions;
  lockout?: LockoutOptions | "until-reset";
  recoveryCodes?: { count?: number };
  pendingLoginSeconds?: number;
  setupValidForSeconds?: number;
  revalidateSeconds?: number;
  loginPath?: string;
  logoutPath?: string;
  allow?: readonly string[] | ((req: Request) => Awaitable<boolean>);
  endLogin?: (req: Request, res: Response) => Awaitable<unknown>;
  /** Hidden fields for every form of ours, such as the host's CSRF token. */
  formFields?: (req: Request) => Awaitable<Readonly<Record<string, string>>>;
  locals?: (req: Request) => Awaitable<Readonly<Record<string, unknown>>>;
  renderPage?: (req: Request, res: Response, page: { html: string; title: string }) => Awaitable<unknown>;
  views?: string | Readonly<Record<string, PageSource>>;
  pages?: { verify?: string; setup?: string; account?: string };
  /** The address of a picture shown above our pages. */
  logo?: string;
  locales?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  locale?: (req: Request) => string | undefined;
  allowedOrigins?: readonly string[];
  handleErrors?: boolean;
  onEvent?: (event: TwoFactorEvent) => Awaitable<unknown>;
  acceptedAcr?: readonly string[];
  onWeakAcr?: "challenge" | "refuse";
}

type Defaulted =
  | "needTwoFactorAuthentication"
  | "maxLoginAttempts"
  | "allowedOtpDriftSeconds"
  | "otpLength"
  | "rememberOtpSessionForSeconds"
  | "deleteCookieOnLogout"
  | "secondFactorResourceId"
  | "directOtp"
  | "directOtpValidForSeconds"
  | "directOtpLength"
  | "directOtpResendAfterSeconds"
  | "user"
  | "label"
  | "issuer"
  | "storeTimeoutSeconds"
  | "scope"
  | "path"
  | "rememberBrowser"
  | "pendingLoginSeconds"
  | "setupValidForSeconds"
  | "revalidateSeconds"
  | "loginPath"
  | "logoutPath"
  | "allow"
  | "allowedOrigins"
  | "handleErrors"
  | "acceptedAcr"
  | "onWeakAcr";

/** The options with every default in place: what the software runs on. Made once, frozen. */
export type Settings<User = unknown> = Readonly<
  Omit<TwoFactorOptions<User>, Defaulted | "lockout" | "recoveryCodes" | "cookie"> &
    Required<Pick<TwoFactorOptions<User>, Defaulted>> & {
      lockout: Required<LockoutOptions> | "until-reset";
      recoveryCodes: { count: number };
      cookie: Required<Omit<RememberCookieOptions, "secret">> & { secret: readonly string[] };
    }
>;
