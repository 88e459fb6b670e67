import { describe, expect, test, vi } from "vitest";
import { securityKeys } from "../../src/factors/security-keys";
import type { FirstEnrolment } from "../../src/options/values";
import type { HostOptions } from "../support/host";
import { onProcess, startProcesses, stopClock } from "../support/processes";
import { state, type WithClaims } from "../support/states";

const setup = "/two-factor/setup";
const madeAt = (req: unknown) => (req as WithClaims).auth?.iat ?? 0;

/** Somebody signed in who has nothing yet, on a host that demands something. */
async function notEnrolled(demand: () => unknown, given: HostOptions["options"] = {}) {
  const clock = stopClock();
  const sent: string[] = [];
  const processes = startProcesses(2, {
    options: {
      confirmFirstEnrolment: demand as () => FirstEnrolment,
      sendTwoFactorAuthenticationCode: (_, code) => void sent.push(code),
      directOtp: () => false,
      pendingLoginSeconds: 7200,
      ...(state !== "session" && { loginAt: madeAt }),
      ...given,
    },
  });
  const [host] = processes;
  const browser = host.browser();
  await browser.login();
  return { clock, sent, processes, host, browser };
}

describe("The host can guard the first enrolment too", () => {
  test('with "code": no key is shown before the code that was sent, by any way that begins a set-up', async () => {
    const { sent, browser } = await notEnrolled(() => "code", {
      factors: [securityKeys({ rpId: "example.com", origins: ["https://example.com"] })],
    });
    const page = await browser.visit(setup).expect(200);
    expect(page.text).toContain('name="code"');
    expect(page.text).not.toContain("two-factor-secret");
    expect(page.text).not.toContain("publicKey");
    expect(sent).toHaveLength(1);
    const asked = await browser.post(setup).expect(403);
    expect(asked.body).toMatchObject({ code: "ENROLMENT_CODE_REQUIRED", reason: "code-sent" });
    await browser.post("/two-factor/keys/options").expect(403);
    const keys = await browser.visit("/two-factor/keys").expect(200);
    expect(keys.text).toContain('name="code"');
    expect(keys.text).not.toContain("publicKey");
    await browser.post(`${setup}/verify`, { code: "123456" }).expect(410);
    // Loading the page again sends no other one.
    await browser.visit(setup).expect(200);
    expect(sent).toHaveLength(1);
    await browser.submit(setup, { code: sent[0] }).expect(303);
    expect((await browser.visit(setup).expect(200)).text).toContain("two-factor-secret");
    await browser.enrol();
    await browser.get("/page").expect(200);
  });

  test("a code is good once, for that session alone, and wrong ones count and lock", async () => {
    const { sent, browser, host, processes } = await notEnrolled(() => "code");
    const thief = host.browser();
    await thief.login();
    await browser.post(setup).expect(403);
    await browser.post(setup, { code: sent[0] }).expect(200);
    await onProcess(thief, processes[1] ?? host)
      .post(setup, { code: sent[0] })
      .expect(422);
    for (const status of [422, 429]) await thief.post(setup, { code: "000000" }).expect(status);
    await thief.post(setup).expect(429);
    // Who has confirmed goes on.
    await browser.enrol();
  });

  test("what it opened closes with the time of a set-up, and with a reset", async () => {
    const { clock, sent, browser, host } = await notEnrolled(() => "code", { setupValidForSeconds: 600 });
    const confirm = async () => {
      await browser.post(setup).expect(403);
      await browser.post(setup, { code: sent.at(-1) }).expect(200);
    };
    await confirm();
    clock.later(600);
    await browser.post(setup).expect(200);
    clock.later(1);
    await confirm();
    await browser.post(setup).expect(200);
    await host.tfa.reset("1", { reason: "the mailbox was read", by: "desk" });
    clock.later(30);
    await browser.post(setup).expect(403);
    expect(sent).toHaveLength(3);
  });

  test("a code that cannot be sent is told so, and can be asked for again", async () => {
    let broken = true;
    const sent: string[] = [];
    const { browser, clock } = await notEnrolled(() => "code", {
      sendTwoFactorAuthenticationCode: (_, code) => {
        if (broken) throw new Error("no mail server");
        sent.push(code);
      },
    });
    expect((await browser.post(setup).expect(503)).body).toMatchObject({ reason: "delivery" });
    broken = false;
    clock.later(30);
    await browser.post(setup).expect(403);
    await browser.post(setup, { code: sent[0] }).expect(200);
  });

  test("with { loginWithinSeconds }: an older login ends, and the next one sets up", async () => {
    const { clock, browser } = await notEnrolled(() => ({ loginWithinSeconds: 300 }));
    vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    await browser.post(setup).expect(200);
    clock.later(301);
    expect((await browser.post(setup).expect(401)).body).toMatchObject({ code: "LOGIN_SESSION_EXPIRED" });
    await browser.get("/page").expect(200);
    await browser.login();
    await browser.enrol();
  });

  test("`tfa.pending` tells when the login was, or the host does; a stolen session is too old", async () => {
    let loginAt: Date | undefined;
    const demand = () => ({ loginWithinSeconds: 300, ...(loginAt && { loginAt }) });
    const { clock, host, browser } = await notEnrolled(demand);
    const stolen = await browser.get("/page").expect(403);
    expect(stolen.body).toMatchObject({ code: "TWO_FACTOR_SETUP_REQUIRED" });
    loginAt = new Date(Date.now() - 301_000);
    await browser.visit(setup).expect(303).expect("location", "/login?reason=expired");
    // Of a clock that is set back, or a host that errs.
    await browser.login();
    loginAt = new Date(Date.now() + 301_000);
    await browser.visit(setup).expect(303).expect("location", "/login?reason=expired");
    const young = host.browser();
    await young.login();
    loginAt = new Date();
    clock.later(299);
    await young.post(setup).expect(200);
  });

  test("a reset with a code demands that alone", async () => {
    const { browser, host, sent } = await notEnrolled(() => "code");
    const enrolmentCode = await host.tfa.reset("1", { reason: "lost", by: "desk", enrolmentCode: true });
    await browser.login();
    await browser.post(setup, { enrolmentCode }).expect(200);
    await browser.enrol();
    expect(sent).toEqual([]);
  });

  test("who has a factor, or sets up nothing, is not asked", async () => {
    const { browser, host } = await notEnrolled(() => "none");
    await browser.enrol();
    await browser.post(setup, { replace: true, code: browser.code(1) }).expect(200);
    expect(await host.tfa.status("1")).toMatchObject({ enabled: true });
  });

  test("every other answer fails closed", async () => {
    let answer: unknown;
    const { browser } = await notEnrolled(() => answer);
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const wrong = [undefined, null, true, "Code", {}, { loginWithinSeconds: 0 }, { loginWithinSeconds: "5" }];
    for (answer of [...wrong, { loginWithinSeconds: 5, more: 1 }, { loginWithinSeconds: 5, loginAt: "now" }]) {
      await browser.post(setup).expect(500);
      await browser.visit(setup).expect(500);
    }
    const { browser: other } = await notEnrolled(() => "code", {
      sendTwoFactorAuthenticationCode: undefined as never,
      directOtp: undefined as never,
    });
    await other.post(setup).expect(500);
  });
});
