import { describe, expect, test } from "vitest";
import { later } from "../support/clock";
import type { Browser } from "../support/host";
import { startProcesses, stopClock } from "../support/processes";

const at = (path: string) => `/two-factor${path}`;

const count = (answers: readonly { status: number }[], status: number) =>
  answers.filter((answer) => answer.status === status).length;

async function newcomer() {
  const [host] = startProcesses(1);
  const browser = host.browser();
  await browser.login();
  return { host, browser };
}

async function enrolled() {
  stopClock();
  const { host, browser } = await newcomer();
  await browser.enrol();
  return { host, browser };
}

const atOnce = <Answer>(times: number, ask: () => PromiseLike<Answer>) =>
  Promise.all(Array.from({ length: times }, ask));

/** Five sets, one after the other: of those that are asked for at once, one is made. */
async function useUp(browser: Browser) {
  let last: { recoveryCodes: string[] } | undefined;
  for (let sets = 0; sets < 5; sets += 1) last = (await regenerate(browser).expect(200)).body as typeof last;
  return last;
}

const regenerate = (browser: Browser, code = "") => browser.post(at("/recovery-codes"), { code });

describe("What costs the server something and takes no code has a small budget per user.", () => {
  test.each<[string, (browser: Browser) => PromiseLike<{ status: number }>]>([
    ["GET /setup", (browser) => browser.visit(at("/setup"))],
    ["POST /setup", (browser) => browser.post(at("/setup"))],
  ])("sixty at once, by %s: twelve are drawn", async (_what, ask) => {
    const { browser } = await newcomer();
    await browser.visit(at("/setup")).expect(200);
    const answers = await atOnce(60, () => ask(browser));
    expect(count(answers, 429)).toBeGreaterThanOrEqual(47);
    expect(count(answers, 429)).toBeLessThan(60);
  });

  test("a typing error is told as such, however often; the picture is not drawn again and again for it", async () => {
    const { browser } = await newcomer();
    await browser.visit(at("/setup")).expect(200);
    const answers = await atOnce(60, () => browser.submit(at("/setup/verify"), { code: "1" }));
    expect(count(answers, 400)).toBe(60);
    const drawn = answers.filter(({ text }) => text.includes("<svg")).length;
    expect(drawn).toBeGreaterThan(3);
    expect(drawn).toBeLessThanOrEqual(13);
  });

  test("who is refused is told when to come again, as a page or a problem, and loses no set-up by it", async () => {
    const { host, browser } = await newcomer();
    browser.secret = ((await browser.post(at("/setup")).expect(200)).body as { secret: string }).secret;
    await atOnce(20, () => browser.visit(at("/setup")));
    const { body, headers } = await browser.post(at("/setup")).expect(429);
    expect(body).toMatchObject({
      code: "TOO_MANY_ATTEMPTS",
      reason: "too-soon",
      retryAfterSeconds: expect.any(Number),
    });
    expect(body).not.toHaveProperty("about");
    expect(Number(headers["retry-after"])).toBeLessThanOrEqual(5);
    const page = await browser.visit(at("/setup")).expect(429);
    expect(page.text).toMatch(/role="alert"[\s\S]*Nothing was changed[\s\S]*href="\/two-factor"/);
    expect(page.text).not.toContain("wrong codes");
    // Somebody else at the same address is not concerned.
    const other = host.browser();
    await other.login({ id: "2" });
    await other.visit(at("/setup")).expect(200);
    await browser.post(at("/setup/verify"), { code: browser.code() }).expect(200);
  });

  test("new recovery codes: five sets at once, then a wait that is no guess, no scrypt and no lost set", async () => {
    const { host, browser } = await enrolled();
    const last = await useUp(browser);
    expect(count(await atOnce(20, () => regenerate(browser)), 429)).toBe(20);
    const before = (await host.tfa.status("1")).activity.length;
    const { body } = await regenerate(browser, browser.wrongCode()).expect(429);
    expect(body).toMatchObject({ code: "TOO_MANY_ATTEMPTS", reason: "too-soon" });
    expect((await host.tfa.status("1")).activity).toHaveLength(before);
    const guess = await browser.post(at("/verify"), { code: browser.wrongCode() }).expect(422);
    expect(guess.body).toMatchObject({ attemptsRemaining: 2 });
    expect(last?.recoveryCodes).toHaveLength(4);
  });

  test("and they do not push what happened before out of the history", async () => {
    const { host, browser } = await enrolled();
    for (let times = 0; times < 4; times += 1) await regenerate(browser).expect(200);
    const types = (await host.tfa.status("1")).activity.map(({ type }) => type);
    expect(types).toEqual(["recovery-codes-regenerated", "enabled"]);
  });

  test("what is no code costs nothing of it", async () => {
    const { browser } = await enrolled();
    for (let times = 0; times < 8; times += 1) await browser.submit(at("/recovery-codes"), { code: "1" }).expect(400);
    await regenerate(browser).expect(200);
  });

  test("being asked for a code first costs nothing of it", async () => {
    const clock = stopClock();
    const { browser } = await enrolled();
    clock.later(301);
    for (let times = 0; times < 8; times += 1) await regenerate(browser).expect(403);
    await regenerate(browser, browser.code()).expect(200);
    for (let times = 0; times < 20; times += 1) await browser.post(at("/setup")).expect(409);
  });

  test("no clock that is set changes it", async () => {
    const { browser } = await enrolled();
    await useUp(browser);
    for (const days of [-400, 0, 400]) {
      later(days * 86_400);
      expect((await regenerate(browser)).status).not.toBe(200);
    }
  });
});
