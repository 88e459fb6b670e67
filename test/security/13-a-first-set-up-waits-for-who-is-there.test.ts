import { describe, expect, test } from "vitest";
import { stopClock } from "../support/clock";
import { startHost, type Browser, type HostOptions } from "../support/host";

const setup = "/two-factor/setup";

/** Somebody who need not set up, so that no login ends under them. */
async function newcomer(options: HostOptions["options"] = {}) {
  const clock = stopClock();
  const host = startHost({ options: { needTwoFactorAuthentication: () => false, maxLoginAttempts: 50, ...options } });
  const browser = host.browser();
  await browser.login();
  const { body } = await browser.post(setup).expect(200);
  browser.secret = (body as { secret: string }).secret;
  return { clock, host, browser };
}

const mistype = (browser: Browser) => browser.post(`${setup}/verify`, { code: browser.wrongCode() });
const confirm = (browser: Browser) => browser.post(`${setup}/verify`, { code: browser.code() });

describe("A wrong code gives a first set-up its time anew", () => {
  test("for the same key, in the same session, and each try counts", async () => {
    const { clock, browser, host } = await newcomer();
    clock.later(590);
    expect((await mistype(browser).expect(422)).body).toMatchObject({ attemptsRemaining: 49 });
    clock.later(590);
    const shown = await browser.get(setup).expect(200);
    expect(shown.body).toMatchObject({ secret: browser.secret });
    expect((await mistype(browser).expect(422)).body).toMatchObject({ attemptsRemaining: 48 });
    const other = host.browser();
    await other.login();
    await other.post(`${setup}/verify`, { code: browser.code() }).expect(410);
    await confirm(browser).expect(200);
  });

  test("but none for who does nothing, and thirty minutes in all", async () => {
    const idle = await newcomer();
    idle.clock.later(601);
    await confirm(idle.browser).expect(410);
    const busy = await newcomer();
    for (let minutes = 9; minutes < 30; minutes += 9) {
      busy.clock.later(540);
      await mistype(busy.browser).expect(422);
    }
    const { body } = await busy.browser.get(setup).expect(200);
    busy.clock.later(181);
    await confirm(busy.browser).expect(410);
    expect(new Date((body as { expiresAt: string }).expiresAt).getTime()).toBeLessThanOrEqual(Date.now());
  });

  test("and none past its login: whoever signs in anew begins anew", async () => {
    const { clock, browser } = await newcomer({ needTwoFactorAuthentication: () => true });
    clock.later(590);
    await mistype(browser).expect(422);
    await browser.post("/logout");
    await browser.login();
    await confirm(browser).expect(410);
  });

  test("a lock of its tries stays one", async () => {
    const { clock, browser } = await newcomer({ maxLoginAttempts: 2 });
    clock.later(590);
    await mistype(browser).expect(422);
    await mistype(browser).expect(429);
    await confirm(browser).expect(429);
  });

  test("what replaces an authenticator has its time, and no more", async () => {
    const { clock, browser } = await newcomer();
    await confirm(browser).expect(200);
    const old = browser.secret;
    const { body } = await browser.post(setup, { replace: true }).expect(200);
    browser.secret = (body as { secret: string }).secret;
    clock.later(290);
    await mistype(browser).expect(422);
    clock.later(311);
    await confirm(browser).expect(410);
    browser.secret = old;
    await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
  });
});
