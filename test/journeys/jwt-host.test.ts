import { describe, expect, test } from "vitest";
import { twoFactorClient, type TwoFactorClientOptions } from "../../src/client";
import { expectDocumented } from "../client/openapi";
import { later, stopClock } from "../support/clock";
import { Browser, codeOf } from "../support/host";
import { startJwtHost, type JwtHost } from "../support/jwt-host";

/** The flow of an app whose login is a JWT in a cookie: set-up and code after the login, each with two minutes, and all its error codes. */
const alice = { email: "alice@example.com" };

async function enrolled() {
  stopClock();
  const host = await startJwtHost("cookie");
  const browser = new Browser(host.server);
  await browser.post("/auth/login", alice).expect(200);
  await browser.enrol("/auth/2fa");
  return { host, browser };
}

async function signingIn() {
  const { host, browser } = await enrolled();
  later(30);
  const login = new Browser(host.server);
  login.secret = browser.secret;
  const answer = await login.post("/auth/login", alice).expect(200);
  return { host, owner: browser, login, answer };
}

const codeIn = (answer: { body: unknown }): string => (answer.body as { code: string }).code;

describe("a front end with a JWT cookie", () => {
  test("activates it: QR code, a right code, recovery codes; nothing of ours is readable by a script", async () => {
    stopClock();
    const host = await startJwtHost("cookie", { needTwoFactorAuthentication: () => false });
    const browser = new Browser(host.server);
    const answer = await browser.post("/auth/login", alice).expect(200);
    expect(answer.body).toEqual({ requiresOtp: false, requiresOtpSetup: false, next: "/", require2FA: false });
    expect((await browser.get("/auth/me").expect(200)).body).toMatchObject({ has2FA: false });
    const begun = await browser.post("/auth/2fa/setup").expect(200);
    expect((begun.body as { qrCode: string }).qrCode).toMatch(/^data:image\/png/);
    expect((begun.headers["set-cookie"] as unknown as string[]).join()).toMatch(
      /^tfa_pending=[\w.-]+; .*; HttpOnly; SameSite=Lax$/,
    );
    const { secret } = begun.body as { secret: string };
    expect(codeIn(await browser.post("/auth/2fa/setup/verify", { code: "12" }).expect(400))).toBe("VALIDATION_ERROR");
    const wrong = await browser.post("/auth/2fa/setup/verify", { code: "000000" }).expect(422);
    expect(wrong.body).toMatchObject({ code: "INVALID_2FA_CODE", attemptsRemaining: 2 });
    const done = await browser.post("/auth/2fa/setup/verify", { code: codeOf(secret) }).expect(200);
    expect((done.body as { recoveryCodes: string[] }).recoveryCodes).toHaveLength(8);
    expect((await browser.get("/auth/me").expect(200)).body).toMatchObject({ has2FA: true });
  });

  test("an activation that takes longer than two minutes begins anew", async () => {
    stopClock();
    const browser = new Browser((await startJwtHost("cookie")).server);
    await browser.post("/auth/login", alice).expect(200);
    const { secret } = (await browser.post("/auth/2fa/setup").expect(200)).body as { secret: string };
    later(120);
    const late = await browser.post("/auth/2fa/setup/verify", { code: codeOf(secret) }).expect(410);
    expect(codeIn(late)).toBe("SETUP_SESSION_EXPIRED");
    await browser.enrol("/auth/2fa");
    await browser.get("/auth/me").expect(200);
  });

  test("signs in: the login says that a code is owed, and the code opens the rest", async () => {
    const { login, answer } = await signingIn();
    expect(answer.body).toEqual({
      requiresOtp: true,
      requiresOtpSetup: false,
      next: "/auth/2fa/verify",
      require2FA: true,
    });
    expect(codeIn(await login.get("/auth/me").expect(403))).toBe("TWO_FACTOR_REQUIRED");
    expect(codeIn(await login.post("/auth/2fa/setup").expect(403))).toBe("TWO_FACTOR_REQUIRED");
    await login.post("/auth/2fa/verify", { code: login.code() }).expect(200);
    await login.get("/auth/me").expect(200);
    expect(codeIn(await login.post("/auth/2fa/setup").expect(409))).toBe("TOTP_ALREADY_ENABLED");
  });

  test("three wrong codes lock, and two minutes end the login", async () => {
    const { host, login } = await signingIn();
    for (const status of [422, 422, 429]) {
      await login.post("/auth/2fa/verify", { code: login.wrongCode() }).expect(status);
    }
    expect(codeIn(await login.post("/auth/2fa/verify", { code: login.code() }).expect(429))).toBe("TOO_MANY_ATTEMPTS");
    await host.tfa.unlock("1");
    later(120);
    const late = await login.post("/auth/2fa/verify", { code: login.code() }).expect(401);
    expect(codeIn(late)).toBe("LOGIN_SESSION_EXPIRED");
    await login.get("/auth/me").expect(401);
    await login.post("/auth/login", alice).expect(200);
    await login.post("/auth/2fa/verify", { code: login.code() }).expect(200);
  });

  test("turns it off, and nobody who is not signed in reaches any of it", async () => {
    const { host, browser } = await enrolled();
    await browser.post("/auth/2fa/disable").expect(200);
    expect(codeIn(await browser.post("/auth/2fa/disable").expect(409))).toBe("2FA_NOT_ENABLED");
    const stranger = new Browser(host.server);
    for (const path of ["/setup", "/verify", "/disable"]) {
      expect(codeIn(await stranger.post(`/auth/2fa${path}`, { code: "123456" }).expect(401))).toBe("UNAUTHORIZED");
    }
  });

  test("signs out: the cookies that were copied before are a login without a proof", async () => {
    const { host, browser } = await enrolled();
    const copy = new Browser(host.server);
    for (const name of ["token", "tfa_proof"]) {
      copy.agent.jar.setCookie(`${name}=${browser.cookie(name)}; path=/`, "127.0.0.1", "/");
    }
    await copy.get("/auth/me").expect(200);
    await browser.post("/auth/logout").expect(200);
    await browser.get("/auth/me").expect(401);
    later(31);
    await copy.get("/auth/me").expect(403);
  });

  test("endpoints of other names: status, recovery codes and a recovery code instead of a code", async () => {
    const { login } = await signingIn();
    await login.post("/auth/2fa/verify", { code: login.code() }).expect(200);
    const fresh = await login.post("/auth/2fa/recovery-codes").expect(200);
    const { recoveryCodes } = fresh.body as { recoveryCodes: string[] };
    expect((await login.get("/auth/2fa").expect(200)).body).toMatchObject({ enabled: true, recoveryCodesRemaining: 8 });
    await login.post("/auth/login", alice).expect(200);
    const used = await login.post("/auth/2fa/verify", { code: recoveryCodes[0] }).expect(200);
    expect(used.body).toMatchObject({ method: "recovery-code", recoveryCodesRemaining: 7 });
    await login.get("/auth/me").expect(200);
  });
});

