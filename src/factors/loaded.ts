import type { Factor } from "./factor";
import { recoveryCodes, type RecoveryCodesOptions } from "./recovery-codes";
import { sentCodes, type SentCodesOptions } from "./sent-codes";
import { totp, type TotpOptions } from "./totp";

export interface FactorOptions extends TotpOptions, SentCodesOptions {
  recoveryCodes: RecoveryCodesOptions;
  /** What the host adds. */
  factors: readonly Factor[];
}

/** The kinds that are loaded: those that are always there, and what the host adds. A code is offered to them in this order. */
export const loadedFactors = (options: FactorOptions): readonly Factor[] => [
  totp(options),
  recoveryCodes(options.recoveryCodes),
  sentCodes(options),
  ...options.factors,
];

/** Names that a kind of the host's cannot have; `method` as events and answers say it, beside what is no kind at all. */
export const ownKinds: readonly string[] = ["totp", "recovery-codes", "sent-codes"];
export const ownMethods: readonly string[] = ["totp", "recovery-code", "direct-code", "acr", "enrolment"];
