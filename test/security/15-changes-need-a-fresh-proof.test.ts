import { describe, expect, test } from "vitest";
import { generateEncryptionKey, memoryStore, type TwoFactorOptions } from "../../src";
import type { Browser, HostUser } from "../support/host";
import { startProcesses, stopClock } from "../support/processes";

const at = (path: string) => `/two-factor${path}`;
const changes: [path: string, fields: object, refused: number][] = [
  ["/disable", {}, 403],
  ["/recovery-codes", {}, 403],
  ["/browsers/forget", {}, 403],
  ["/browsers/forget", { id: "any" }, 403],
  ["/setup", { replace: true }, 409],
];

async function enrolled(options: Partial<TwoFactorOptions<HostUser>> = {}) {
  const clock = stopClock();
  const [host] = startProcesses(1, { options });
  const owner = host.browser();
  await owner.login();
  await owner.enrol();
  const signIn = async (browser = host.browser()) => {
    await browser.login();
    return browser;
  };
  return { clock, host, owner, signIn };
}

const stateOf = async (browser: Browser) => {
  const { body } = await browser.get(at("")).expect(200);
  return body as { enabled: boolean; recoveryCodesRemaining: number; browsers: { id: string }[] };
};

describe("Who has a factor must prove it before changing any", () => {
  test.each(changes)("%s %o takes a proof of the last 300 s, or a code", async (path, fields, refused) => {
    const { clock, owner } = await enrolled();
    await owner.remember();
    clock.later(301);
    await owner.get("/page").expect(200);
    const { body } = await owner.post(at(path), fields).expect(refused);
    expect(body).toMatchObject(refused === 403 ? { code: "TWO_FACTOR_REQUIRED", reason: "recent" } : {});
    await owner.post(at(path), { ...fields, code: "12" }).expect(400);
    await owner.post(at(path), { ...fields, code: owner.wrongCode() }).expect(422);
    expect(await stateOf(owner)).toMatchObject({ enabled: true, recoveryCodesRemaining: 4 });
    expect((await stateOf(owner)).browsers).toHaveLength(1);
    await owner.post(at(path), { ...fields, code: owner.code() }).expect(200);
  });

  test.each(changes)("%s %o goes without a code up to then", async (path, fields) => {
    const { clock, owner } = await enrolled();
    clock.later(300);
    await owner.post(at(path), fields).expect(200);
  });

  test.each(changes)("a remembered browser is no such proof for %s %o", async (path, fields, refused) => {
    const { clock, owner, signIn } = await enrolled();
    await owner.remember();
    await owner.post("/logout").expect(200);
    await signIn(owner);
    await owner.get("/page").expect(200);
    await owner.post(at(path), fields).expect(refused);
    await owner.submit(at(path), { ...fields, code: "" }).expect(refused);
    clock.later(60);
    await owner.post(at(path), { ...fields, code: owner.code() }).expect(200);
  });

  test.each(changes)("nor is a direct code, for who has an authenticator: %s %o", async (path, fields, refused) => {
    const sent: string[] = [];
    const clock = stopClock();
    const [host] = startProcesses(1, {
      options: { directOtp: () => true, sendTwoFactorAuthenticationCode: (_user, code) => void sent.push(code) },
    });
    const owner = host.browser();
    await owner.login();
    await owner.get(at("/verify")).expect(200);
    await owner.post(at("/verify"), { code: sent[0] }).expect(200);
    await owner.enrol();
    const browser = host.browser();
    await browser.login();
    await browser.post(at("/verify/send")).expect(200);
    await browser.post(at("/verify"), { code: sent[1] }).expect(200);
    await browser.get("/page").expect(200);
    await browser.post(at(path), fields).expect(refused);
    clock.later(60);
    await browser.post(at("/verify/send")).expect(200);
    await browser.post(at(path), { ...fields, code: sent[2] }).expect(422);
    expect(await stateOf(browser)).toMatchObject({ enabled: true, recoveryCodesRemaining: 4 });
  });

  test("a code that proves a remembered browser gives its session a new id, as at any proof", async () => {
    const { clock, owner, signIn } = await enrolled();
    await owner.remember();
    await owner.post("/logout").expect(200);
    await signIn(owner);
    clock.later(60);
    const { headers } = await owner.post(at("/browsers/forget"), { code: owner.code() }).expect(200);
    expect(String(headers["set-cookie"])).toContain("connect.sid=");
    await owner.get("/page").expect(200);
  });

  test("the pages ask for a code where one is needed, and for a click where not", async () => {
    const { clock, owner } = await enrolled();
    for (const path of ["/disable", "/recovery-codes", "/setup"]) {
      expect((await owner.visit(at(path)).expect(200)).text.includes('name="code"')).toBe(false);
    }
    clock.later(301);
    for (const path of ["/disable", "/recovery-codes", "/setup"]) {
      expect((await owner.visit(at(path)).expect(200)).text.includes('name="code"')).toBe(true);
    }
    const forget = await owner.submit(at("/browsers/forget"), {}).expect(403);
    // Whoever has just clicked is asked, and not told of a mistake.
    expect(/role="alert"/.test(forget.text)).toBe(false);
    expect(/name="code"/.test(forget.text)).toBe(true);
  });

  test("whoever has direct codes alone proves anew before adding an authenticator", async () => {
    const clock = stopClock();
    const sent: string[] = [];
    const [host] = startProcesses(1, {
      options: { sendTwoFactorAuthenticationCode: (_user, code) => void sent.push(code) },
    });
    const browser = host.browser();
    await browser.login();
    await browser.get(at("/verify")).expect(200);
    await browser.post(at("/verify"), { code: sent[0] }).expect(200);
    clock.later(301);
    await browser.get("/page").expect(200);
    const { body } = await browser.post(at("/setup")).expect(403);
    expect(body).toMatchObject({ code: "TWO_FACTOR_REQUIRED", reason: "recent" });
    await browser.get(at("/setup")).expect(403);
    await browser.visit(at("/setup")).expect(303).expect("location", at("/verify"));
    await browser.visit(at("/verify")).expect(200);
    await browser.submit(at("/verify"), { code: sent[1] }).expect(303).expect("location", at("/setup"));
    expect((await browser.visit(at("/setup")).expect(200)).text.includes("two-factor-secret")).toBe(true);
  });

  test("a form that is older than what it wants to change is refused with 409, and shows how things are", async () => {
    const { owner } = await enrolled({ needTwoFactorAuthentication: () => "optional" });
    await owner.submit(at("/disable"), {}).expect(303).expect("location", at(""));
    for (const path of ["/disable", "/recovery-codes"]) {
      const page = await owner.submit(at(path), {}).expect(409);
      expect(/tf-badge-off[^]*role="alert"/.test(page.text)).toBe(true);
      expect((await owner.post(at(path)).expect(409)).body).toMatchObject({ code: "2FA_NOT_ENABLED" });
    }
    const { body } = await owner.post(at("/setup")).expect(200);
    const { secret } = body as { secret: string };
    await owner.post(at("/setup/verify"), { code: owner.code(0, secret) }).expect(200);
    for (const [path, fields] of [
      ["/setup/verify", { code: "123456" }],
      ["/setup", {}],
    ] as const) {
      const page = await owner.submit(at(path), fields).expect(409);
      expect(page.text.includes('role="alert"')).toBe(true);
      expect((await owner.post(at(path), fields).expect(409)).body).toMatchObject({ code: "TOTP_ALREADY_ENABLED" });
    }
  });

  test("a proof that is ended while a change is being written allows it no more", async () => {
    stopClock();
    const store = memoryStore();
    const meanwhile: { happens?: () => Promise<void> } = {};
    const slow: typeof store = {
      ...store,
      async compareAndSet(...args) {
        const { happens } = meanwhile;
        delete meanwhile.happens;
        await happens?.();
        return store.compareAndSet(...args);
      },
    };
    const options = { otpSecretEncryptionKey: generateEncryptionKey() };
    const [host] = startProcesses(1, { options: { ...options, store: slow } });
    const [elsewhere] = startProcesses(1, { options: { ...options, store } });
    const owner = host.browser();
    await owner.login();
    await owner.enrol();
    meanwhile.happens = () => elsewhere.tfa.forgetBrowsers("1");
    const { body } = await owner.post(at("/disable")).expect(409);
    expect(body).toMatchObject({ code: "CONFLICT" });
    expect(await host.tfa.status("1")).toMatchObject({ enabled: true });
  });

  test("of two that end each other's proof at once, one wins", async () => {
    const { host, owner, signIn } = await enrolled();
    const rival = await signIn();
    await rival.post(at("/verify"), { code: owner.code(1) }).expect(200);
    const [forgot, disabled] = await Promise.all([rival.post(at("/browsers/forget")), owner.post(at("/disable"))]);
    // Whichever came first ended the other's proof, before or while it was judged.
    expect([forgot.status, disabled.status].filter((status) => status === 200)).toHaveLength(1);
    expect(await host.tfa.status("1")).toMatchObject({ enabled: disabled.status !== 200 });
  });
});