/** A phone: what it keeps, and the client over it. */
function phone({ url }: JwtHost) {
  const kept: { jwt?: string; token?: string } = {};
  const headers = () => ({
    ...(kept.jwt !== undefined && { Authorization: `Bearer ${kept.jwt}` }),
    ...(kept.token !== undefined && { "Two-Factor": kept.token }),
  });
  const documented: TwoFactorClientOptions["fetch"] = async (address, init) => {
    expect(init.credentials).toBe("omit");
    const answer = await fetch(address, init);
    expect(answer.headers.get("set-cookie")).toBeNull();
    const body = await answer.clone().text();
    const path = address.slice(`${url}/auth/2fa`.length) || "/";
    expectDocumented(init.method, path, answer.status, answer.headers.get("content-type"), body);
    return answer;
  };
  const client = twoFactorClient({
    origin: url,
    path: "/auth/2fa",
    headers: () => (kept.jwt === undefined ? {} : { Authorization: `Bearer ${kept.jwt}` }),
    token: { load: () => kept.token, save: (token) => (kept.token = token) },
    fetch: documented,
  });
  const send = async (method: string, path: string, fields?: object) => {
    const answer = await fetch(url + path, {
      method,
      headers: { accept: "application/json", "content-type": "application/json", ...headers() },
      ...(fields && { body: JSON.stringify(fields) }),
    });
    const body = (await answer.json()) as Record<string, unknown>;
    if (typeof body["token"] === "string") kept.token = body["token"];
    return { status: answer.status, body };
  };
  const logIn = async () => {
    delete kept.jwt;
    const { body } = await send("POST", "/auth/login", alice);
    kept.jwt = body["jwt"] as string;
    return body;
  };
  return { kept, client, send, logIn, me: async () => (await send("GET", "/auth/me")).status };
}

async function enrolledPhone(host: JwtHost) {
  const app = phone(host);
  await app.logIn();
  const begun = await app.client.beginSetup();
  if (!begun.ok) throw new Error(begun.code);
  const { secret } = begun;
  expect(await app.client.confirmSetup(codeOf(secret))).toMatchObject({ ok: true });
  return { app, secret };
}

