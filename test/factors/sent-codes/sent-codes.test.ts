import { expect, test } from "vitest";
import { sentCodes } from "../../../src/factors/sent-codes";
import { now } from "../../core/records";
import { toolsOf } from "../tools";

const kind = "sent-codes";
const factor = sentCodes({ directOtpLength: 6, directOtpValidForSeconds: 300, directOtpResendAfterSeconds: 30 });
const { delivery } = factor;
if (delivery === undefined) throw new Error("Nothing is delivered.");
const { sign } = toolsOf().tools;
const entry = {
  kind,
  current: { hash: sign("111111"), expiresAt: now + 300 },
  sending: { hash: sign("222222"), expiresAt: now + 330 },
  sentAt: now,
  sends: 2,
};
type Entry = typeof entry;

const check = (code: string, checked = entry, time = now) =>
  factor.check(checked, code, toolsOf(undefined, time).tools);

test("a direct code is consumed once, and takes the one on its way with it", async () => {
  const verdict = await check("111111");
  expect(verdict).toEqual({ is: "right", left: { kind, sentAt: now, sends: 0 } });
  const spent = (verdict.is === "right" ? verdict.left : entry) as Entry;
  expect((await check("111111", spent)).is).toBe("wrong");
  expect((await check("222222", spent)).is).toBe("wrong");
});

test("a direct code is right until it expires", async () => {
  expect((await check("111111", entry, now + 299)).is).toBe("right");
  expect((await check("111111", entry, now + 300)).is).toBe("wrong");
  expect((await check("222222", entry, now + 300)).is).toBe("right");
});

test("a direct code is right for its own user alone", async () => {
  const other = toolsOf('["user","43"]').tools;
  expect(await factor.check(entry, "111111", other)).toEqual({ is: "wrong" });
});

test("codes of other kinds, and entries with nothing live in them, are none of its business", () => {
  expect(factor.read({ code: "123456", fields: {} })).toBe("123456");
  for (const code of ["12345678", "12345", "ABCD2345EFGH67WX"])
    expect(factor.read({ code, fields: {} })).toBeUndefined();
  expect(factor.read({ fields: { code: "123456" } })).toBeUndefined();
  expect(factor.isLive?.(entry, now + 329)).toBe(true);
  expect(factor.isLive?.(entry, now + 330)).toBe(false);
  expect(factor.isLive?.({ kind, sentAt: now, sends: 0 } as unknown as Entry, now)).toBe(false);
});

test("a code on its way is kept as a keyed hash for its time, and is settled by its own answer", async () => {
  const { tools } = toolsOf(undefined, now + 60);
  const sending = delivery.sending(entry, "333333", tools) as Entry;
  expect(sending).toEqual({
    ...entry,
    sending: { hash: sign("333333"), expiresAt: now + 360 },
    sentAt: now + 60,
    sends: 3,
  });
  const { sending: current, ...rest } = sending;
  expect(delivery.settled(sending, "333333", true, tools)).toEqual({ ...rest, current });
  expect(delivery.settled(sending, "333333", false, tools)).toEqual(rest);
  expect(delivery.settled(sending, "222222", true, tools)).toBe(sending);
  expect((await factor.check(sending, "333333", tools)).is).toBe("right");
});

test("another code is sent after the cool-down, and at once to an opened page where the last one was used", () => {
  const used = { kind, sentAt: now, sends: 0 };
  expect(delivery.secondsUntilNext(undefined, { opening: false }, now)).toBe(0);
  expect(delivery.secondsUntilNext(used, { opening: false }, now)).toBe(30);
  expect(delivery.secondsUntilNext(used, { opening: true }, now)).toBe(0);
});

test("a new code has the option's digits", () => {
  for (let times = 0; times < 50; times += 1) expect(delivery.newCode()).toMatch(/^[0-9]{6}$/);
});
