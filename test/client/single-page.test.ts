import { describe, expect, test } from "vitest";
import { scanQr } from "../support/services";
import { later } from "../support/clock";
import { must, startSite } from "./site";

/** A single-page front end with routes at /auth/2fa, where a pending login and a pending set-up last two minutes. */
const site = () => startSite({ path: "/auth/2fa", pendingLoginSeconds: 120, setupValidForSeconds: 120 });

describe("turning it on", () => {
  test("a signed-in user scans the QR code, enters its code, and is on", async () => {
    const visitor = (await site()).visitor();
    expect(await visitor.login()).toEqual({ requiresOtp: false, requiresOtpSetup: false, next: "/" });
    expect((await visitor.profile()).body).toEqual({ email: "anna@example.com", has2FA: false });
    const setup = must(await visitor.client.beginSetup());
    const scanned = await scanQr(Buffer.from(setup.qrCode.split(",")[1]!, "base64"));
    expect(scanned).toBe(setup.otpauthUri);
    const done = must(await visitor.client.confirmSetup(await visitor.scan(setup)));
    expect(done.recoveryCodes).toHaveLength(10);
    expect((await visitor.profile()).body).toEqual({ email: "anna@example.com", has2FA: true });
  });

  test("a wrong code is told with the tries left, and then the right one still works", async () => {
    const visitor = (await site()).visitor();
    await visitor.login();
    const code = await visitor.scan(must(await visitor.client.beginSetup()));
    expect(await visitor.client.confirmSetup(await visitor.wrongCode())).toMatchObject({
      ok: false,
      code: "INVALID_2FA_CODE",
      attemptsRemaining: 2,
    });
    expect(await visitor.client.confirmSetup(code)).toMatchObject({ ok: true });
  });

  test("three wrong codes are too many, and it says for how long", async () => {
    const visitor = (await site()).visitor();
    await visitor.login();
    await visitor.scan(must(await visitor.client.beginSetup()));
    const wrong = await visitor.wrongCode();
    await visitor.client.confirmSetup(wrong);
    await visitor.client.confirmSetup(wrong);
    const third = await visitor.client.confirmSetup(wrong);
    expect(third).toMatchObject({ ok: false, code: "TOO_MANY_ATTEMPTS", status: 429 });
    expect(third).toHaveProperty("retryAfterSeconds", expect.any(Number));
  });

  test("what is not six digits is told by its field, and costs no try", async () => {
    const visitor = (await site()).visitor();
    await visitor.login();
    const code = await visitor.scan(must(await visitor.client.beginSetup()));
    for (const malformed of ["", "12345", "1234567", "abcdef", "12 34 5"]) {
      expect(await visitor.client.confirmSetup(malformed)).toMatchObject({ code: "VALIDATION_ERROR", field: "code" });
    }
    expect(await visitor.client.confirmSetup(code)).toMatchObject({ ok: true });
  });

  test("after two minutes the set-up has expired, and a new one begins with another key", async () => {
    const visitor = (await site()).visitor();
    await visitor.login();
    const first = must(await visitor.client.beginSetup());
    later(121);
    expect(await visitor.client.confirmSetup(await visitor.scan(first))).toMatchObject({
      code: "SETUP_SESSION_EXPIRED",
    });
    const second = must(await visitor.client.beginSetup());
    expect(second.secret).not.toBe(first.secret);
    expect(await visitor.client.confirmSetup(await visitor.scan(second))).toMatchObject({ ok: true });
  });

  test("nobody sets up without being signed in", async () => {
    const visitor = (await site()).visitor();
    for (const answer of [await visitor.client.beginSetup(), await visitor.client.confirmSetup("123456")]) {
      expect(answer).toMatchObject({ ok: false, code: "UNAUTHORIZED", status: 401 });
    }
  });

  test("who has it already is told so, and keeps the authenticator", async () => {
    const visitor = (await site()).visitor();
    await visitor.login();
    await visitor.enrol();
    expect(await visitor.client.beginSetup()).toMatchObject({ code: "TOTP_ALREADY_ENABLED", status: 409 });
    expect((await visitor.profile()).body).toMatchObject({ has2FA: true });
  });
});

