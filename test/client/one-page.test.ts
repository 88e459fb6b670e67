import { expect, onTestFinished, test, vi } from "vitest";
import { memoryStore, type TwoFactorEvent } from "../../src";
import { later } from "../support/clock";
import { must, startSite } from "./site";

test("off, setting up, on, off again: one page can show every state", async () => {
  const { visitor } = await startSite();
  const anna = visitor();
  await anna.login();
  expect(must(await anna.client.status())).toMatchObject({ required: false, enabled: false, verified: false });

  const setup = must(await anna.client.beginSetup());
  expect(must(await anna.client.status())).toMatchObject({ enabled: false });
  must(await anna.client.confirmSetup(await anna.scan(setup)));

  const on = must(await anna.client.status());
  expect(on).toMatchObject({ enabled: true, verified: true, locked: false, methods: ["totp"] });
  expect(on.recoveryCodesRemaining).toBe(10);
  expect(on.activity[0]).toMatchObject({ type: "enabled" });
  expect(on.provenBy).toMatchObject({ method: "enrolment" });

  must(await anna.client.disable());
  expect(must(await anna.client.status())).toMatchObject({ enabled: false, recoveryCodesRemaining: 0, methods: [] });
});

test("a set-up that was broken off asks for no code, and starts again cleanly", async () => {
  const { visitor } = await startSite();
  const anna = visitor();
  await anna.login();
  const first = must(await anna.client.beginSetup());
  await anna.logout();
  expect(await anna.login()).toMatchObject({ requiresOtp: false, requiresOtpSetup: false });
  const second = must(await anna.client.beginSetup());
  expect(second.secret).not.toBe(first.secret);
  expect(await anna.client.confirmSetup(await anna.scan(first))).toMatchObject({ code: "INVALID_2FA_CODE" });
  expect(await anna.client.confirmSetup(await anna.scan(second))).toMatchObject({ ok: true });
});

test("who must have it is led to the set-up at login, and reaches nothing before", async () => {
  const { visitor } = await startSite({ needTwoFactorAuthentication: () => true });
  const anna = visitor();
  expect(await anna.login()).toEqual({ requiresOtp: false, requiresOtpSetup: true, next: "/two-factor/setup" });
  expect(await anna.profile()).toMatchObject({ status: 403, body: { code: "TWO_FACTOR_SETUP_REQUIRED" } });
  expect(await anna.enrol()).toHaveLength(10);
  expect((await anna.profile()).body).toMatchObject({ has2FA: true });
});

test("a backup code opens once, and how many are left is told", async () => {
  const events: TwoFactorEvent[] = [];
  const { visitor } = await startSite({ onEvent: (event) => events.push(event) });
  const anna = visitor();
  await anna.login();
  const [code] = await anna.enrol();
  for (const outcome of [{ ok: true, recoveryCodesRemaining: 9 }, { code: "CODE_ALREADY_USED" }]) {
    anna.cookies.clear();
    await anna.login();
    expect(await anna.client.verify(code!)).toMatchObject(outcome);
  }
  expect(events.map(({ type }) => type)).toContain("recovery-code-used");
});

test("a remembered device is not asked for 30 days, is listed, and can be forgotten", async () => {
  const thirtyDays = 30 * 86_400;
  const site = await startSite({
    rememberBrowser: "ask",
    rememberOtpSessionForSeconds: thirtyDays,
    revalidateSeconds: 0,
  });
  const anna = site.visitor();
  await anna.login();
  await anna.enrol();
  anna.cookies.clear();
  await anna.login();
  later(30);
  must(await anna.client.verify(await anna.code(), { remember: true }));
  const [browser] = must(await anna.client.status()).browsers;
  expect(browser).toMatchObject({ current: true });

  await anna.logout();
  later(20 * 86_400);
  expect(await anna.login()).toMatchObject({ requiresOtp: false });
  expect(await anna.client.forgetBrowsers({ id: browser!.id })).toMatchObject({
    code: "TWO_FACTOR_REQUIRED",
    reason: "recent",
  });
  const forgotten = await anna.client.forgetBrowsers({ id: browser!.id, code: await anna.code() });
  expect(must(forgotten).browsers).toEqual([]);

  await anna.logout();
  expect(await anna.login()).toMatchObject({ requiresOtp: true });
});

test("without the wish no device is remembered", async () => {
  const { visitor } = await startSite({ rememberBrowser: "ask" });
  const anna = visitor();
  await anna.login();
  await anna.enrol();
  anna.cookies.clear();
  await anna.login();
  later(30);
  must(await anna.client.verify(await anna.code()));
  expect(must(await anna.client.status()).browsers).toEqual([]);
  await anna.logout();
  expect(await anna.login()).toMatchObject({ requiresOtp: true });
});

test("the authenticator is replaced, and the old one is good until the new one is confirmed", async () => {
  const { visitor } = await startSite();
  const anna = visitor();
  await anna.login();
  await anna.enrol();
  later(600);
  expect(await anna.client.beginSetup({ replace: true })).toMatchObject({ code: "TOTP_ALREADY_ENABLED" });
  const setup = must(await anna.client.beginSetup({ replace: true, code: await anna.code() }));
  expect(must(await anna.client.status())).toMatchObject({ enabled: true });
  expect(must(await anna.client.confirmSetup(await anna.scan(setup))).recoveryCodes).toHaveLength(10);
});

test("somebody without an authenticator gets codes by mail, and not too fast", async () => {
  const sent: string[] = [];
  const { visitor } = await startSite({
    needTwoFactorAuthentication: () => true,
    sendTwoFactorAuthenticationCode: (_user, code) => sent.push(code),
  });
  const anna = visitor();
  expect(await anna.login()).toMatchObject({ requiresOtp: true });
  const challenge = must(await anna.client.challenge());
  expect(challenge).toMatchObject({ accepts: { totp: false, directCode: true }, direct: { sent: true } });
  expect(await anna.client.sendCode()).toMatchObject({
    code: "TOO_MANY_ATTEMPTS",
    retryAfterSeconds: expect.any(Number),
  });
  later(30);
  expect(must(await anna.client.sendCode())).toMatchObject({ sent: true });
  expect(await anna.client.verify(sent[0]!)).toMatchObject({ ok: false });
  expect(must(await anna.client.verify(sent[1]!))).toMatchObject({ method: "direct-code" });
});

test("a mail that cannot be sent is told as that", async () => {
  const { visitor } = await startSite({
    needTwoFactorAuthentication: () => true,
    sendTwoFactorAuthenticationCode: () => Promise.reject(new Error("no mail today")),
  });
  const anna = visitor();
  await anna.login();
  const answer = await anna.client.sendCode();
  expect(answer).toMatchObject({
    code: "STORE_UNAVAILABLE",
    reason: "delivery",
    retryAfterSeconds: expect.any(Number),
  });
});

test("a store that fails is told as such, and nothing passes", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  const store = memoryStore();
  let down = false;
  const get: typeof store.get = (id) => (down ? Promise.reject(new Error("down")) : store.get(id));
  const { visitor } = await startSite({ store: { ...store, get }, revalidateSeconds: 0 });
  const anna = visitor();
  await anna.login();
  await anna.enrol();
  down = true;
  expect(await anna.client.status()).toMatchObject({ code: "STORE_UNAVAILABLE", retryAfterSeconds: 5 });
  expect(await anna.profile()).toMatchObject({ status: 503, body: { code: "STORE_UNAVAILABLE" } });
});
