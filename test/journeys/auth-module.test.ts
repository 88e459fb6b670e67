import { beforeEach, describe, expect, test } from "vitest";
import { later, stopClock } from "../support/clock";
import { startHost, type Host } from "../support/host";

// A team's own acceptance list for its auth module, titled in their words, over the pages and routes that they have.
const user = { id: "7", email: "ana@example.com" };
const twoMinutes = 120;

function authModule(): Host {
  return startHost({
    options: {
      path: "/auth/2fa",
      needTwoFactorAuthentication: () => "optional",
      setupValidForSeconds: twoMinutes,
      pendingLoginSeconds: twoMinutes,
      rememberBrowser: "never",
      cookie: { sameSite: "strict" },
    },
  });
}

beforeEach(() => void stopClock());

async function enrolled() {
  const host = authModule();
  const browser = host.browser();
  await browser.login(user);
  await browser.enrol("/auth/2fa");
  later(60);
  const login = host.browser();
  login.secret = browser.secret;
  await login.login(user);
  return { host, browser, login };
}

describe("Activation 2FA", () => {
  test("Génération du QR code", async () => {
    const browser = authModule().browser();
    await browser.login(user);
    const page = await browser.visit("/auth/2fa/setup").expect(200);
    expect(page.text).toContain("<svg");
    const json = await browser.post("/auth/2fa/setup").expect(200);
    expect(json.body).toEqual({
      secret: expect.stringMatching(/^[A-Z2-7]{32}$/) as string,
      otpauthUri: expect.stringMatching(/^otpauth:\/\/totp\//) as string,
      qrCode: expect.stringMatching(/^data:image\/png;base64,/) as string,
      expiresAt: new Date(Math.floor(Date.now() / 1000) * 1000 + twoMinutes * 1000).toISOString(),
    });
  });

  test("Validation avec code correct", async () => {
    const browser = authModule().browser();
    await browser.login(user);
    const done = await browser.enrol("/auth/2fa");
    expect(done.body).toEqual({ recoveryCodes: expect.any(Array) as string[], next: "/" });
    expect(browser.recoveryCodes).toHaveLength(10);
    expect((await browser.get("/auth/2fa").expect(200)).body).toMatchObject({ enabled: true, verified: true });
  });

  test("Rejet avec code incorrect", async () => {
    const browser = authModule().browser();
    await browser.login(user);
    browser.secret = ((await browser.post("/auth/2fa/setup")).body as { secret: string }).secret;
    const wrong = await browser.post("/auth/2fa/setup/verify", { code: browser.wrongCode() }).expect(422);
    expect(wrong.body).toMatchObject({ code: "INVALID_2FA_CODE", attemptsRemaining: 2 });
    await browser.post("/auth/2fa/setup/verify", { code: browser.code() }).expect(200);
  });

  test("Expiration de session (attendre 2 min)", async () => {
    const browser = authModule().browser();
    await browser.login(user);
    browser.secret = ((await browser.post("/auth/2fa/setup")).body as { secret: string }).secret;
    later(twoMinutes);
    const late = await browser.post("/auth/2fa/setup/verify", { code: browser.code() }).expect(410);
    expect(late.body).toMatchObject({ code: "SETUP_SESSION_EXPIRED" });
    const page = await browser.submit("/auth/2fa/setup/verify", { code: browser.code() });
    expect(page.status).toBe(410);
    expect(page.text).toContain('id="two-factor-secret"');
  });

  test("Trop de tentatives (3 codes incorrects)", async () => {
    const browser = authModule().browser();
    await browser.login(user);
    browser.secret = ((await browser.post("/auth/2fa/setup")).body as { secret: string }).secret;
    for (const status of [422, 422, 429, 429]) {
      const wrong = await browser.post("/auth/2fa/setup/verify", { code: browser.wrongCode() });
      expect(wrong.status).toBe(status);
    }
    later(61);
    await browser.post("/auth/2fa/setup/verify", { code: browser.code() }).expect(200);
  });
});

describe("Login avec 2FA", () => {
  test("Redirection automatique vers /2fa/verify", async () => {
    const { login } = await enrolled();
    const led = await login.visit("/profile").expect(303);
    expect(led.headers["location"]).toBe("/auth/2fa/verify");
  });

  test("Login réussi avec code correct", async () => {
    const { login } = await enrolled();
    await login.visit("/profile?tab=2").expect(303);
    const done = await login.post("/auth/2fa/verify", { code: login.code() }).expect(200);
    expect(done.body).toEqual({ next: "/profile?tab=2", method: "totp", recoveryCodesRemaining: 10 });
    expect((await login.visit("/profile?tab=2").expect(200)).text).toBe("behind the gate");
  });

  test("Rejet avec code incorrect", async () => {
    const { login } = await enrolled();
    const wrong = await login.post("/auth/2fa/verify", { code: login.wrongCode() }).expect(422);
    expect(wrong.body).toMatchObject({ code: "INVALID_2FA_CODE", attemptsRemaining: 2 });
    const malformed = await login.post("/auth/2fa/verify", { code: "12345" }).expect(400);
    expect(malformed.body).toMatchObject({ code: "VALIDATION_ERROR", field: "code" });
    await login.post("/auth/2fa/verify", { code: login.wrongCode() }).expect(422);
    const last = await login.post("/auth/2fa/verify", { code: login.wrongCode() }).expect(429);
    expect(last.body).toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
    expect(Number(last.headers["retry-after"])).toBeGreaterThan(50);
  });

  test("Expiration de session login", async () => {
    const { login } = await enrolled();
    await login.visit("/profile").expect(303);
    later(twoMinutes);
    const late = await login.post("/auth/2fa/verify", { code: login.code() }).expect(401);
    expect(late.body).toMatchObject({ code: "LOGIN_SESSION_EXPIRED" });
    const after = await login.post("/auth/2fa/verify", { code: login.code() }).expect(401);
    expect(after.body).toMatchObject({ code: "UNAUTHORIZED" });
  });
});

describe("Désactivation 2FA", () => {
  test("Désactivation réussie", async () => {
    const { browser } = await enrolled();
    const off = await browser.post("/auth/2fa/disable", { code: browser.code() }).expect(200);
    expect(off.body).toMatchObject({ success: true, enabled: false });
    expect((await browser.get("/auth/2fa").expect(200)).body).toMatchObject({ enabled: false });
  });

  test("Login direct après désactivation (pas de redirection 2FA)", async () => {
    const { browser, host } = await enrolled();
    await browser.post("/auth/2fa/disable", { code: browser.code() }).expect(200);
    const login = host.browser();
    await login.login(user);
    expect((await login.visit("/profile").expect(200)).text).toBe("behind the gate");
  });
});

describe("Edge cases", () => {
  test("Tentative d'accès à /2fa/setup sans être connecté", async () => {
    const browser = authModule().browser();
    const refused = await browser.get("/auth/2fa/setup").expect(401);
    expect(refused.body).toMatchObject({ code: "UNAUTHORIZED" });
  });

  test("Tentative d'activation alors que 2FA déjà active", async () => {
    const { browser } = await enrolled();
    const refused = await browser.post("/auth/2fa/setup").expect(409);
    expect(refused.body).toMatchObject({ code: "TOTP_ALREADY_ENABLED" });
  });

  test("Tentative de désactivation alors que 2FA pas active", async () => {
    const browser = authModule().browser();
    await browser.login(user);
    const refused = await browser.post("/auth/2fa/disable").expect(409);
    expect(refused.body).toMatchObject({ code: "2FA_NOT_ENABLED" });
  });
});
