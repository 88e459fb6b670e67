import { describe, expect, test } from "vitest";
import { noAttempts } from "../../src/core/attempts";
import type { TwoFactorRecord } from "../../src/core/record";
import { judge, type Verdict } from "../../src/core/submission";
import { enrolledRecord, now, policy } from "./records";

const right: Verdict = {
  is: "right",
  method: "totp",
  spend: (record) => ({ ...record, epoch: `${record.epoch}, spent` }),
};
const used: Verdict = { is: "used", method: "totp" };
const wrong: Verdict = { is: "wrong" };
const counted = (failures: number): TwoFactorRecord =>
  enrolledRecord({ attempts: { failures, rounds: 0, inARow: failures } });
const locked = enrolledRecord({ attempts: { failures: 0, rounds: 1, inARow: 3, lockedUntil: now + 60 } });

describe("a submission", () => {
  test("with a right code is spent, and resets the count", () => {
    const outcome = judge(counted(2), [right], policy, now);
    expect(outcome).toMatchObject({ is: "passed", method: "totp" });
    expect(outcome.is === "passed" && outcome.next).toMatchObject({ attempts: noAttempts, epoch: "epoch-1, spent" });
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
      expect(judge(locked, verdicts, policy, now)).toEqual({ is: "locked", lock: { until: now + 60 } });
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
});
