import { describe, expect, test, vi } from "vitest";
import type { TwoFactorOptions } from "../../src";
import type { FirstEnrolment } from "../../src/options/values";
import { bringLogin, carry, loginTextOf } from "../support/carrying";
import { startHost, type Browser, type Host, type HostUser } from "../support/host";
import { stopClock } from "../support/processes";
import { state, type WithClaims } from "../support/states";

const setup = "/two-factor/setup";
const madeAt = (req: unknown) => (req as WithClaims).auth?.iat ?? 0;
const withoutSessions = state === "session" ? {} : { loginAt: madeAt };

interface Sent {
  id: unknown;
  code: string;
}

/** A host that demands something of the first set-up of everybody, and what it has sent. */
function guarded(demand: FirstEnrolment, options: Partial<TwoFactorOptions<HostUser>> = {}) {
  const clock = stopClock();
  const sent: Sent[] = [];
  const host = startHost({
    mount: (app, tfa) => {
      app.get("/pending", (req, res, next) => void tfa.pending(req).then((owed) => res.json(owed), next));
      app.use(tfa);
    },
    options: {
      confirmFirstEnrolment: () => demand,
      sendTwoFactorAuthenticationCode: ({ id }, code) => void sent.push({ id, code }),
      directOtp: () => false,
      pendingLoginSeconds: 7200,
      revalidateSeconds: 0,
      ...withoutSessions,
      ...options,
    },
  });
  const codeOf = (id: string) => sent.findLast((one) => one.id === id)?.code ?? "";
  return { clock, host, codeOf };
}

async function signedIn(host: Host, id = "1"): Promise<Browser> {
  const browser = host.browser();
  await browser.login({ id, email: `${id}@example.com` });
  return browser;
}

const asked = async (host: Host, id?: string) => {
  const browser = await signedIn(host, id);
  await browser.post(setup).expect(403);
  return browser;
};

/** No key, by whatever way a set-up could go on. */
async function expectNoKey(browser: Browser, status: number): Promise<void> {
  for (const fields of [{}, { replace: true }, { enrolmentCode: "AAAA-BBBB-CCCC-DDDD" }]) {
    const { text } = await browser.post(setup, fields).expect(status);
    expect(text).not.toContain("otpauth");
  }
  const { status: confirmed } = await browser.post(`${setup}/verify`, { code: "123456" });
  expect(confirmed).not.toBe(200);
}

describe('The host can guard the first enrolment too: with "code"', () => {
  test("that of another user opens nothing", async () => {
    const { host, codeOf } = guarded("code");
    const [one, two] = [await asked(host), await asked(host, "2")];
    if (codeOf("1") !== codeOf("2")) {
      await one.post(setup, { code: codeOf("2") }).expect(422);
      await two.post(setup, { code: codeOf("1") }).expect(422);
    }
    await expectNoKey(two, 403);
    await one.post(setup, { code: codeOf("1") }).expect(200);
  });

  test("it is used up: in the session that gave it as in any other", async () => {
    const { clock, host, codeOf } = guarded("code", { setupValidForSeconds: 60 });
    const [one, two] = [await asked(host), await signedIn(host)];
    const code = codeOf("1");
    await one.post(setup, { code }).expect(200);
    await two.post(setup, { code }).expect(422);
    const soon = await two.post(setup).expect(429);
    expect(soon.body).toMatchObject({ reason: "too-soon", title: "Too often in a short time" });
    clock.later(30);
    await expectNoKey(two, 403);
    clock.later(31);
    await one.post(setup, { code }).expect(422);
  });

  test("one that went out before a reset is worth nothing after it, nor is what it has opened", async () => {
    const { clock, host, codeOf } = guarded("code");
    const [one, two] = [await asked(host), await signedIn(host)];
    const code = codeOf("1");
    await host.tfa.reset("1", { reason: "the mailbox was read", by: "desk" });
    clock.later(1);
    await two.post(setup, { code }).expect((answer) => expect(answer.status).toBeGreaterThan(400));
    for (const browser of [one, two]) {
      const { body } = await browser.post(setup);
      expect(body).not.toHaveProperty("secret");
    }
    // Who signs in after it is asked for a new one, and gets on with that.
    const owner = await signedIn(host);
    await owner.post(setup, { code }).expect(422);
    clock.later(60);
    await owner.post(setup).expect(403);
    expect(codeOf("1")).not.toBe(code);
    await owner.post(setup, { code: codeOf("1") }).expect(200);
  });

  test("it ends with its time", async () => {
    const { clock, host, codeOf } = guarded("code", { directOtpValidForSeconds: 300 });
    const one = await asked(host);
    clock.later(301);
    await one.post(setup, { code: codeOf("1") }).expect(422);
    await expectNoKey(one, 403);
  });

  test("a set-up that was begun with it does not outlive a reset", async () => {
    const { clock, host, codeOf } = guarded("code");
    const one = await asked(host);
    const { body } = await one.post(setup, { code: codeOf("1") }).expect(200);
    one.secret = (body as { secret: string }).secret;
    await host.tfa.reset("1", { reason: "the mailbox was read", by: "desk" });
    clock.later(1);
    await one.post(`${setup}/verify`, { code: one.code() }).expect((answer) => expect(answer.status).not.toBe(200));
    expect((await host.tfa.status("1")).enabled).toBe(false);
  });
});

