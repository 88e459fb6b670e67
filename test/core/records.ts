import { blankRecord, type TwoFactorRecord } from "../../src/core/record";
import type { LockPolicy } from "../../src/core/attempts";

/** 2026-05-01, 00:00:00 UTC: the start of a time step. */
export const now = 1_777_593_600;

export const userKey = '["user","42"]';

export const policy: LockPolicy = {
  maxAttempts: 3,
  lockout: { baseSeconds: 60, maxSeconds: 86_400, hardLimit: 100 },
};

/** A record of somebody enrolled; its secrets are only texts here. */
export function enrolledRecord(change: Partial<TwoFactorRecord> = {}): TwoFactorRecord {
  return {
    ...blankRecord(userKey, "epoch-1"),
    totp: { secret: "35fba65d.sealed", enabledAt: now, lastStep: now / 30 },
    recoveryCodes: { salt: "salt", hashes: ["hash-1", "hash-2"], createdAt: now },
    ...change,
  };
}