describe("a native app without cookies", () => {
  test("sets up, signs in, and proves anew for what is grave", async () => {
    stopClock();
    const host = await startJwtHost("token");
    const fresh = phone(host);
    expect(await fresh.logIn()).toMatchObject({ requiresOtpSetup: true });
    expect(await fresh.me()).toBe(403);
    const { app, secret } = await enrolledPhone(host);
    expect(await app.me()).toBe(200);
    later(60);
    const other = phone(host);
    expect(await other.logIn()).toMatchObject({ requiresOtp: true, next: "/auth/2fa/verify" });
    expect(await other.me()).toBe(403);
    expect(await other.client.status()).toMatchObject({ ok: false, code: "TWO_FACTOR_REQUIRED" });
    expect(await other.client.verify("000000")).toMatchObject({ ok: false, code: "INVALID_2FA_CODE" });
    expect(await other.client.verify(codeOf(secret))).toMatchObject({ ok: true, method: "totp" });
    expect(await other.me()).toBe(200);
    expect(await other.send("POST", "/payout", {})).toMatchObject({ status: 200 });
    later(61);
    const asked = await other.send("POST", "/payout", {});
    expect(asked).toMatchObject({ status: 403, body: { code: "TWO_FACTOR_REQUIRED", reason: "recent" } });
    expect(await other.client.verify(codeOf(secret))).toMatchObject({ ok: true });
    expect(await other.send("POST", "/payout", {})).toMatchObject({ status: 200 });
  });

  test("signs out, and what was copied before is no proof; the login that follows is asked again", async () => {
    stopClock();
    const host = await startJwtHost("token", { revalidateSeconds: 0 });
    const { app, secret } = await enrolledPhone(host);
    const copy = phone(host);
    Object.assign(copy.kept, app.kept);
    expect(await copy.me()).toBe(200);
    expect(await app.send("POST", "/auth/logout", {})).toMatchObject({ status: 200 });
    expect(await copy.me()).toBe(403);
    expect(await app.logIn()).toMatchObject({ requiresOtp: true });
    later(30);
    expect(await app.client.verify(codeOf(secret))).toMatchObject({ ok: true });
    expect(await app.me()).toBe(200);
  });

  test("after a reset signs in anew before it sets up again", async () => {
    stopClock();
    const host = await startJwtHost("token", { revalidateSeconds: 0 });
    const { app } = await enrolledPhone(host);
    later(10);
    await host.tfa.reset("1", { reason: "lost", by: "support" });
    expect(await app.me()).toBe(401);
    expect(await app.client.beginSetup()).toMatchObject({ ok: false, code: "LOGIN_SESSION_EXPIRED" });
    expect(await app.logIn()).toMatchObject({ requiresOtpSetup: true });
    expect(await app.client.beginSetup()).toMatchObject({ ok: true });
  });

  test("a remembered device is not asked at the next sign-in", async () => {
    stopClock();
    const host = await startJwtHost("token", { rememberBrowser: "ask" });
    const { app, secret } = await enrolledPhone(host);
    later(30);
    await app.logIn();
    expect(await app.client.verify(codeOf(secret), { remember: true })).toMatchObject({ ok: true });
    expect(await app.logIn()).toMatchObject({ requiresOtp: false });
    expect(await app.me()).toBe(200);
  });
});

test("a machine passes where the predicate says so of its verified token, and a header alone says nothing", async () => {
  const host = await startJwtHost("cookie", {
    needTwoFactorAuthentication: (_user, req) =>
      (req as { auth?: { kind?: string } }).auth?.kind === "machine" ? "never" : true,
    loginId: (req) => {
      const { auth } = req as { auth?: { kind?: string; jti: string } };
      return auth?.kind === "machine" ? undefined : auth?.jti;
    },
  });
  const ask = (token: string) =>
    fetch(`${host.url}/auth/me`, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status);
  const browser = new Browser(host.server);
  await browser.post("/auth/login", alice).expect(200);
  expect(await ask(await host.machineToken("1"))).toBe(200);
  expect([await ask(browser.cookie("token") ?? ""), await ask("made-up")]).toEqual([403, 401]);
  // Set-up is closed to it: nobody who has stolen its key makes a factor of it.
  const machine = { authorization: `Bearer ${await host.machineToken("1")}`, accept: "application/json" };
  const setup = await fetch(`${host.url}/auth/2fa/setup`, { method: "POST", headers: machine });
  expect([setup.status, codeIn({ body: await setup.json() })]).toEqual([403, "SETUP_NOT_OFFERED"]);
});