describe("The host can guard the first enrolment too: with { loginWithinSeconds }", () => {
  const warned = () => vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);

  test("a stale login stays stale, beside whatever fresh one there is", async () => {
    warned();
    const { clock, host } = guarded({ loginWithinSeconds: 300 });
    const stale = await signedIn(host);
    await stale.post(setup).expect(200);
    clock.later(301);
    const fresh = await signedIn(host);
    await fresh.post(setup).expect(200);
    const ended = await stale.post(setup).expect(401);
    expect(ended.body).toMatchObject({ code: "LOGIN_SESSION_EXPIRED" });
    await fresh.enrol();
  });

  test.each(["/pending", "/page"])("a login of before a reset is no new one after it (known by %s)", async (seenAt) => {
    const { clock, host } = guarded({ loginWithinSeconds: 300 });
    await (await signedIn(host)).enrol();
    const stale = await signedIn(host);
    await stale.get(seenAt);
    clock.later(301);
    await host.tfa.reset("1", { reason: "lost", by: "desk" });
    await expectNoKey(stale, 401);
    await (await signedIn(host)).enrol();
  });

  test("nor is one that was proven, and whose second factor was turned off in it", async () => {
    const { clock, host } = guarded({ loginWithinSeconds: 300 }, { needTwoFactorAuthentication: () => false });
    const first = await signedIn(host);
    await first.enrol();
    const proven = await signedIn(host);
    proven.secret = first.secret;
    await proven.get("/page").expect(403);
    clock.later(60);
    await proven.post("/two-factor/verify", { code: proven.code() }).expect(200);
    clock.later(60);
    await proven.post("/two-factor/disable", { code: proven.code() }).expect(200);
    clock.later(301);
    await expectNoKey(proven, 401);
  });

  test("what was begun in time is shown no more once the login is too old; who has scanned it confirms", async () => {
    warned();
    const { clock, host } = guarded({ loginWithinSeconds: 300 });
    const owner = await signedIn(host);
    owner.secret = ((await owner.post(setup).expect(200)).body as { secret: string }).secret;
    clock.later(301);
    const wrong = await owner.submit(`${setup}/verify`, { code: owner.wrongCode() }).expect(422);
    expect(wrong.text).not.toMatch(/otpauth|[A-Z2-7]{4} [A-Z2-7]{4} [A-Z2-7]{4}/);
    await owner.post(`${setup}/verify`, { code: owner.code() }).expect(200);
    const left = await signedIn(host, "2");
    await left.post(setup).expect(200);
    clock.later(301);
    expect((await left.get(setup).expect(401)).text).not.toContain("otpauth");
    await left.post(`${setup}/verify`, { code: "123456" }).expect(401);
  });

  test("the option loginAt tells, and nothing that a client leaves out makes a login younger", async () => {
    if (state === "session") return;
    const { clock, host } = guarded({ loginWithinSeconds: 300 });
    const stolen = await signedIn(host);
    const login = loginTextOf(stolen);
    clock.later(299);
    await stolen.post(setup).expect(200);
    clock.later(2);
    const thief = host.browser();
    bringLogin(thief, login);
    carry(thief, {});
    expect((await thief.post(setup).expect(401)).body).toMatchObject({ code: "LOGIN_SESSION_EXPIRED" });
    await (await signedIn(host)).post(setup).expect(200);
  });

  test("without sessions and without a time of the login it is a mistake, told to the operator; no key is shown", async () => {
    if (state === "session") return;
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { host } = guarded({ loginWithinSeconds: 300 }, { loginAt: undefined as never });
    const browser = await signedIn(host);
    await expectNoKey(browser, 500);
    expect(String(log.mock.calls[0])).toContain("needs the option loginAt");
  });

  test("the time beside it goes before that of the option", async () => {
    const at = new Date();
    const { clock, host } = guarded({ loginWithinSeconds: 300, loginAt: at });
    clock.later(301);
    await (await signedIn(host)).post(setup).expect(401);
  });

  test("a clock that is set back makes no login young, and the next login sets up", async () => {
    warned();
    const { clock, host } = guarded({ loginWithinSeconds: 300 });
    const browser = await signedIn(host);
    await browser.post(setup).expect(200);
    clock.later(-3600);
    await browser.post(setup).expect(401);
    await browser.login();
    await browser.enrol();
    await browser.get("/page").expect(200);
  });
});
