import { generateSync } from "otplib";
import { checkOptions } from "../../src/options/check-options";
import { entriesOf, type FactorEntry } from "../../src/core/factor-entry";
import type { TwoFactorRecord } from "../../src/core/record";
import { kinds } from "../core/records";
import { parseRecord } from "../../src/core/record-text";
import { subjectOf } from "../../src/core/user-id";
import { generateEncryptionKey } from "../../src/crypto/key-ring";
import { secretBoxFromKeys } from "../../src/crypto/secret-box";
import { signerFromKeys } from "../../src/crypto/signer";
import { wrapperFromKeys } from "../../src/crypto/wrapper";
import type { TwoFactorEvent } from "../../src/events";
import type { TwoFactorOptions } from "../../src/options";
import type { SentCodes } from "../../src/factors/sent-codes/state";
import type { Presentations } from "../../src/service/factors";
import { createService, type Service } from "../../src/service/service";
import type { Authority } from "../../src/service/submissions";
import { memoryStore } from "../../src/stores/memory";
import type { TwoFactorStore } from "../../src/stores/store";
import { later, stopClock } from "../support/clock";

export const ada = subjectOf("user", "ada");
export const origin = {
  ip: "2001:db8:85a3::8a2e:370:7334",
  userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
};
export const encryptionKey = generateEncryptionKey();

export interface Rig {
  service: Service;
  store: TwoFactorStore;
  events: TwoFactorEvent[];
}

/** A service as `twoFactor` makes it; two on one store are two processes. */
export function startService(options: Partial<TwoFactorOptions<unknown>> = {}): Rig {
  const events: TwoFactorEvent[] = [];
  const store = options.store ?? memoryStore();
  const { settings, keys } = checkOptions({
    issuer: "EventHub",
    otpSecretEncryptionKey: encryptionKey,
    // Each costs one scrypt.
    recoveryCodes: { count: 2 },
    onEvent: (event: TwoFactorEvent) => events.push(event),
    ...options,
    store,
  });
  const signer = signerFromKeys(keys.map(({ bytes }) => bytes));
  const cryptography = { box: secretBoxFromKeys(keys), signer, wrapper: wrapperFromKeys(keys) };
  return { service: createService(settings, cryptography), store, events };
}

export { later, stopClock };

export const totpOf = (secret: string, offset = 0): string =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + offset * 30 });

/** A code that is right in no step near now. */
export function wrongTotp(secret: string): string {
  const near = [-2, -1, 0, 1, 2].map((offset) => totpOf(secret, offset));
  return ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !near.includes(code)) ?? "";
}

/** Not made for any test: only its kinds are asked, what they read of a code. */
const reading = startService().service.factors;

/** What the kinds that are always there read of a typed code. */
export function presented(text: string): Presentations {
  const read = reading.read({ code: text });
  if (read === undefined) throw new Error(`${text} is no code`);
  return read;
}

export const code = (text: string, more: Partial<Authority> = {}): Authority => ({
  presented: presented(text),
  weak: false,
  ...more,
});

/** What a record holds of a kind that is always there. */
export const totpIn = (record: TwoFactorRecord | undefined) =>
  entriesOf(record, "totp")[0] as (FactorEntry & { secret: string; enabledAt: number; lastStep: number }) | undefined;
export const recoveryCodesIn = (record: TwoFactorRecord | undefined) =>
  entriesOf(record, "recovery-codes")[0] as (FactorEntry & { salt: string; hashes: readonly string[] }) | undefined;
export const sentCodesIn = (record: TwoFactorRecord | undefined) =>
  entriesOf(record, "sent-codes")[0] as (FactorEntry & SentCodes) | undefined;

export async function stored(store: TwoFactorStore, subject = ada): Promise<TwoFactorRecord | undefined> {
  const kept = await store.get(subject.key);
  return kept && parseRecord(kept.record, subject.key, kinds);
}

export interface Enrolled {
  secret: string;
  recoveryCodes: readonly string[];
  epoch: string;
}

/** Sets up an authenticator, and waits until its codes are good for logging in. */
export async function enrolAda({ service }: Rig, subject = ada): Promise<Enrolled> {
  const record = (await service.access.read(subject, {}, origin)).record;
  const { pending, secret } = await service.enrolments.begin(subject, record, totpIn(record) !== undefined);
  const result = await service.enrolments.confirm(subject, pending, presented(totpOf(secret)), origin);
  if (result.is !== "enabled") throw new Error(`The set-up was not confirmed: ${result.is}`);
  later(60);
  return { secret, recoveryCodes: result.recoveryCodes, epoch: result.record.epoch };
}
