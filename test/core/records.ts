import { blankRecord, type TwoFactorRecord } from "../../src/core/record";
import type { LockPolicy } from "../../src/core/attempts";
import { recoveryCodes } from "../../src/factors/recovery-codes";
import { sentCodes as sentCodesKind } from "../../src/factors/sent-codes";
import { totp } from "../../src/factors/totp";

/** 2026-05-01, 00:00:00 UTC: the start of a time step. */
export const now = 1_777_593_600;

export const userKey = '["user","42"]';

export const policy: LockPolicy = {
  maxAttempts: 3,
  lockout: { baseSeconds: 60, maxSeconds: 86_400, hardLimit: 100 },
};

/** Secrets are only texts here. */
export const authenticator = {
  kind: "totp",
  strong: true,
  secret: "35fba65d.sealed",
  enabledAt: now,
  lastStep: now / 30,
} as const;
export const recoverySet = {
  kind: "recovery-codes",
  salt: "35fba65d.wrapped",
  hashes: ["hash-1", "hash-2"],
  createdAt: now,
} as const;
export const sentCodes = {
  kind: "sent-codes",
  current: { hash: "c", expiresAt: now },
  sending: { hash: "s", expiresAt: now },
  sentAt: now,
  sends: 2,
} as const;

/** The kinds that are always there. */
export const kinds = new Map(
  [
    totp({ otpLength: 6, allowedOtpDriftSeconds: 30 }),
    recoveryCodes({ count: 2 }),
    sentCodesKind({ directOtpLength: 6, directOtpValidForSeconds: 300, directOtpResendAfterSeconds: 30 }),
  ].map((factor) => [factor.kind, factor]),
);

/** A record of somebody enrolled. */
export function enrolledRecord(change: Partial<TwoFactorRecord> = {}): TwoFactorRecord {
  return {
    ...blankRecord(userKey, "epoch-1"),
    factors: [authenticator, recoverySet],
    ...change,
  };
}
