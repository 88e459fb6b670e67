import { describe, expect, test } from "vitest";
import type { Browser } from "../support/host";
import { startProcessesOn, startProcesses, stopClock } from "../support/processes";

const verify = "/two-factor/verify";

/** An owner who is elsewhere, and a browser that is locked out. */
async function lockedOut(given: Parameters<typeof startProcesses>[1] = {}) {
  const clock = stopClock();
  const [host] = startProcesses(1, given);
  const [owner, browser] = [host.browser(), host.browser()];
  await owner.login();
  await owner.enrol();
  await browser.login();
  await lock(browser, owner);
  return { clock, host, owner, browser };
}

async function lock(browser: Browser, owner: Browser): Promise<void> {
  for (const status of [422, 422, 429]) await browser.post(verify, { code: owner.wrongCode() }).expect(status);
}

const wrongRecoveryCode = "AAAA-BBBB-CCCC-DDDD";

describe("A lock stops guessable codes only", () => {
  test("a right recovery code passes while locked, whatever kind of lock it is, and ends it for nobody else", async () => {
    for (const lockout of [{ hardLimit: 3 }, {}, "until-reset"] as const) {
      const { owner, browser, host } = await lockedOut({ options: { lockout } });
      await browser.post(verify, { code: owner.code(1) }).expect(429);
      await browser.post(verify, { code: owner.recoveryCodes[0] }).expect(200);
      await browser.get("/page").expect(200);
      const stranger = host.browser();
      await stranger.login();
      await stranger.post(verify, { code: owner.code(2) }).expect(429);
    }
  });

  test("the page of the lock leads to the field for a recovery code, and the field is there", async () => {
    const { owner, browser } = await lockedOut();
    const page = await browser.visit(verify).expect(429);
    expect(page.text).toContain(`href="${verify}?with=recovery-code"`);
    const form = await browser.visit(`${verify}?with=recovery-code`).expect(200);
    expect(form.text).toContain('name="code"');
    await browser.submit(`${verify}?with=recovery-code`, { code: owner.recoveryCodes[1] }).expect(303);
  });

  test("a wrong one is no guess, locked or not; more than ten are not looked at, then one a minute", async () => {
    const { clock, owner, browser } = await lockedOut();
    for (let tries = 0; tries < 10; tries += 1) {
      const { body } = await browser.post(verify, { code: wrongRecoveryCode }).expect(422);
      expect(body).toMatchObject({ code: "INVALID_2FA_CODE", attemptsRemaining: 0 });
    }
    const refused = await browser.post(verify, { code: wrongRecoveryCode }).expect(429);
    const right = await browser.post(verify, { code: owner.recoveryCodes[0] }).expect(429);
    expect(right.body).toEqual(refused.body);
    expect(right.headers["retry-after"]).toBe("60");
    clock.later(60);
    await browser.post(verify, { code: owner.recoveryCodes[0] }).expect(200);
    expect((await owner.get("/two-factor")).body).toMatchObject({ recoveryCodesRemaining: 3 });
  });

  test("so it is over processes and PostgreSQL: of 30 right and wrong ones at once, what is right passes once", async () => {
    stopClock();
    const processes = await startProcessesOn("PostgreSQL", 2);
    const [owner, ...others] = await Promise.all(
      [0, 1, 0, 1].map(async (index) => {
        const browser = (processes[index] ?? processes[0]).browser();
        await browser.login();
        return browser;
      }),
    );
    await owner!.enrol();
    await lock(others[0]!, owner!);
    const answers = await Promise.all(others.map((browser) => browser.post(verify, { code: owner!.recoveryCodes[0] })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});
