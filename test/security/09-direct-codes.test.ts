import { describe, expect, test, vi } from "vitest";
import type { StoredRecord, TwoFactorOptions } from "../../src";
import { memoryStore } from "../../src";
import type { Browser, HostUser } from "../support/host";
import { startProcesses, stopClock } from "../support/processes";

const verify = "/two-factor/verify";
const send = `${verify}/send`;

type Delivery = "ok" | "fails" | "hangs";

async function served(options: Partial<TwoFactorOptions<HostUser>> = {}, processes = 1) {
  const clock = stopClock();
  const store = memoryStore();
  const mails: string[] = [];
  const post: { delivery: Delivery } = { delivery: "ok" };
  const sendTwoFactorAuthenticationCode = (_user: HostUser, code: string) => {
    mails.push(code);
    if (post.delivery === "fails") throw new Error(`no mail for ${code}`);
    return post.delivery === "hangs" ? new Promise<never>(() => undefined) : undefined;
  };
  const hosts = startProcesses(processes, { options: { store, sendTwoFactorAuthenticationCode, ...options } });
  const signIn = async (index = 0) => {
    const browser = (hosts[index % processes] ?? hosts[0]).browser();
    await browser.login();
    return browser;
  };
  const record = async () => (await store.get('["user","1"]')) as StoredRecord;
  return { clock, store, mails, post, host: hosts[0], browser: await signIn(), signIn, record };
}

const direct = async (browser: Browser) => ((await browser.get(verify).expect(200)).body as { direct: object }).direct;
const wrongFor = (mails: readonly string[]) =>
  ["000000", "000001", "000002", "000003", "000004"].find((code) => !mails.includes(code));

