import type { NextFunction, Request, Response } from "express";
import { fingerprint } from "./crypto/key-ring";
import { secretBoxFromKeyring, secretBoxFromKeys } from "./crypto/secret-box";
import { signerFromKeys } from "./crypto/signer";
import { TwoFactorOptionsError } from "./errors";
import { wrapperFromKeys } from "./crypto/wrapper";
import { createHttp, type HttpMethods } from "./http/middleware";
import type { HostUser, TwoFactorOptions } from "./options";
import { checkOptions } from "./options/check-options";
import { claim } from "./options/claims";
import { createService } from "./service/service";
import type { NewFactor, ResetDetails, ResetWishes } from "./service/administration";
import type { TwoFactorStatus } from "./service/status";

type Handler = (req: Request, res: Response, next: NextFunction) => void;

/** What `twoFactor` makes: mount it after the session and the login, before everything that it shall guard. */
export interface TwoFactor extends Handler, HttpMethods {
  /** What may be known of a user's second factor. @throws TwoFactorError `STORE_UNAVAILABLE` */
  status(userId: unknown): Promise<TwoFactorStatus>;
  /**
   * Ends a user's second factor, lock, sessions and browsers, within `revalidateSeconds` on every process.
   * With `enrolmentCode: true` the next set-up takes a code besides the password.
   * @returns that code: hand it on by a safe way; it is good once, for a day
   */
  reset<Wishes extends ResetWishes>(
    userId: unknown,
    details: Wishes,
  ): Promise<Wishes extends { enrolmentCode: true } ? string : string | undefined>;
  /**
   * Hands out a factor, such as a hardware token, of a kind in the option `factors`.
   * @returns its id, as `status` lists it and `removeFactor` takes it
   * @throws TypeError where there is no such kind, or the details are none of its
   */
  addFactor(userId: unknown, factor: NewFactor): Promise<string>;
  /** Takes one away; all that was proven with it is void. @param id as `status` lists it */
  removeFactor(userId: unknown, id: string, details: ResetDetails): Promise<boolean>;
  /**
   * Takes over an authenticator's secret (base32) from another library.
   * @returns `false`: is enrolled already, or was reset or turned off here (`status` says `adoptable`), and is left so
   */
  adopt(userId: unknown, secret: string): Promise<boolean>;
  /** Takes a security key or passkey away, such as a lost one; what was proven is void. @param keyId as `status` lists it */
  removeKey(userId: unknown, keyId: string, details: ResetDetails): Promise<boolean>;
  /** Ends a lock and its counts. */
  unlock(userId: unknown, details?: { by?: string }): Promise<void>;
  /** Stops a recovery that is under way; the second factor stays. @returns whether there was one */
  cancelRecovery(userId: unknown, details?: { by?: string }): Promise<boolean>;
  /**
   * Tells those whose recovery is half-way or ready, each once over all processes: call it at the start, and by a schedule.
   * Who cannot be told, since `findUser` or a record fails, is warned about and tried next time.
   * @returns how many mails went out @throws TwoFactorError `MISCONFIGURED` without `recovery.findUser`
   */
  tellRecoveries(): Promise<number>;
  /** Every session and browser of this user must prove anew. */
  forgetBrowsers(userId: unknown, details?: { by?: string }): Promise<void>;
  /** The account is gone: deletes all that is stored about it. */
  erase(userId: unknown): Promise<void>;
  /** Keys of all records, for `reencrypt`. @throws TwoFactorError `MISCONFIGURED` where the store cannot list them */
  keys(after?: string): AsyncIterable<string>;
  /** Brings one record under the first key. @returns whether it was under an old one */
  reencrypt(key: string): Promise<boolean>;
}

/**
 * A second factor for an existing Express app.
 * @throws TwoFactorOptionsError listing every problem of the options, each with its fix
 */
export function twoFactor<User = HostUser>(options: TwoFactorOptions<User>): TwoFactor {
  const { settings, keys } = checkOptions(options);
  const problems = claim(settings);
  if (problems.length > 0) throw new TwoFactorOptionsError(problems);
  const { keyring, cookie } = settings;
  const box = keyring === undefined ? secretBoxFromKeys(keys) : secretBoxFromKeyring(keyring);
  const secrets = cookie.secret.map((secret) => new TextEncoder().encode(secret));
  const signer = signerFromKeys(secrets.length > 0 ? secrets : keys.map(({ bytes }) => bytes));
  // Of a key service no other key can be derived; its hosts have a cookie.secret.
  const ring = keys.length > 0 ? keys : secrets.map((bytes) => ({ id: fingerprint(bytes), bytes }));
  const service = createService(settings, { box, signer, wrapper: wrapperFromKeys(ring) });
  const { middleware, methods } = createHttp(settings, service);
  const { administration } = service;
  return Object.freeze(Object.assign(middleware, methods, administration));
}
