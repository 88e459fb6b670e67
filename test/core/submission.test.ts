import { describe, expect, test } from "vitest";
import { noAttempts } from "../../src/core/attempts";
import type { TwoFactorRecord } from "../../src/core/record";
import { judge, type Verdict } from "../../src/core/submission";
import { authenticator, enrolledRecord, now, policy, recoverySet } from "./records";

const spent = { ...authenticator, lastStep: authenticator.lastStep + 1 };
const right: Extract<Verdict, { is: "right" }> = {
  is: "right",
  method: "totp",
  guessable: true,
  events: [],
  entry: authenticator,
  left: spent,
};
const used: Verdict = { is: "used", method: "totp" };
const wrong: Verdict = { is: "wrong", guessable: true };
const counted = (failures: number): TwoFactorRecord =>
  enrolledRecord({ attempts: { failures, rounds: 0, inARow: failures } });
const locked = enrolledRecord({ attempts: { failures: 0, rounds: 1, inARow: 3, lockedUntil: now + 60 } });

describe("a submission", () => {
  test("with a right code is spent, and resets the count", () => {
    const outcome = judge(counted(2), [right], policy, now);
    expect(outcome).toMatchObject({ is: "passed", method: "totp", events: [] });
    expect(outcome.is === "passed" && outcome.next).toMatchObject({
      attempts: noAttempts,
      factors: [spent, recoverySet],
    });
  });

  test("with a right code tells what its use tells besides", () => {
    const events = [{ type: "recovery-code-used", remaining: 9 }] as const;
    expect(judge(counted(0), [wrong, { ...right, method: "recovery-code", events }], policy, now)).toMatchObject({
      method: "recovery-code",
      events,
    });
  });

  test("with a wrong code says how many attempts remain, and writes it down", () => {
    expect(judge(counted(0), [wrong], policy, now)).toMatchObject({
      is: "wrong",
      attemptsRemaining: 2,
      next: { attempts: { failures: 1, inARow: 1 } },
    });
  });

  test("with the wrong code that reaches the limit locks, and tells nothing more", () => {
    const outcome = judge(counted(2), [wrong], policy, now);
    expect(outcome).toMatchObject({ is: "just-locked", lock: { until: now + 60 }, round: 1 });
    expect(outcome).not.toHaveProperty("attemptsRemaining");
  });

  test("during a lock tells nothing, right or wrong, and writes nothing", () => {
    for (const verdicts of [[right], [wrong], [used], []]) {
      expect(judge(locked, verdicts, policy, now)).toEqual({
        is: "locked",
        lock: { until: now + 60, lane: "unknown-browsers" },
      });
    }
    expect(judge(locked, [right], policy, now + 60).is).toBe("passed");
  });

  test("with a code used before is no guess, and writes nothing", () => {
    expect(judge(counted(2), [used], policy, now)).toEqual({ is: "used", method: "totp" });
    expect(judge(counted(2), [wrong, used], policy, now)).toEqual({ is: "used", method: "totp" });
  });

  test("is one guess against all factors: right for one is right, wrong for three counts once", () => {
    expect(judge(counted(2), [wrong, used, right], policy, now).is).toBe("passed");
    expect(judge(counted(0), [wrong, wrong, wrong], policy, now)).toMatchObject({ attemptsRemaining: 2 });
  });

  test("that no factor knows what to do with is a guess", () => {
    expect(judge(counted(0), [], policy, now)).toMatchObject({ is: "wrong", attemptsRemaining: 2 });
  });

  test("with what cannot be guessed passes during a lock, and gives a guesser no new guesses", () => {
    const key = { ...right, method: "key", guessable: false };
    const outcome = judge(locked, [key], policy, now);
    expect(outcome).toMatchObject({ is: "passed", method: "key", next: { attempts: locked.attempts } });
    expect(judge(locked, [right, key], policy, now)).toMatchObject({ is: "passed", method: "key" });
    expect(judge(counted(2), [key], policy, now)).toMatchObject({ next: { attempts: counted(2).attempts } });
  });

  test("with what cannot be guessed, and is not right, is no guess, whether there is a lock or not", () => {
    const refused: Verdict = { is: "wrong", guessable: false };
    for (const record of [counted(2), locked]) expect(judge(record, [refused], policy, now)).toEqual({ is: "refused" });
    expect(judge(counted(2), [refused, wrong], policy, now).is).toBe("just-locked");
    expect(judge(locked, [refused, wrong], policy, now).is).toBe("locked");
  });
});
