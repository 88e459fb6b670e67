import { describe, expect, test } from "vitest";
import { subjectOf } from "../../src/core/user-id";
import { budgets, createBudgets } from "../../src/service/budgets";
import { ada } from "./support";

const bob = subjectOf("user", "bob");

function start() {
  const clock = { seconds: 1000 };
  const made = createBudgets(() => clock.seconds);
  const takeAll = (name: keyof typeof budgets, subject = ada) =>
    Array.from({ length: budgets[name].atOnce }, () => made.take(name, subject));
  return { clock, takeAll, ...made };
}

describe("a budget", () => {
  test.each(["setup", "recoveryCodes"] as const)("of %s: so many at once, then one every so often", (name) => {
    const { clock, take, takeAll } = start();
    const { everySeconds } = budgets[name];
    expect(takeAll(name).every((wait) => wait === 0)).toBe(true);
    expect(take(name, ada)).toBeCloseTo(everySeconds);
    clock.seconds += everySeconds - 1;
    expect(take(name, ada)).toBeCloseTo(1);
    clock.seconds += 1;
    expect([take(name, ada), take(name, ada) > 0]).toEqual([0, true]);
  });

  test("is whole again after a while, and never more than whole", () => {
    const { clock, take, takeAll } = start();
    takeAll("recoveryCodes");
    clock.seconds += 86_400;
    expect(takeAll("recoveryCodes").every((wait) => wait === 0)).toBe(true);
    expect(take("recoveryCodes", ada)).toBeGreaterThan(0);
  });

  test("is each user's own, each scope's, and each name's", () => {
    const { take, takeAll } = start();
    takeAll("recoveryCodes");
    expect(take("recoveryCodes", bob)).toBe(0);
    expect(take("recoveryCodes", subjectOf("admin", "ada"))).toBe(0);
    expect(take("setup", ada)).toBe(0);
  });

  test("has back what was not needed, and no more", () => {
    const { take, takeAll, giveBack } = start();
    giveBack("recoveryCodes", ada);
    takeAll("recoveryCodes");
    giveBack("recoveryCodes", ada);
    expect([take("recoveryCodes", ada), take("recoveryCodes", ada) > 0]).toEqual([0, true]);
  });

  test("keeps so many users apart, and takes no more room for more of them", () => {
    const { take, takeAll } = start();
    takeAll("setup");
    for (let id = 0; id < 10_000; id += 1) take("setup", subjectOf("user", String(id)));
    // Of all of them, she had not come for longest.
    expect(take("setup", ada)).toBe(0);
  });
});
