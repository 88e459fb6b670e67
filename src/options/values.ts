import type { Request } from "express";
import type { RecoveryMessage } from "../events";

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

export type Awaitable<T> = T | Promise<T>;

export interface RememberCookieOptions {
  /** Default `remember_tfa`; a second scope appends its name. */
  name?: string;
  /** Default `"lax"`. */
  sameSite?: "lax" | "strict" | "none";
  /** Default `"auto"`: when the request came over HTTPS (`req.secure`, so mind `trust proxy`). */
  secure?: boolean | "auto";
  /** Signs the cookie where the keys are in a KMS (`keyring`); at least 32 characters. The first signs, all verify. */
  secret?: string | readonly string[];
  /** Default `""`. */
  prefix?: "" | "__Host-";
}

export interface LockoutOptions {
  /** Seconds of the first lock; each further one is twice as long. Default 60. */
  baseSeconds?: number;
  /** Seconds of the longest lock. Default 86400, a day. */
  maxSeconds?: number;
  /** Failures in a row, over all rounds, after which only a reset or unlock helps (NIST SP 800-63B-4 §3.2.2). Default 100. */
  hardLimit?: number;
}

export type PageSource = string | ((data: Record<string, unknown>) => string | Promise<string>);

/** What lets somebody back in who has lost everything but the password and the mailbox. */
export interface RecoveryOptions<User> {
  /**
   * Seconds between the code that confirms and the set-up that it opens, up to seven days. Default 259200, three days.
   * A function may shorten it for a browser that has given a right code before.
   */
  delaySeconds?: number | ((user: User, about: { knownBrowser: boolean }, req: Request) => Awaitable<number>);
  /**
   * Sends a mail; `notice(message, …)` of `express-two-factor/notices` makes its text. When it fails or takes more than
   * ten seconds, the step has not happened. `req` is absent for what time brings (half of the waiting is over, all of it).
   */
  send: (user: User, message: RecoveryMessage, req?: Request) => Awaitable<unknown>;
  /** For whom. Default: everybody who has a second factor. Never for users of whom only keys are taken. */
  allow?: (user: User) => Awaitable<boolean>;
  /** The user of an id, for `tfa.tellRecoveries()`: what time brings is told after a restart, too. */
  findUser?: (userId: string) => Awaitable<User | null | undefined>;
}

export interface KeptRecovery<User> extends RecoveryOptions<User> {
  delaySeconds: NonNullable<RecoveryOptions<User>["delaySeconds"]>;
  allow: NonNullable<RecoveryOptions<User>["allow"]>;
}

/** What the first set-up of somebody takes besides the password: nothing, a code that is sent, or a login so young. */
export type FirstEnrolment =
  | "none"
  | "code"
  | { readonly loginWithinSeconds: number; readonly loginAt?: Date | number };
