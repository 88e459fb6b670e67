import { expect, test } from "vitest";
import { shapeOf } from "../../src/core/code-shape";
import { subjectOf } from "../../src/core/user-id";
import { recoveryCodeFactor } from "../../src/factors/recovery-code";
import { enrolledRecord, now } from "../core/records";

const subject = subjectOf("user", "42");
const hashed: string[] = [];
const factor = recoveryCodeFactor(async (whose, code, salt) => {
  hashed.push(`${whose.key} ${code} ${salt}`);
  return `hash of ${code}`;
});
const record = enrolledRecord({
  recoveryCodes: { salt: "salt", hashes: ["hash of AAAABBBBCCCCDDDD", "hash of EEEEFFFFGGGGHHHH"], createdAt: now },
});

const check = (typed: string, checked = record) => {
  const shape = shapeOf(typed, { otpLength: 6, directOtpLength: 6 });
  if (shape === undefined) throw new Error(`${typed} is no code`);
  return factor.check(subject, checked, shape, now);
};

test("a recovery code is consumed once, however it is typed", async () => {
  const verdict = await check("aaaa-bbbb cccc-dddd");
  expect(verdict).toMatchObject({ is: "right", method: "recovery-code" });
  const spent = verdict?.is === "right" ? verdict.spend(record) : record;
  expect(spent.recoveryCodes?.hashes).toEqual(["hash of EEEEFFFFGGGGHHHH"]);
  expect(await check("AAAABBBBCCCCDDDD", spent)).toEqual({ is: "wrong" });
  expect((await check("EEEEFFFFGGGGHHHH", spent))?.is).toBe("right");
});

test("one guess is hashed once, not once a code", async () => {
  hashed.length = 0;
  expect(await check("ZZZZZZZZZZZZZZZZ")).toEqual({ is: "wrong" });
  expect(hashed).toEqual(['["user","42"] ZZZZZZZZZZZZZZZZ salt']);
});

test("nothing is hashed for codes of other kinds, or where no code is left", async () => {
  hashed.length = 0;
  expect(await check("123456")).toBeUndefined();
  const { recoveryCodes: _, ...without } = record;
  expect(await check("AAAABBBBCCCCDDDD", without)).toBeUndefined();
  const none = enrolledRecord({ recoveryCodes: { salt: "salt", hashes: [], createdAt: now } });
  expect(await check("AAAABBBBCCCCDDDD", none)).toBeUndefined();
  expect(hashed).toEqual([]);
});
