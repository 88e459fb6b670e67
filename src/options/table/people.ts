import type { Request } from "express";
import * as must from "../checks";
import { beRecovery } from "../recovery-check";
import { everybody, hostLabel, hostUser, noFirstDemand } from "../host-user";
import { defaulted, fromEnvironment, Option, present } from "../option";
import type { Awaitable, FirstEnrolment, KeptRecovery, Need, RecoveryOptions } from "../values";

const threeDays = 259_200;

/** Who somebody is, and whether a second factor is asked of them. */
export class PeopleOptions<User> {
  /**
   * Default `() => true`. `true`: must. `false` or `"optional"`: need not, but who has set one up is asked for it. `"never"`: not
   * asked, and cannot set one up. `{ from: Date }`: must from then on. Anything else fails closed.
   */
  readonly needTwoFactorAuthentication = defaulted<(user: User, req: Request) => Awaitable<Need>>(
    () => true,
    must.beFunction,
  );

  /**
   * Whether people may turn their second factor off themselves; a reset by you works always. Default `() => true`.
   * `(user, { required }) => !required`: those whom the predicate names (`true`) may not.
   */
  readonly mayTurnOff = defaulted<(user: User, state: { required: boolean }) => Awaitable<boolean>>(
    () => true,
    must.beFunction,
  );

  /**
   * What the first set-up of somebody takes besides the password. Default `() => "none"`. `"code"`: a code that
   * `sendTwoFactorAuthenticationCode` sends. `{ loginWithinSeconds }`: a login so young, by
   * `loginAt` beside it or the option of that name, else by `tfa.pending`.
   */
  readonly confirmFirstEnrolment = defaulted<(user: User, req: Request) => Awaitable<FirstEnrolment>>(
    noFirstDemand,
    must.beFunction,
  );

  /**
   * Default none. `{ delaySeconds, send(user, message, req), allow(user), findUser(userId) }`: who has lost everything gets a
   * new second step by codes from a mailbox, after a waiting time in which every mail has a link that stops it.
   */
  readonly recovery = new Option<RecoveryOptions<User>, KeptRecovery<User>, "optional">(
    beRecovery,
    (given) =>
      given && Object.freeze({ delaySeconds: threeDays, allow: everybody, ...present(given), send: given.send }),
  );

  /** Who is signed in; `null` or `undefined`: nobody. Default `(req) => req.user`. */
  readonly user = defaulted<(req: Request) => Awaitable<User | null | undefined>>(
    hostUser as (req: Request) => User,
    must.beFunction,
  );

  /** The field of the user, or a function of it, that says under which id its second factor is stored. Default `"id"`. */
  readonly secondFactorResourceId = defaulted<(keyof User & string) | ((user: User) => unknown)>(
    "id" as keyof User & string,
    must.beTextOrFunction,
  );

  /** What the authenticator app shows of a user. Default: `email`, `username` or `id`, the first that there is. */
  readonly label = defaulted<(user: User) => Awaitable<string>>(hostLabel, must.beFunction);

  /** What the authenticator app shows of your site. Default `process.env.APP_NAME`; one of the two is needed. */
  readonly issuer = fromEnvironment("APP_NAME", must.beText);

  /** Default `"user"`. A second kind of users (customers beside staff) has its own `scope`, `path` and `user`. */
  readonly scope = defaulted<string>("user", must.match(/^[a-z][a-z0-9_-]{0,31}$/i, 'a short name such as "admin"'));
}
