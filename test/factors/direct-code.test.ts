import { expect, test } from "vitest";
import { shapeOf } from "../../src/core/code-shape";
import { blankRecord } from "../../src/core/record";
import { subjectOf } from "../../src/core/user-id";
import { directCodeFactor } from "../../src/factors/direct-code";
import { now, userKey } from "../core/records";

const subject = subjectOf("user", "42");
const factor = directCodeFactor((whose, code, hash) => hash === `${whose.key} ${code}`);
const record = {
  ...blankRecord(userKey, "epoch-1"),
  directCode: {
    current: { hash: `${userKey} 111111`, expiresAt: now + 300 },
    sending: { hash: `${userKey} 222222`, expiresAt: now + 330 },
    sentAt: now,
    sends: 2,
  },
};
const check = (typed: string, checked = record, time = now) => {
  const shape = shapeOf(typed, { otpLength: 8, directOtpLength: 6 });
  if (shape === undefined) throw new Error(`${typed} is no code`);
  return factor.check(subject, checked, shape, time);
};

test("a direct code is consumed once, and takes the one on its way with it", async () => {
  const verdict = await check("111111");
  expect(verdict).toMatchObject({ is: "right", method: "direct-code" });
  const spent = (verdict?.is === "right" ? verdict.spend(record) : record) as typeof record;
  expect((await check("111111", spent))?.is).not.toBe("right");
  expect((await check("222222", spent))?.is).not.toBe("right");
});

test("a direct code is right until it expires", async () => {
  expect((await check("111111", record, now + 299))?.is).toBe("right");
  expect((await check("111111", record, now + 300))?.is).toBe("wrong");
  expect((await check("222222", record, now + 300))?.is).toBe("right");
});

test("a direct code is right for its own user alone", async () => {
  const shape = shapeOf("111111", { otpLength: 8, directOtpLength: 6 });
  const other = subjectOf("user", "43");
  expect(shape && (await factor.check(other, record, shape, now))).toEqual({ is: "wrong" });
});

test("codes of other kinds, and users to whom none was sent, are none of its business", async () => {
  expect(await check("12345678")).toBeUndefined();
  expect(await check("ABCD2345EFGH67WX")).toBeUndefined();
  expect(await check("111111", blankRecord(userKey, "epoch-1") as typeof record)).toBeUndefined();
});
