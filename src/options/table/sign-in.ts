import type { Request, Response } from "express";
import * as must from "../checks";
import { defaulted, group, optional } from "../option";
import { beSitePath } from "../path-of-site";
import type { Awaitable, LockoutOptions } from "../values";

/** From the host's login to the proof: how long, what is open meanwhile, and what ends it. */
export class SignInOptions {
  /**
   * Default `{ baseSeconds: 60, maxSeconds: 86400, hardLimit: 100 }`: how a lock grows, in seconds. `"until-reset"`: it stays until
   * somebody resets or unlocks.
   */
  readonly lockout = group<LockoutOptions | "until-reset">(
    { baseSeconds: 60, maxSeconds: 86_400, hardLimit: 100 },
    must.either(
      must.beOneOf("until-reset"),
      must.haveFields({
        baseSeconds: must.beWhole(1, 86_400),
        maxSeconds: must.beWhole(1, 31_536_000),
        hardLimit: must.beWhole(1, 100),
      }),
    ),
  );

  /**
   * Default `"session"`: what belongs to a login is kept in `req.session`. For apps without sessions `"cookie"`: in cookies of
   * ours; or `"token"`: in the field `token` of JSON answers, for clients without cookies. Both need `loginId`.
   */
  readonly state = defaulted<"session" | "cookie" | "token">("session", must.beOneOf("session", "cookie", "token"));

  /** Default none. Without sessions: which login a request is of, such as its JWT's `jti` or `sid`. A proof is good for it alone. */
  readonly loginId = optional<(req: Request) => Awaitable<string | number | null | undefined>>(must.beFunction);

  /** Default none. Without sessions: when that login was made, as a Date or in Unix seconds, such as its JWT's `auth_time`. */
  readonly loginAt = optional<(req: Request) => Awaitable<Date | number>>(must.beFunction);

  /** In seconds, default 3600. Without sessions: how long a proof is good. */
  readonly proofForSeconds = defaulted<number>(3600, must.bePositive(31_536_000));

  /** In seconds, default 600: a login that owes its code ends after that. */
  readonly pendingLoginSeconds = defaulted<number>(600, must.bePositive(86_400));

  /** In seconds, default 600: a QR code that nobody confirmed expires after that. */
  readonly setupValidForSeconds = defaulted<number>(600, must.bePositive(86_400));

  /** Your login, as a path of the site: somebody unproven may reach it. Default `"/login"`. */
  readonly loginPath = defaulted<string>("/login", beSitePath);

  /** Your logout, as a path of the site: somebody unproven may reach it. Default `"/logout"`. */
  readonly logoutPath = defaulted<string>("/logout", beSitePath);

  /** Default `[]`. What else somebody unproven may reach: exact, undecoded paths of the site, or a predicate. */
  readonly allow = defaulted<readonly string[] | ((req: Request) => Awaitable<boolean>)>(
    [],
    must.either(must.beListOf(beSitePath), must.beFunction),
  );

  /** Ends your login when a pending one expires or a session outlived a reset. Default: `req.logout`, then an empty session. */
  readonly endLogin = optional<(req: Request, res: Response) => Awaitable<unknown>>(must.beFunction);

  /** Default `[]`. The `acr` values of an identity provider that prove a second factor. */
  readonly acceptedAcr = defaulted<readonly string[]>([], must.beListOf(must.beText));

  /** What is done about another `acr`. Default `"challenge"`: our own code is asked. `"refuse"`: the login is refused. */
  readonly onWeakAcr = defaulted<"challenge" | "refuse">("challenge", must.beOneOf("challenge", "refuse"));
}
