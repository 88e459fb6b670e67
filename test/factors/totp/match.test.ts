import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchTotp, newTotpSecret } from "../../../src/factors/totp/match";
import { now } from "../../core/records";
import { rfcCode, rfcSecret } from "../reference";

const six = { digits: 6, driftSeconds: 30 };
const noDrift = { digits: 6, driftSeconds: 0 };

describe("the vectors of the standards", () => {
  test.each([
    [59, "94287082"],
    [1_111_111_109, "07081804"],
    [1_111_111_111, "14050471"],
    [1_234_567_890, "89005924"],
    [2_000_000_000, "69279037"],
    [20_000_000_000, "65353130"],
  ])("RFC 6238 appendix B: at %i the code is %s", async (time, code) => {
    const match = await matchTotp(rfcSecret, code, { digits: 8, driftSeconds: 0 }, time);
    expect(match).toEqual({ is: "right", step: Math.floor(time / 30) });
  });

  const hotp = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
  test.each(hotp.map((code, count) => [count, code] as const))(
    "RFC 4226 appendix D: with count %i the code is %s",
    async (count, code) => {
      expect(await matchTotp(rfcSecret, code, noDrift, count * 30)).toEqual({ is: "right", step: count });
    },
  );

  test.each([6, 7, 8])("%i digits, leading zeros included", async (digits) => {
    for (let step = 0; step < 100; step += 1) {
      const match = await matchTotp(rfcSecret, rfcCode(step, digits), { digits, driftSeconds: 0 }, step * 30);
      expect(match).toEqual({ is: "right", step });
    }
  });
});

describe("the drift", () => {
  const step = now / 30;

  test("of 30 s takes exactly the step before and the step after, at every second of a step", async () => {
    for (let second = 0; second < 30; second += 1) {
      const taken: number[] = [];
      for (let offset = -3; offset <= 3; offset += 1) {
        const match = await matchTotp(rfcSecret, rfcCode(step + offset), six, now + second);
        if (match.is === "right") taken.push(match.step - step);
      }
      expect(taken).toEqual([-1, 0, 1]);
    }
  });

  test("of 0 s takes the step of the moment alone", async () => {
    for (const second of [0, 15, 29]) {
      expect((await matchTotp(rfcSecret, rfcCode(step), noDrift, now + second)).is).toBe("right");
      expect((await matchTotp(rfcSecret, rfcCode(step - 1), noDrift, now + second)).is).toBe("wrong");
      expect((await matchTotp(rfcSecret, rfcCode(step + 1), noDrift, now + second)).is).toBe("wrong");
    }
  });

  test("of 10 s takes the code of the next step only in its last 10 s", async () => {
    const ten = { digits: 6, driftSeconds: 10 };
    expect((await matchTotp(rfcSecret, rfcCode(step + 1), ten, now + 19)).is).toBe("wrong");
    expect((await matchTotp(rfcSecret, rfcCode(step + 1), ten, now + 20)).is).toBe("right");
  });

  test("may be as wide as the option allows", async () => {
    const wide = { digits: 6, driftSeconds: 300 };
    expect((await matchTotp(rfcSecret, rfcCode(step + 10), wide, now)).is).toBe("right");
    expect((await matchTotp(rfcSecret, rfcCode(step + 11), wide, now)).is).toBe("wrong");
  });
});

describe("a step at or below the last accepted", () => {
  const step = now / 30;

  test("is used, and one above it is right", async () => {
    expect(await matchTotp(rfcSecret, rfcCode(step - 1), six, now, step)).toEqual({ is: "used" });
    expect(await matchTotp(rfcSecret, rfcCode(step), six, now, step)).toEqual({ is: "used" });
    expect(await matchTotp(rfcSecret, rfcCode(step + 1), six, now, step)).toEqual({ is: "right", step: step + 1 });
  });

  test("is used and no crash where the last accepted is ahead of the window: the clock was set back", async () => {
    for (const lastStep of [step + 1, step + 2, step + 1000, Number.MAX_SAFE_INTEGER]) {
      expect(await matchTotp(rfcSecret, rfcCode(step), six, now, lastStep)).toEqual({ is: "used" });
      expect(await matchTotp(rfcSecret, rfcCode(step + 9), six, now, lastStep)).toEqual({ is: "wrong" });
    }
  });

  test("that is out of the window is only wrong", async () => {
    expect(await matchTotp(rfcSecret, rfcCode(step - 2), six, now, step)).toEqual({ is: "wrong" });
  });

  test("counts from step 0 on", async () => {
    expect(await matchTotp(rfcSecret, rfcCode(0), noDrift, 0, 0)).toEqual({ is: "used" });
    expect(await matchTotp(rfcSecret, rfcCode(0), six, 30, 0)).toEqual({ is: "used" });
    expect(await matchTotp(rfcSecret, rfcCode(0), noDrift, 0)).toEqual({ is: "right", step: 0 });
  });

  test("is never accepted, whatever the clock, the drift and the last step are", async () => {
    const numbers = fc.record({
      driftSeconds: fc.nat(300),
      seconds: fc.nat(2000),
      offset: fc.integer({ min: -12, max: 12 }),
      last: fc.integer({ min: -12, max: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(numbers, async ({ driftSeconds, seconds, offset, last }) => {
        const time = now + seconds;
        const asked = Math.floor(time / 30) + offset;
        const lastStep = Math.floor(time / 30) + last;
        const match = await matchTotp(rfcSecret, rfcCode(asked), { digits: 6, driftSeconds }, time, lastStep);
        const isInWindow =
          asked >= Math.floor((time - driftSeconds) / 30) && asked <= Math.floor((time + driftSeconds) / 30);
        expect(match).toEqual(
          !isInWindow ? { is: "wrong" } : asked <= lastStep ? { is: "used" } : { is: "right", step: asked },
        );
      }),
      { numRuns: 300 },
    );
  });
});

test("a new secret has 160 random bits", () => {
  const secrets = Array.from({ length: 50 }, newTotpSecret);
  for (const secret of secrets) expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  expect(new Set(secrets).size).toBe(50);
});
