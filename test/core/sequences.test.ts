import { generateSync } from "otplib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { lockOf } from "../../src/core/attempts";
import { entriesOf } from "../../src/core/factor-entry";
import type { TwoFactorRecord } from "../../src/core/record";
import { parseRecord, recordText } from "../../src/core/record-text";
import { judge, type SubmissionOutcome, type Verdict } from "../../src/core/submission";
import { typedCode } from "../../src/core/typed-code";
import { toolsOf } from "../factors/tools";
import { authenticator, enrolledRecord, kinds, now, policy, recoverySet, userKey } from "./records";

const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const recoveryCodes = ["AAAABBBBCCCCDDDD", "EEEEFFFFGGGGHHHH"];
const tools = {
  ...toolsOf().tools,
  open: async () => secret,
  unwrap: () => "salt",
  slowHash: async (code: string) => code,
};

const recoveryEntry = { ...recoverySet, hashes: recoveryCodes };

/** A code as somebody types it: of a step near now, a wrong one, a recovery code, or one that never was. */
type Typed = { step: number } | "wrong" | { recovery: number } | "wrong recovery";

/** What happens: codes sent at once, of which the store lets one write win at a time; time moves; a process restarts. */
type EventDetails =
  | { is: "submissions"; typed: readonly Typed[]; winners: readonly number[] }
  | { is: "clock"; seconds: number }
  | { is: "restart" };

const typed: fc.Arbitrary<Typed> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ step: fc.integer({ min: -3, max: 3 }) }) },
  { weight: 4, arbitrary: fc.constant("wrong" as const) },
  { weight: 1, arbitrary: fc.record({ recovery: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.constant("wrong recovery" as const) },
);
const event: fc.Arbitrary<EventDetails> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      is: fc.constant("submissions" as const),
      typed: fc.array(typed, { minLength: 1, maxLength: 6 }),
      winners: fc.array(fc.nat(5), { minLength: 6, maxLength: 6 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constant("clock" as const),
      seconds: fc.oneof(fc.integer({ min: -600, max: 600 }), fc.constantFrom(30, -30, 3600, -86_400, 86_400)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant("restart" as const) }) },
);

const lastStepOf = (record: TwoFactorRecord) =>
  (entriesOf(record, "totp")[0] as typeof authenticator | undefined)?.lastStep ?? -1;

/** One user's record and clock, and what has been told of submissions so far. */
class Account {
  record: TwoFactorRecord = enrolledRecord({ factors: [authenticator, recoveryEntry] });
  clock = now;
  readonly accepted: (number | string)[] = [];
  wrongSinceLockOrPass = 0;
  readonly broken: string[] = [];

  demand(holds: boolean, rule: string): void {
    if (!holds) this.broken.push(rule);
  }

  textOf(code: Typed): string {
    if (typeof code === "object" && "recovery" in code) return recoveryCodes[code.recovery] ?? "";
    if (code === "wrong recovery") return "ZZZZ2222ZZZZ2222";
    const near = [-3, -2, -1, 0, 1, 2, 3].map((step) => generateSync({ secret, epoch: this.clock + step * 30 }));
    if (code !== "wrong") return near[code.step + 3] ?? "";
    return ["000000", "111111", "222222", "333333", "444444"].find((text) => !near.includes(text)) ?? "";
  }

  async decide(text: string): Promise<SubmissionOutcome> {
    const code = typedCode(text);
    const verdicts: Verdict[] = [];
    for (const factor of kinds.values()) {
      const input = factor.read({ ...(code !== undefined && { code }), fields: {} });
      if (input === undefined) continue;
      for (const entry of entriesOf(this.record, factor.kind)) {
        const verdict = await factor.check(entry, input, { ...tools, now: this.clock });
        const { method } = factor;
        if (verdict.is === "wrong") verdicts.push({ ...verdict, guessable: true });
        if (verdict.is === "used") verdicts.push({ is: "used", method });
        if (verdict.is === "right")
          verdicts.push({
            is: "right",
            method,
            guessable: true,
            events: [],
            entry,
            left: verdict.left ?? entry,
          });
      }
    }
    return judge(this.record, verdicts, policy, this.clock);
  }

  /** All decide on the same record; one write wins, and the others decide again on what it left. */
  async submit(texts: readonly string[], winners: readonly number[]): Promise<void> {
    let waiting = texts;
    for (const winner of winners) {
      const decided = await Promise.all(waiting.map(async (text) => ({ text, outcome: await this.decide(text) })));
      const writing = decided.filter(({ outcome }) => "next" in outcome);
      for (const { text, outcome } of decided) if (!("next" in outcome)) this.tell(text, outcome);
      const won = writing[winner % Math.max(1, writing.length)];
      if (won === undefined) return;
      this.tell(won.text, won.outcome);
      waiting = writing.filter((submission) => submission !== won).map(({ text }) => text);
    }
  }

  tell(text: string, outcome: SubmissionOutcome): void {
    const isLocked = lockOf(this.record.attempts, this.clock) !== undefined;
    this.demand((outcome.is === "locked") === isLocked, "a lock tells nothing but itself");
    if (outcome.is === "passed") {
      const spent = outcome.method === "totp" ? lastStepOf(outcome.next) : text;
      this.demand(!this.accepted.includes(spent), "a code is accepted once");
      this.accepted.push(spent);
    }
    if (outcome.is === "wrong" || outcome.is === "just-locked") {
      this.wrongSinceLockOrPass += 1;
      this.demand(this.wrongSinceLockOrPass <= policy.maxAttempts, "the limit bounds what is told");
    }
    if (outcome.is === "passed" || outcome.is === "just-locked") this.wrongSinceLockOrPass = 0;
    if ("next" in outcome) this.record = outcome.next;
  }
}

test("no sequence of codes, restarts and clock jumps accepts a code twice, or tells more outcomes than the limit before a lock", async () => {
  let passes = 0;
  let locks = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 40 }), async (events) => {
      const account = new Account();
      for (const next of events) {
        if (next.is === "clock") account.clock += next.seconds;
        if (next.is === "restart") account.record = parseRecord(recordText(account.record), userKey, kinds);
        if (next.is === "submissions") {
          await account.submit(
            next.typed.map((code) => account.textOf(code)),
            next.winners,
          );
        }
      }
      expect(account.broken).toEqual([]);
      passes += account.accepted.length;
      locks += account.record.attempts.rounds;
    }),
    { numRuns: 150 },
  );
  // The sequences were worth something: codes passed, and locks fell.
  expect(passes).toBeGreaterThan(50);
  expect(locks).toBeGreaterThan(50);
});
