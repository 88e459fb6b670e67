import { expect, onTestFinished, test, vi } from "vitest";
import { later } from "../support/clock";
import { must, startSite } from "./site";

/** Endpoints below /api/a2f, eight backup codes, a block after five failures in a row. */
const site = () => startSite({ path: "/api/a2f", recoveryCodes: { count: 8 }, maxLoginAttempts: 5 });

test("the issuer comes from APP_NAME, and the authenticator shows it with the account's name", async () => {
  vi.stubEnv("APP_NAME", "EventHub");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { visitor } = await startSite({ path: "/api/a2f", issuer: undefined as never });
  const anna = visitor();
  await anna.login();
  const uri = new URL(must(await anna.client.beginSetup()).otpauthUri);
  expect(decodeURIComponent(uri.pathname)).toBe("/EventHub:anna@example.com");
  expect(uri.searchParams.get("issuer")).toBe("EventHub");
});

test("the secret never comes back from the browser: who confirms with somebody else's is refused", async () => {
  const { visitor } = await site();
  const [anna, eve] = [visitor(), visitor()];
  await anna.login();
  await eve.login();
  await anna.scan(must(await anna.client.beginSetup()));
  expect(await eve.client.confirmSetup(await anna.code())).toMatchObject({ code: "SETUP_SESSION_EXPIRED" });
  expect(await anna.client.confirmSetup(await anna.code())).toMatchObject({ ok: true });
});

test("enable, log in with requiresOtp, finish with a code; eight backup codes, one of which is used instead", async () => {
  const { visitor } = await site();
  const anna = visitor();
  expect(await anna.login()).toMatchObject({ requiresOtp: false });
  const backup = await anna.enrol();
  expect(backup).toHaveLength(8);

  await anna.logout();
  anna.cookies.clear();
  expect(await anna.login()).toEqual({ requiresOtp: true, requiresOtpSetup: false, next: "/api/a2f/verify" });
  later(30);
  expect(must(await anna.client.verify(await anna.code()))).toMatchObject({
    method: "totp",
    recoveryCodesRemaining: 8,
  });

  await anna.logout();
  anna.cookies.clear();
  await anna.login();
  const used = must(await anna.client.verify(backup[0]!));
  expect(used).toMatchObject({ method: "recovery-code", recoveryCodesRemaining: 7 });
  expect((await anna.profile()).body).toMatchObject({ has2FA: true });
});

test("backup codes are regenerated without turning it off, and the old ones are void", async () => {
  const { visitor } = await site();
  const anna = visitor();
  await anna.login();
  const old = await anna.enrol();
  const fresh = must(await anna.client.regenerateRecoveryCodes()).recoveryCodes;
  expect(fresh).toHaveLength(8);
  expect(fresh.filter((code) => old.includes(code))).toEqual([]);
  anna.cookies.clear();
  await anna.login();
  expect(await anna.client.verify(old[0]!)).toMatchObject({ code: "INVALID_2FA_CODE", attemptsRemaining: 5 });
  // As somebody types it from paper.
  expect(await anna.client.verify(fresh[0]!.toLowerCase().replaceAll("-", " "))).toMatchObject({ ok: true });
});

test("five failures in a row block; waiting opens it again", async () => {
  const { visitor } = await site();
  const anna = visitor();
  await anna.login();
  await anna.enrol();
  anna.cookies.clear();
  await anna.login();
  const wrong = await anna.wrongCode();
  for (const attemptsRemaining of [4, 3, 2, 1]) {
    expect(await anna.client.verify(wrong)).toMatchObject({ code: "INVALID_2FA_CODE", attemptsRemaining });
  }
  const blocked = await anna.client.verify(wrong);
  expect(blocked).toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
  const { retryAfterSeconds } = blocked as { retryAfterSeconds: number };
  expect(retryAfterSeconds).toBeGreaterThan(50);
  expect(retryAfterSeconds).toBeLessThanOrEqual(60);
  later(retryAfterSeconds);
  expect(await anna.client.verify(await anna.code())).toMatchObject({ ok: true });
});
