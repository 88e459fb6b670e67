import type { Request } from "express";

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
