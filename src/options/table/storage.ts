import type { KeyringNode } from "@aws-crypto/material-management-node";
import type { TwoFactorEvent } from "../../events";
import type { TwoFactorStore } from "../../stores/store";
import * as must from "../checks";
import { beStore } from "../store-check";
import { defaulted, optional, required } from "../option";
import type { Awaitable } from "../values";

/** What is kept, under which keys, and who hears of it. */
export class StorageOptions {
  /**
   * Required. Where second factors are kept: `postgresStore(pool)`, `redisStore(client)`, your own two methods, or `memoryStore()`,
   * which forgets at every restart.
   */
  readonly store = required<TwoFactorStore>(beStore);

  /** In seconds, default 5: how long a call of the store, the key service or one of your functions may take; then it is 503. */
  readonly storeTimeoutSeconds = defaulted<number>(5, must.bePositive(300));

  /** In seconds, default 30: how fast a reset reaches other processes. 0 reads the record for every request. */
  readonly revalidateSeconds = defaulted<number>(30, must.beNumber(0, 3600));

  /**
   * Base64 of 32 bytes (`npx express-two-factor generate-key`), default `process.env.OTP_SECRET_ENCRYPTION_KEY`. Several,
   * comma-separated: the first encrypts, all decrypt.
   */
  readonly otpSecretEncryptionKey = optional<string>(must.beText);

  /** Default none. Instead of `otpSecretEncryptionKey`: a keyring of the AWS Encryption SDK (KMS). It needs `cookie.secret`. */
  readonly keyring = optional<KeyringNode>(must.haveMethods("onEncrypt", "onDecrypt"));

  /** Default none. For mails and your audit log: awaited after the write is durable, and handed no secret. */
  readonly onEvent = optional<(event: TwoFactorEvent) => Awaitable<unknown>>(must.beFunction);
}
