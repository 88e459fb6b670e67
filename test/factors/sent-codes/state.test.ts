import { describe, expect, test } from "vitest";
import {
  freeSends,
  hasLiveCode,
  liveCode,
  secondsUntilResend,
  secondsUntilSentOnOpening,
  withCodeUsed,
  withDelivery,
  withSending,
  type SentCodes,
} from "../../../src/factors/sent-codes/state";
import { now } from "../../core/records";

const code = (hash: string, expiresAt = now + 300) => ({ hash, expiresAt });
const is = (hash: string) => (other: string) => other === hash;

/** The options: another one after so many seconds; each is good for an hour, or as long as is said. */
const every = (directOtpResendAfterSeconds: number, directOtpValidForSeconds = 3600) => ({
  directOtpResendAfterSeconds,
  directOtpValidForSeconds,
});

/** So many codes sent in a row, the last one now. */
const sent = (sends: number): SentCodes => ({ current: code("a"), sentAt: now, sends });

describe("the cool-down", () => {
  test("is none before the first code, and the option's after it", () => {
    expect(secondsUntilResend(undefined, every(30), now)).toBe(0);
    expect(secondsUntilResend(sent(1), every(30), now)).toBe(30);
    expect(secondsUntilResend(sent(1), every(30), now + 29)).toBe(1);
    expect(secondsUntilResend(sent(1), every(30), now + 30)).toBe(0);
  });

  test("doubles after five codes that were never used, up to an hour", () => {
    const waits = Array.from({ length: 10 }, (_, more) => secondsUntilResend(sent(freeSends + more), every(30), now));
    expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
  });

  test("is never shorter than the option says", () => {
    expect(secondsUntilResend(sent(100), every(7200), now)).toBe(7200);
  });

  test("is a number however many codes were sent, also where the option is 0", () => {
    expect(secondsUntilResend(sent(100_000), every(30), now)).toBe(3600);
    expect(secondsUntilResend(sent(freeSends), every(0), now)).toBe(0);
    expect(secondsUntilResend(sent(100_000), every(0), now)).toBe(3600);
  });

  test("ends although the clock was set back far, and stays when it was set back a little", () => {
    expect(secondsUntilResend(sent(1), every(30), now - 86_400)).toBe(0);
    expect(secondsUntilResend(sent(1), every(30), now - 1)).toBe(29);
  });
});

describe("the code page", () => {
  test("sends by itself at once where the last code was used, and waits otherwise", () => {
    expect(secondsUntilSentOnOpening(withCodeUsed(sent(3)), every(30), now)).toBe(0);
    expect(secondsUntilSentOnOpening(sent(1), every(30), now)).toBe(30);
    expect(secondsUntilSentOnOpening(undefined, every(30), now)).toBe(0);
  });
});

test("a code that was used is gone, and using it is no way round the cool-down", () => {
  const used = withCodeUsed({ ...sent(3), sending: code("b") });
  expect(used).toEqual({ sentAt: now, sends: 0 });
  expect(secondsUntilResend(used, every(30), now)).toBe(30);
});

describe("a code on its way", () => {
  const first = withSending(undefined, code("first"), now);
  const delivered = withDelivery(first, "first", true);
  const second = withSending(delivered, code("second"), now + 30);

  test("is good already, for mail can be faster than the sender's answer", () => {
    expect(liveCode(first, is("first"), now)?.hash).toBe("first");
    expect(first.sends).toBe(1);
  });

  test("leaves the one before it good until it is sent", () => {
    expect(liveCode(second, is("first"), now + 30)?.hash).toBe("first");
    expect(liveCode(second, is("second"), now + 30)?.hash).toBe("second");
  });

  test("is the only one once it is sent", () => {
    const state = withDelivery(second, "second", true);
    expect(liveCode(state, is("first"), now + 30)).toBeUndefined();
    expect(liveCode(state, is("second"), now + 30)?.hash).toBe("second");
  });

  test("is void when it could not be sent, and the one before it stays", () => {
    const state = withDelivery(second, "second", false);
    expect(liveCode(state, is("first"), now + 30)?.hash).toBe("first");
    expect(liveCode(state, is("second"), now + 30)).toBeUndefined();
    expect(secondsUntilResend(state, every(30), now + 30)).toBe(30);
  });

  test("keeps others from being sent while it is, even where the option is 0", () => {
    expect(secondsUntilResend(first, every(0), now)).toBe(10);
    expect(secondsUntilResend(delivered, every(0), now)).toBe(0);
  });

  test("of a process that ended meanwhile stays good until another one is sent", () => {
    const next = withSending(first, code("second"), now + 30);
    expect(liveCode(next, is("first"), now + 30)?.hash).toBe("first");
    expect(liveCode(withDelivery(next, "second", true), is("first"), now + 30)).toBeUndefined();
  });

  test("is settled by its own answer alone", () => {
    expect(withDelivery(second, "first", true)).toBe(second);
    expect(withDelivery(delivered, "first", false)).toBe(delivered);
  });
});

test("a code is live until it expires, to the second", () => {
  expect(liveCode(sent(1), is("a"), now + 299)).toBeDefined();
  expect(liveCode(sent(1), is("a"), now + 300)).toBeUndefined();
  expect(liveCode(undefined, is("a"), now)).toBeUndefined();
});

test("a code that is sent while the one before has expired counts as one that can be used", () => {
  const state = { current: code("old", now), sending: code("new"), sentAt: now, sends: 2 };
  expect(hasLiveCode(state, now)).toBe(true);
  expect(hasLiveCode(state, now + 300)).toBe(false);
  expect(hasLiveCode(undefined, now)).toBe(false);
});