describe("logging in with it", () => {
  async function enrolled() {
    const { visitor } = await site();
    const anna = visitor();
    await anna.login();
    await anna.enrol();
    await anna.logout();
    later(30);
    const again = visitor();
    again.secret = anna.secret;
    return again;
  }

  test("the login asks for a code, nothing else is reachable, and a right code opens", async () => {
    const visitor = await enrolled();
    expect(await visitor.login()).toEqual({ requiresOtp: true, requiresOtpSetup: false, next: "/auth/2fa/verify" });
    expect(await visitor.profile()).toMatchObject({ status: 403, body: { code: "TWO_FACTOR_REQUIRED" } });
    expect(must(await visitor.client.challenge())).toMatchObject({ accepts: { totp: true, recoveryCode: true } });
    expect(must(await visitor.client.verify(await visitor.code()))).toMatchObject({ next: "/", method: "totp" });
    expect((await visitor.profile()).body).toMatchObject({ email: "anna@example.com" });
  });

  test("wrong codes count down, the third locks, and a right one does not help then", async () => {
    const visitor = await enrolled();
    await visitor.login();
    const wrong = await visitor.wrongCode();
    expect(await visitor.client.verify(wrong)).toMatchObject({ code: "INVALID_2FA_CODE", attemptsRemaining: 2 });
    expect(await visitor.client.verify(wrong)).toMatchObject({ code: "INVALID_2FA_CODE", attemptsRemaining: 1 });
    const locked = await visitor.client.verify(wrong);
    expect(locked).toMatchObject({ code: "TOO_MANY_ATTEMPTS", retryAfterSeconds: expect.any(Number) });
    expect(await visitor.client.verify(await visitor.code())).toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
    expect(await visitor.profile()).toMatchObject({ status: 429, body: { code: "TOO_MANY_ATTEMPTS" } });
  });

  test("after two minutes the pending login has ended, and one has to log in again", async () => {
    const visitor = await enrolled();
    await visitor.login();
    later(121);
    expect(await visitor.client.verify(await visitor.code())).toMatchObject({
      code: "LOGIN_SESSION_EXPIRED",
      status: 401,
    });
    expect(await visitor.client.verify(await visitor.code())).toMatchObject({ code: "UNAUTHORIZED" });
    expect(await visitor.login()).toMatchObject({ requiresOtp: true });
    expect(await visitor.client.verify(await visitor.code())).toMatchObject({ ok: true });
  });

  test("the last recovery code brings new ones to a page that says it shows them", async () => {
    const { visitor } = await startSite({ recoveryCodes: { count: 1 } });
    const anna = visitor();
    await anna.login();
    const [last] = await anna.enrol();
    await anna.logout();
    await anna.login();
    const proven = must(await anna.client.verify(last!, { newRecoveryCodes: true }));
    expect(proven).toMatchObject({ method: "recovery-code", recoveryCodesRemaining: 1 });
    expect(proven.recoveryCodes).toHaveLength(1);
    expect(proven.recoveryCodes).not.toContain(last);
  });

  test("a code that was used is told as used, not as wrong", async () => {
    const visitor = await enrolled();
    await visitor.login();
    const code = await visitor.code();
    must(await visitor.client.verify(code));
    visitor.cookies.clear();
    await visitor.login();
    expect(await visitor.client.verify(code)).toMatchObject({ code: "CODE_ALREADY_USED", status: 409 });
  });
});

describe("turning it off", () => {
  test("takes no code right after one, and the next login asks for none", async () => {
    const visitor = (await site()).visitor();
    await visitor.login();
    await visitor.enrol();
    expect(must(await visitor.client.disable())).toMatchObject({ success: true, enabled: false });
    await visitor.logout();
    expect(await visitor.login()).toMatchObject({ requiresOtp: false, requiresOtpSetup: false });
    expect((await visitor.profile()).body).toMatchObject({ has2FA: false });
  });

  test("takes a code when the last one is long ago", async () => {
    const visitor = (await site()).visitor();
    await visitor.login();
    await visitor.enrol();
    later(600);
    expect(await visitor.client.disable()).toMatchObject({ code: "TWO_FACTOR_REQUIRED", reason: "recent" });
    expect(await visitor.client.disable(await visitor.wrongCode())).toMatchObject({ code: "INVALID_2FA_CODE" });
    expect(await visitor.client.disable(await visitor.code())).toMatchObject({ ok: true });
  });

  test("what is not on cannot be turned off", async () => {
    const visitor = (await site()).visitor();
    await visitor.login();
    expect(await visitor.client.disable("123456")).toMatchObject({ code: "2FA_NOT_ENABLED", status: 409 });
  });
});
