import { describe, expect, test } from "vitest";
import { daySeconds, lostEverything, recovery, waitingFor, signedIn } from "../support/recovery";

const [confirm, finish] = [`${recovery}/confirm`, `${recovery}/finish`];

/** What is none, and what its status is: never a 5xx, never a step. */
function malformedOf(code: string): readonly [unknown, number][] {
  return [
    [code.slice(0, -1), 400],
    [`${code}A`, 400],
    [`${code}-${code}`, 400],
    [[code], 400],
    [[code, code], 400],
    [{ code }, 400],
    [{ toString: code }, 400],
    [42, 400],
    [true, 400],
    [`${code}\u0000`, 400],
    [`\uD800${code}`, 400],
    [`${code.slice(0, 5)}\uDC00${code.slice(5)}`, 400],
    ["A".repeat(90_000), 400],
    ["A".repeat(1_000_000), 400],
    [code.replace(/^./, (letter) => (letter === "A" ? "B" : "A")), 422],
  ];
}

describe("Self-service recovery takes time and can be stopped: a code that is cut, repeated, a list or no text", () => {
  test.each(["to confirm", "to finish"])(
    "%s is 4xx and changes nothing; the right one is good after it",
    async (step) => {
      const { box, browser, clock, host, before } = await lostEverything();
      let at = browser;
      const path = step === "to confirm" ? confirm : finish;
      if (path === confirm) await browser.post(recovery).expect(200);
      else {
        await waitingFor(browser, box);
        clock.later(3 * daySeconds);
        at = await signedIn(host, before);
        await at.post(finish).expect(200);
      }
      const { length } = box.mails;
      const code = box.code();
      const state = JSON.stringify((await host.tfa.status("1")).recovery);
      for (const [wrong, status] of malformedOf(code)) {
        const answer = await at.post(path, { code: wrong });
        expect([String(JSON.stringify(wrong)).slice(0, 60), answer.status]).toEqual([
          String(JSON.stringify(wrong)).slice(0, 60),
          JSON.stringify(wrong).length > 100_000 ? expect.toBeOneOf([400, 413]) : status,
        ]);
      }
      // A form that names it twice, or a part of a list; without a code, a fresh one is asked for too soon.
      for (const body of [
        `code=${code}&code=${code}`,
        `code[]=${code}`,
        `code[a]=${code}`,
        "code=%ED%A0%80",
        "code=%",
      ]) {
        const { status } = await at.agent.post(path).type("form").set("sec-fetch-site", "same-origin").send(body);
        expect([body, status]).toEqual([body, expect.toBeOneOf([400, 422, 429])]);
      }
      expect(JSON.stringify((await host.tfa.status("1")).recovery)).toBe(state);
      expect(box.mails).toHaveLength(length);
      await at.post(path, { code }).expect(200);
    },
  );
});
