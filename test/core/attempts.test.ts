import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  attemptsRemaining,
  countFailure,
  lockOf,
  noAttempts,
  type Attempts,
  type LockPolicy,
} from "../../src/core/attempts";
import { now, policy } from "./records";

/** Wrong codes one after another, each as soon as the lock before it has ended. */
function failures(count: number, given: LockPolicy, from: Attempts = noAttempts): { attempts: Attempts; at: number } {
  let attempts = from;
  let at = now;
  for (let index = 0; index < count; index += 1) {
    const until = lockOf(attempts, at)?.until;
    if (until !== undefined) at = until;
    attempts = countFailure(attempts, given, at);
  }
  return { attempts, at };
}

/** How long each lock lasts, in order. */
function lockLengths(rounds: number, given: LockPolicy): (number | undefined)[] {
  return Array.from({ length: rounds }, (_, round) => {
    const { attempts, at } = failures((round + 1) * given.maxAttempts, given);
    const until = lockOf(attempts, at)?.until;
    return until === undefined ? undefined : until - at;
  });
}

describe("a wrong code", () => {
  test("below the limit leaves one attempt less, and no lock", () => {
    const { attempts, at } = failures(2, policy);
    expect(lockOf(attempts, at)).toBeUndefined();
    expect(attempts).toEqual({ failures: 2, rounds: 0, inARow: 2 });
    expect(attemptsRemaining(attempts, policy)).toBe(1);
  });

  test("that reaches the limit locks for baseSeconds, to the second", () => {
    const { attempts } = failures(3, policy);
    expect(lockOf(attempts, now)).toEqual({ until: now + 60 });
    expect(lockOf(attempts, now + 59)).toEqual({ until: now + 60 });
    expect(lockOf(attempts, now + 60)).toBeUndefined();
  });

  test("after a lock counts from zero again, but not the failures in a row", () => {
    expect(failures(4, policy).attempts).toMatchObject({ failures: 1, rounds: 1, inARow: 4 });
  });

  test("leaves what it was counted on as it was", () => {
    countFailure(noAttempts, policy, now);
    expect(noAttempts).toEqual({ failures: 0, rounds: 0, inARow: 0 });
  });

  test("counts against a limit that was lowered meanwhile", () => {
    const { attempts } = failures(4, { ...policy, maxAttempts: 10 });
    expect(lockOf(countFailure(attempts, policy, now), now)).toEqual({ until: now + 60 });
    expect(attemptsRemaining(attempts, policy)).toBe(0);
  });
});

describe("a lock", () => {
  test("is twice as long as the one before, up to maxSeconds", () => {
    const lockout = { baseSeconds: 60, maxSeconds: 300, hardLimit: 100 };
    expect(lockLengths(5, { maxAttempts: 3, lockout })).toEqual([60, 120, 240, 300, 300]);
  });

  test("stays at maxSeconds however many rounds there were", () => {
    const long: Attempts = { failures: 2, rounds: 5000, inARow: 50 };
    expect(lockOf(countFailure(long, policy, now), now)).toEqual({ until: now + 86_400 });
  });

  test("has no end once hardLimit failures came in a row, in the middle of a round too", () => {
    const given: LockPolicy = { maxAttempts: 3, lockout: { baseSeconds: 60, maxSeconds: 300, hardLimit: 4 } };
    const { attempts, at } = failures(4, given);
    expect(lockOf(attempts, at)).toEqual({});
    expect(lockOf(attempts, at + 10 ** 9)).toEqual({});
  });

  test('has no end at once with "until-reset"', () => {
    const { attempts } = failures(3, { maxAttempts: 3, lockout: "until-reset" });
    expect(lockOf(attempts, now + 10 ** 9)).toEqual({});
  });

  test("holds when the clock is set back", () => {
    expect(lockOf(failures(3, policy).attempts, now - 86_400)).toEqual({ until: now + 60 });
  });
});

test("the attempts that are said to remain are those until the next lock, whichever limit comes first", () => {
  const limits = fc.record({
    maxAttempts: fc.integer({ min: 1, max: 10 }),
    hardLimit: fc.integer({ min: 10, max: 20 }),
  });
  fc.assert(
    fc.property(limits, fc.nat(19), ({ maxAttempts, hardLimit }, before) => {
      const given: LockPolicy = { maxAttempts, lockout: { baseSeconds: 1, maxSeconds: 8, hardLimit } };
      const counted = failures(before, given);
      fc.pre(counted.attempts.lockedUntil !== "reset");
      const at = lockOf(counted.attempts, counted.at)?.until ?? counted.at;
      const remaining = attemptsRemaining(counted.attempts, given);
      let { attempts } = counted;
      for (let left = remaining; left > 0; left -= 1) {
        expect(lockOf(attempts, at)).toBeUndefined();
        attempts = countFailure(attempts, given, at);
      }
      expect(lockOf(attempts, at)).toBeDefined();
    }),
  );
});
