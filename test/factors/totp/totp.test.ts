import { describe, expect, test } from "vitest";
import { totp } from "../../../src/factors/totp";
import { authenticator, now, userKey } from "../../core/records";
import { rfcCode, rfcSecret } from "../reference";
import { toolsOf } from "../tools";

const step = now / 30;
const factor = totp({ otpLength: 6, allowedOtpDriftSeconds: 30 });
const { tools, asked } = toolsOf();
const entry = { ...authenticator, secret: `new.sealed(${userKey}) ${rfcSecret}` };

describe("the authenticator as a factor", () => {
  test("opens the user's own secret, and spends the step that was matched", async () => {
    const verdict = await factor.check(entry, rfcCode(step + 1), tools);
    expect(asked.at(-1)).toBe(`open ${entry.secret}`);
    expect(verdict).toEqual({ is: "right", left: { ...entry, lastStep: step + 1 } });
  });

  test("does not open another user's secret", async () => {
    const other = toolsOf('["user","43"]');
    await expect(factor.check(entry, rfcCode(step + 1), other.tools)).rejects.toThrow("belongs elsewhere");
  });

  test("says used of the enrolment code", async () => {
    expect(await factor.check(entry, rfcCode(step), tools)).toEqual({ is: "used" });
  });

  test.each([
    [6, "012345"],
    [8, "01234567"],
  ])("reads codes of its own %i digits alone", (otpLength, own) => {
    const { read } = totp({ otpLength, allowedOtpDriftSeconds: 30 });
    expect(read({ code: own, fields: {} })).toBe(own);
    for (const code of ["01234", "0123456", "ABCD2345EFGH67WX", "01234A", `${own}\n`, undefined])
      expect(read({ ...(code !== undefined && { code }), fields: { code: own } })).toBeUndefined();
  });

  test("tells when it was set up, and no secret", () => {
    expect(factor.describe(entry)).toEqual({ addedAt: now });
  });

  test("comes under the first key with the same secret and the same last step", async () => {
    const old = { ...entry, secret: entry.secret.replace("new.", "old.") };
    expect([factor.sealed?.isCurrent(old, tools), factor.sealed?.isCurrent(entry, tools)]).toEqual([false, true]);
    expect(await factor.sealed?.renewed(old, tools)).toEqual(entry);
  });
});

describe("a set-up", () => {
  test("is confirmed by a right code, which is spent with it; the secret is kept sealed", async () => {
    const confirmed = await factor.setUp?.confirm(rfcSecret, rfcCode(step + 1), tools);
    expect(confirmed).toEqual({ is: "right", entry: { ...entry, enabledAt: now, lastStep: step + 1 } });
  });

  test("is confirmed by no wrong code", async () => {
    expect(await factor.setUp?.confirm(rfcSecret, rfcCode(step + 3), tools)).toMatchObject({ is: "wrong" });
  });

  test("is shown as a link with the secret, the issuer, the account and the digits", () => {
    const uri = factor.setUp?.uri(rfcSecret, { issuer: "EventHub", account: "ada@example.com" });
    expect(uri).toContain(`otpauth://totp/EventHub:ada%40example.com?secret=${rfcSecret}`);
  });
});
