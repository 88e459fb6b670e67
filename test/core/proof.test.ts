import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRecent, issueProof, noEpoch, proofHolds, withProofEnded, type Proof } from "../../src/core/proof";
import { blankRecord, type TwoFactorRecord } from "../../src/core/record";
import { enrolledRecord, now, userKey } from "./records";

const proof = (id: string, at = now): Proof => ({ id, epoch: "epoch-1", method: "totp", at });
const idOf = (index: number) => `${String(index).padStart(8, "0")}-the-rest-of-it`;

/** So many sessions, proven one second after the other, have been logged out. */
const afterLogouts = (count: number): TwoFactorRecord =>
  Array.from({ length: count }, (_, index) => proof(idOf(index), now + index)).reduce(withProofEnded, enrolledRecord());

describe("a proof", () => {
  test("holds in its own epoch alone", () => {
    expect(proofHolds(proof("a"), enrolledRecord())).toBe(true);
    expect(proofHolds(proof("a"), enrolledRecord({ epoch: "epoch-2" }))).toBe(false);
    expect(proofHolds({ ...proof("a"), epoch: noEpoch }, enrolledRecord())).toBe(false);
  });

  test("does not hold against a store that has lost the record", () => {
    expect(proofHolds(proof("a"), undefined)).toBe(false);
  });

  test("made before there was a record holds until there is an epoch", () => {
    const early = { ...proof("a"), epoch: noEpoch };
    expect(proofHolds(early, undefined)).toBe(true);
    expect(proofHolds(early, blankRecord(userKey, noEpoch))).toBe(true);
    expect(proofHolds(early, blankRecord(userKey, "epoch-1"))).toBe(false);
  });
});

describe("a proof ended by a logout", () => {
  test("does not hold, and others do", () => {
    const record = withProofEnded(enrolledRecord(), proof("aaaaaaaa-1"));
    expect(proofHolds(proof("aaaaaaaa-1"), record)).toBe(false);
    expect(proofHolds(proof("bbbbbbbb-1"), record)).toBe(true);
  });

  test("never holds again, however many logouts follow and in whatever order they were proven", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: now - 50, max: now + 50 }), { minLength: 20, maxLength: 60 }), (times) => {
        const proofs = times.map((at, index) => proof(idOf(index), at));
        let record = enrolledRecord();
        for (const [index, ended] of proofs.entries()) {
          record = withProofEnded(record, ended);
          for (const gone of proofs.slice(0, index + 1)) expect(proofHolds(gone, record)).toBe(false);
        }
        expect(record.endedProofs.length).toBeLessThanOrEqual(12);
      }),
    );
  });

  test("takes no newer session with it when the list overflows", () => {
    const record = afterLogouts(25);
    expect(record.endedProofs).toHaveLength(12);
    expect(record.proofsVoidUntil).toBe(now + 12);
    expect(proofHolds(proof("newer", now + 13), record)).toBe(true);
    expect(proofHolds(proof("as old as one that is no longer named", now + 12), record)).toBe(false);
  });
});

test("the list overflows from the oldest proof on, in whatever order they were ended", () => {
  const newestFirst = withProofEnded(enrolledRecord(), proof("newest", now + 100));
  const times = Array.from({ length: 12 }, (_, index) => now + index);
  const record = times.reduce((known, at) => withProofEnded(known, proof(idOf(at), at)), newestFirst);
  expect(record.proofsVoidUntil).toBe(now);
  expect(record.endedProofs.map(([, at]) => at)).toEqual([...times.slice(1), now + 100]);
});

describe("a proof just issued", () => {
  const made = { id: "new", method: "totp", at: now } as const;

  test("names the record's epoch, or that there is none", () => {
    expect(issueProof(enrolledRecord(), made, now)).toEqual({ ...made, epoch: "epoch-1", issuedAt: now });
    expect(issueProof(undefined, made, now)).toEqual({ ...made, epoch: noEpoch, issuedAt: now });
  });

  test("holds although the clock was set back behind sessions that were logged out", () => {
    const record = afterLogouts(25);
    const back = now - 3600;
    expect(proofHolds(issueProof(record, { ...made, at: back }, back), record)).toBe(true);
  });

  test("holds although the identity provider asked long before sessions that were logged out", () => {
    const record = afterLogouts(25);
    const acr = { id: "acr", method: "acr", at: now - 1_000_000 } as const;
    expect(proofHolds(issueProof(record, acr, now + 60), record)).toBe(true);
  });

  test("is ended by a logout even so", () => {
    let record = afterLogouts(25);
    const issued = issueProof(record, { ...made, at: now - 3600 }, now - 3600);
    record = withProofEnded(record, issued);
    expect(proofHolds(issued, record)).toBe(false);
    for (let index = 100; index < 130; index += 1) record = withProofEnded(record, proof(idOf(index), now + index));
    expect(proofHolds(issued, record)).toBe(false);
  });
});

describe("a recent proof", () => {
  test("is not older than asked for, to the second", () => {
    expect(isRecent(proof("a"), 300, true, now + 300)).toBe(true);
    expect(isRecent(proof("a"), 300, true, now + 301)).toBe(false);
    expect(isRecent(undefined, 300, true, now)).toBe(false);
  });

  test("is none from the future, but for a minute's difference between two machines", () => {
    expect(isRecent(proof("a", now + 60), 300, true, now)).toBe(true);
    expect(isRecent(proof("a", now + 61), 300, true, now)).toBe(false);
  });

  test("is none by mail for somebody with an authenticator", () => {
    const byMail: Proof = { ...proof("a"), method: "direct-code" };
    expect(isRecent(byMail, 300, true, now)).toBe(false);
    expect(isRecent(byMail, 300, false, now)).toBe(true);
  });
});