describe("Direct codes are hashed, expire, and a new one voids the old once it is sent.", () => {
  test("whoever they serve is challenged by a sent code, and not led to set-up", async () => {
    const { browser, mails, record } = await served({ directOtpLength: 8 });
    await browser.visit("/page").expect(303).expect("location", verify);
    expect(mails).toEqual([]);
    const page = await browser.visit(verify).expect(200);
    expect(mails).toEqual([expect.stringMatching(/^\d{8}$/)]);
    expect(page.text).not.toContain(mails[0]);
    expect((await record()).record).not.toContain(mails[0]);
    const { body } = await browser.post(verify, { code: mails[0] }).expect(200);
    expect(body).toMatchObject({ method: "direct-code" });
    await browser.get("/page").expect(200);
  });

  test("a code ends after `directOtpValidForSeconds`; opening the page then sends another", async () => {
    const { browser, clock, mails } = await served({ directOtpValidForSeconds: 120 });
    await browser.get(verify).expect(200);
    clock.later(120);
    await browser.post(verify, { code: mails[0] }).expect(422);
    expect(await direct(browser)).toMatchObject({ sent: true });
    await browser.post(verify, { code: mails[1] }).expect(200);
  });

  test("a new code voids the old one", async () => {
    const { browser, clock, mails } = await served();
    await browser.get(verify).expect(200);
    clock.later(30);
    await browser.post(send).expect(200);
    expect(mails).toHaveLength(2);
    await browser.post(verify, { code: mails[0] }).expect(422);
    await browser.post(verify, { code: mails[1] }).expect(200);
  });

  test("however many pages open at once, on several processes, one code is sent", async () => {
    const { mails, signIn } = await served({}, 4);
    const browsers = await Promise.all(Array.from({ length: 20 }, (_, index) => signIn(index)));
    const answers = await Promise.all(browsers.flatMap((browser) => [browser.get(verify), browser.post(send)]));
    expect(mails).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
    expect(await direct(browsers[0] as Browser)).toEqual({ sent: true, canSendAgainInSeconds: 30 });
  });

  test.each([
    ["HEAD", (browser: Browser) => browser.agent.head(verify).set("accept", "text/html")],
    ["a prefetch", (browser: Browser) => browser.visit(verify).set("sec-purpose", "prefetch")],
    ["a link on another site", (browser: Browser) => browser.visit(verify).set("sec-fetch-site", "cross-site")],
    ["a post from another site", (browser: Browser) => browser.post(send).set("origin", "https://evil.example")],
    ["GET", (browser: Browser) => browser.get(send)],
  ])("%s sends none", async (_what, ask) => {
    const { browser, mails } = await served();
    await ask(browser);
    expect(mails).toEqual([]);
    expect(await direct(browser)).toMatchObject({ sent: true });
  });

  test("the cool-down is kept over sessions and a right code, and said", async () => {
    const { browser, clock, mails, signIn } = await served();
    await browser.get(verify).expect(200);
    const early = await (await signIn()).post(send).expect(429);
    expect(early.headers["retry-after"]).toBe("30");
    expect(early.body).toMatchObject({ code: "TOO_MANY_ATTEMPTS", reason: "too-soon" });
    const page = await browser.submit(send, {}).expect(429);
    expect(page.text).toMatch(/role="alert"[\s\S]*Too soon[\s\S]*name="code"/);
    await browser.post(verify, { code: mails[0] }).expect(200);
    await browser.post(send).expect(429);
    expect(mails).toHaveLength(1);
    clock.later(30);
    await browser.post(send).expect(200);
  });

  test("who used the code and signs in again is sent another at once, and one only", async () => {
    const { browser, mails, signIn } = await served();
    await browser.get(verify).expect(200);
    await browser.post(verify, { code: mails[0] }).expect(200);
    const again = await signIn();
    for (let times = 0; times < 3; times += 1) expect(await direct(again)).toMatchObject({ sent: true });
    expect(mails).toHaveLength(2);
    await again.post(verify, { code: mails[1] }).expect(200);
  });

  test("who owes no proof is sent none by looking at the page", async () => {
    const { browser, mails } = await served();
    await browser.get(verify).expect(200);
    await browser.post(verify, { code: mails[0] }).expect(200);
    await browser.get(verify).expect(200);
    const optional = await served({ needTwoFactorAuthentication: () => "optional" });
    await optional.browser.get(verify).expect(200);
    expect([mails.length, optional.mails.length]).toEqual([1, 0]);
  });

  test.each([0, 30])("with a cool-down of %i s, codes that nobody uses are sent ever more rarely", async (seconds) => {
    const { browser, clock, mails } = await served({ directOtpResendAfterSeconds: seconds });
    for (let second = 0; second < 3600; second += 30) {
      await browser.login();
      await browser.post(send);
      await browser.post(send);
      clock.later(30);
    }
    // At first quickly; then one in `directOtpValidForSeconds`.
    expect(mails.length).toBeGreaterThanOrEqual(12);
    expect(mails.length).toBeLessThanOrEqual(20);
  });

  test("whoever keeps asking with a stolen password never keeps the owner without a live code for longer than one lasts", async () => {
    const { browser: thief, clock, mails, signIn } = await served();
    for (let times = 0; times < 200; times += 1) {
      await thief.post(send);
      clock.later(29);
      if (times % 40 !== 39) continue;
      const owner = await signIn();
      const told = await direct(owner);
      if (!(told as { sent: boolean }).sent) {
        clock.later((told as { canSendAgainInSeconds: number }).canSendAgainInSeconds);
        expect((told as { canSendAgainInSeconds: number }).canSendAgainInSeconds).toBeLessThanOrEqual(300);
        expect(await direct(owner)).toMatchObject({ sent: true });
      }
      // The newest mail works; nobody has used one before.
      if (times === 199) await owner.post(verify, { code: mails.at(-1) }).expect(200);
    }
    expect(mails.length).toBeLessThan(40);
  });

  test("that sending is limited is told as what it is, and once: a status, an event, a line in the history, words", async () => {
    const told: string[] = [];
    const { browser, clock, mails, host, signIn } = await served({ onEvent: ({ type }) => told.push(type) });
    const limits = () => told.filter((type) => type === "code-sending-limited").length;
    for (let times = 0; times < 5; times += 1) {
      await browser.post(send).expect(200);
      clock.later(30);
    }
    expect([limits(), (await host.tfa.status("1")).sending]).toEqual([0, undefined]);
    await browser.post(send).expect(200);
    const limitedUntil = new Date(Date.now() + 60_000);
    expect(await host.tfa.status("1")).toMatchObject({ locked: false, sending: { limitedUntil } });
    expect((await host.tfa.status("1")).activity[0]).toMatchObject({ type: "code-sending-limited" });
    expect(await direct(browser)).toMatchObject({ sent: true, limitedUntil: limitedUntil.toISOString() });
    expect((await browser.visit(verify).expect(200)).text).toContain("again and again");
    for (let times = 0; times < 40; times += 1) {
      await (await signIn()).post(send);
      clock.later(60);
    }
    expect(limits()).toBe(1);
    // The right code ends it.
    const owner = await signIn();
    await owner.get(verify).expect(200);
    await owner.post(verify, { code: mails.at(-1) }).expect(200);
    expect((await host.tfa.status("1")).sending).toBeUndefined();
    expect((await owner.get("/two-factor").expect(200)).body).not.toHaveProperty("sending");
  });

  test("asking all day long sends at most 300 codes, and pushes nothing else out of the history", async () => {
    const { browser, clock, mails, host } = await served();
    for (let second = 0; second < 86_400; second += 30) {
      if (second % 540 === 0) await browser.login();
      // From another browser each time, as far as it says.
      await browser
        .post(send)
        .set("user-agent", ["Firefox/140.0", "Chrome/140.0", "Edg/140.0"][(second / 30) % 3] ?? "");
      clock.later(30);
    }
    expect(mails.length).toBeLessThanOrEqual(300);
    expect((await host.tfa.status("1")).activity.length).toBeLessThanOrEqual(6);
  }, 120_000);

  test("a delivery that fails says so, and leaves the old code valid", async () => {
    const { browser, clock, mails, post } = await served();
    await browser.get(verify).expect(200);
    clock.later(30);
    post.delivery = "fails";
    const { body } = await browser.post(send).expect(503);
    expect(body).toMatchObject({ code: "STORE_UNAVAILABLE", reason: "delivery" });
    expect(JSON.stringify(body)).not.toContain(mails[1]);
    await browser.post(verify, { code: mails[1] }).expect(422);
    await browser.post(verify, { code: mails[0] }).expect(200);
  });

  test("the first delivery that fails says so on the page that it opens", async () => {
    const { browser, signIn, clock, post } = await served();
    post.delivery = "fails";
    const { body } = await browser.get(verify).expect(200);
    expect(body).toMatchObject({ direct: { sent: false, deliveryFailed: true } });
    clock.later(30);
    const page = await (await signIn()).visit(verify).expect(200);
    expect(page.text).toMatch(/role="alert"[\s\S]*could not send/);
  });

  test("a delivery that hangs is given up, says so, and leaves the old code valid", async () => {
    const { browser, clock, mails, post } = await served({ directOtpResendAfterSeconds: 0 });
    await browser.get(verify).expect(200);
    clock.later(1);
    post.delivery = "hangs";
    const hanging = browser.post(send).then((answer) => answer);
    await vi.waitFor(() => expect(mails).toHaveLength(2));
    await browser.post(send).expect(429);
    expect((await hanging).status).toBe(503);
    expect(mails).toHaveLength(2);
    await browser.post(verify, { code: mails[0] }).expect(200);
  }, 60_000);

  test("while the sender has not answered, its code is good already", async () => {
    const { browser, mails, post } = await served();
    post.delivery = "hangs";
    const opening = browser.get(verify).then((answer) => answer);
    await vi.waitFor(() => expect(mails).toHaveLength(1));
    await browser.post(verify, { code: mails[0] }).expect(200);
    await opening;
  }, 60_000);

  test("wrong codes lock as any others do, and a locked account is sent nothing", async () => {
    const { browser, clock, mails, signIn } = await served();
    await browser.get(verify).expect(200);
    const code = wrongFor(mails);
    for (const status of [422, 422, 429]) await browser.post(verify, { code }).expect(status);
    await browser.post(verify, { code: mails[0] }).expect(429);
    clock.later(45);
    expect((await browser.post(send).expect(429)).headers["retry-after"]).toBe("15");
    await (await signIn()).visit(verify).expect(429);
    expect(mails).toHaveLength(1);
    clock.later(15);
    await browser.post(send).expect(200);
    await browser.post(verify, { code: mails[1] }).expect(200);
  });

  test("with an authenticator, one lock bounds both, and codes are sent only when asked for", async () => {
    const { browser, mails, signIn, clock } = await served({ directOtp: () => true });
    await browser.get(verify).expect(200);
    await browser.post(verify, { code: mails[0] }).expect(200);
    await browser.enrol();
    clock.later(60);
    const other = await signIn();
    expect(await direct(other)).toMatchObject({ sent: false });
    await other.post(send).expect(200);
    await other.post(verify, { code: browser.wrongCode() }).expect(422);
    await other.post(verify, { code: wrongFor([...mails, browser.code()]) }).expect(422);
    await other.post(verify, { code: browser.wrongCode() }).expect(429);
    await other.post(verify, { code: mails[1] }).expect(429);
    clock.later(60);
    await other.post(verify, { code: mails[1] }).expect(200);
  });

  test("whom they serve no longer cannot use one that was sent", async () => {
    let serves = true;
    const { browser, mails } = await served({ directOtp: () => serves });
    await browser.get(verify).expect(200);
    await browser.post(verify, { code: mails[0] }).expect(200);
    await browser.enrol();
    await browser.post(send).expect(200);
    serves = false;
    await browser.post(verify, { code: mails[1] }).expect(422);
  });
});
