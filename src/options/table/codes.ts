import type { Request } from "express";
import type { Factor } from "../../factors/factor";
import * as must from "../checks";
import { beFactors } from "../factor-checks";
import { defaulted, group, optional } from "../option";
import type { Awaitable } from "../values";

/** Codes: of the app, for recovery, and those that are sent. */
export class CodeOptions<User> {
  /** Default 3: so many wrong codes lock. */
  readonly maxLoginAttempts = defaulted<number>(3, must.beWhole(1, 100));

  /** In seconds, default 30: how far the clock of a phone may be off, either way. */
  readonly allowedOtpDriftSeconds = defaulted<number>(30, must.beWhole(0, 300));

  /** Digits of the codes of an authenticator, default 6. Most apps know no other. */
  readonly otpLength = defaulted<number>(6, must.beWhole(6, 8));

  /** Default `[]`. More kinds of factors: `factors: [hotpTokens()]`. Those that are always there are not in the list. */
  readonly factors = defaulted<readonly Factor[]>([], beFactors);

  /** Default `{ count: 10 }`: how many a set has. Each works once. */
  readonly recoveryCodes = group<{ count?: number }>({ count: 10 }, must.haveFields({ count: must.beWhole(1, 50) }));

  /** Default none. Sends a code by mail or SMS: with it, people without an authenticator can sign in. */
  readonly sendTwoFactorAuthenticationCode = optional<(user: User, code: string, req: Request) => Awaitable<unknown>>(
    must.beFunction,
  );

  /** Who may be sent a code. Default `(user, { enrolled }) => !enrolled`: those without an authenticator. */
  readonly directOtp = defaulted<(user: User, state: { enrolled: boolean }) => Awaitable<boolean>>(
    (_user, { enrolled }) => !enrolled,
    must.beFunction,
  );

  /**
   * Default none. Where a code goes: the mail address or telephone number. Pages that ask for one say it, masked (`j…@e…e.com`, `•••• 12`);
   * JSON does not.
   */
  readonly directOtpDestination = optional<(user: User) => Awaitable<string | null | undefined>>(must.beFunction);

  /** In seconds, default 300: how long a code that was sent is good. */
  readonly directOtpValidForSeconds = defaulted<number>(300, must.beWhole(30, 86_400));

  /** Digits of the codes that are sent, default 6. */
  readonly directOtpLength = defaulted<number>(6, must.beWhole(6, 10));

  /** In seconds, default 30: the least time between two codes that are sent. */
  readonly directOtpResendAfterSeconds = defaulted<number>(30, must.beWhole(0, 3600));
}
