import { describe, expect, test } from "vitest";
import { enrol, isPendingLive, reset, turnOff, withNewEpoch, type PendingEnrolment } from "../../src/core/enrolment";
import { proofHolds, withProofEnded, type Proof } from "../../src/core/proof";
import { isEnrolled } from "../../src/core/factor-entry";
import type { FactorEntry } from "../../src/core/factor-entry";
import { blankRecord } from "../../src/core/record";
import { authenticator, enrolledRecord, now, recoverySet, sentCodes, userKey } from "./records";

const proof: Proof = { id: "proof-of-a-session", epoch: "epoch-1", method: "totp", at: now };
const confirmed = {
  entries: [
    { ...authenticator, secret: "35fba65d.new", lastStep: now / 30 + 1 },
    { ...recoverySet, salt: "35fba65d.new", hashes: ["new-1"] },
  ],
  epoch: "epoch-2",
  keeps: ({ kind }: FactorEntry) => kind !== "sent-codes",
};
const token = { kind: "hardware-token", id: "t-1", strong: true } as const;
/** Somebody with everything a record can hold. */
const full = withProofEnded(
  enrolledRecord({
    attempts: { failures: 2, rounds: 1, inARow: 5, lockedUntil: now + 60 },
    setupAttempts: { failures: 1, rounds: 0, inARow: 1 },
    factors: [sentCodes, authenticator, recoverySet, token],
    browsers: [{ id: "b", hash: "h", name: "Firefox", rememberedAt: now, lastUsedAt: now }],
    history: [["enabled", now, "", ""]],
  }),
  { ...proof, id: "another session" },
);

describe("a pending set-up", () => {
  const pending: PendingEnrolment = { secret: "s", epoch: "", startedAt: now, replacing: false };

  test("can be confirmed until its time is up, to the second", () => {
    expect(isPendingLive(pending, 600, now + 599)).toBe(true);
    expect(isPendingLive(pending, 600, now + 600)).toBe(false);
  });
});

describe("a confirmed set-up", () => {
  test("makes a record for somebody new, whose confirming code is spent", () => {
    const record = enrol(undefined, userKey, confirmed);
    expect(record).toEqual({ ...blankRecord(userKey, "epoch-2"), factors: confirmed.entries });
  });

  test("replaces secret and recovery codes, and ends older proofs, browsers and codes by mail, but no other factor", () => {
    const record = enrol(full, userKey, confirmed);
    expect(record.factors).toEqual([...confirmed.entries, token]);
    expect(record).toMatchObject({ epoch: "epoch-2", browsers: [] });
    expect(proofHolds(proof, record)).toBe(false);
  });

  test("ends no lock: only a right code of a live factor does", () => {
    const record = enrol(full, userKey, confirmed);
    expect(record.attempts).toEqual(full.attempts);
    expect(record.setupAttempts).toEqual({ failures: 0, rounds: 0, inARow: 0 });
  });
});

describe("turning off", () => {
  test("leaves no factor, no browser and no proof, but counts and history", () => {
    const record = turnOff(full, "epoch-2", 99);
    expect(isEnrolled(record)).toBe(false);
    expect(record.factors).toEqual([]);
    expect(record.browsers).toEqual([]);
    expect(proofHolds(proof, record)).toBe(false);
    expect(record).toMatchObject({ attempts: full.attempts, history: full.history });
  });
});

describe("a reset", () => {
  test("ends the factor and the lock, and keeps the history", () => {
    const record = reset(full, userKey, "epoch-2", 7);
    expect(record).toEqual({ ...blankRecord(userKey, "epoch-2"), resetAt: 7, history: full.history });
  });

  test("of somebody never enrolled leaves a tombstone, so that pending set-ups and older proofs are void", () => {
    expect(reset(undefined, userKey, "epoch-2", 7)).toEqual({ ...blankRecord(userKey, "epoch-2"), resetAt: 7 });
  });
});

test("a new epoch ends browsers and proofs, and leaves the factors alone", () => {
  const record = withNewEpoch(full, "epoch-2");
  expect(record).toMatchObject({ factors: full.factors, browsers: [], endedProofs: [] });
  expect(proofHolds(proof, full)).toBe(true);
  expect(proofHolds(proof, record)).toBe(false);
});
