import session from "express-session";
import { describe, expect, test } from "vitest";
import type { Browser } from "../support/host";
import { keepLog, startProcesses, stopClock } from "../support/processes";

const verify = "/two-factor/verify";
const remaining = async (browser: Browser, code: string) =>
  ((await browser.post(verify, { code }).expect(422)).body as { attemptsRemaining: number }).attemptsRemaining;

async function twoBrowsers(given: Parameters<typeof startProcesses>[1] = {}) {
  stopClock();
  const [process] = startProcesses(1, given);
  const owner = process.browser();
  await owner.login();
  await owner.enrol();
  const browser = process.browser();
  await browser.login();
  return { process, owner, browser };
}

describe("Only a right code of a live factor resets the count.", () => {
  test("a used code, a malformed one, a page, a logout and a new login leave it as it is", async () => {
    const { process, owner, browser } = await twoBrowsers();
    expect(await remaining(browser, owner.wrongCode())).toBe(2);
    await browser.post(verify, { code: owner.code() }).expect(409);
    await browser.post(verify, { code: "12" }).expect(400);
    await browser.visit(verify).expect(200);
    await owner.post("/two-factor/recovery-codes").expect(200);
    await browser.post("/logout").expect(200);
    const again = process.browser();
    await again.login();
    expect(await remaining(again, owner.wrongCode())).toBe(1);
  });

  test("a right code does, of the authenticator or a recovery code", async () => {
    const { owner, browser } = await twoBrowsers();
    for (const right of [owner.code(1), owner.recoveryCodes[0], owner.recoveryCodes[1]]) {
      expect(await remaining(browser, owner.wrongCode())).toBe(2);
      expect(await remaining(browser, owner.wrongCode())).toBe(1);
      await browser.post(verify, { code: right }).expect(200);
    }
    expect(await remaining(browser, owner.wrongCode())).toBe(2);
  });

  test("a right code while locked neither passes nor unlocks; a recovery code passes, and unlocks nothing for others", async () => {
    const { owner, browser } = await twoBrowsers();
    for (const status of [422, 422, 429]) await browser.post(verify, { code: owner.wrongCode() }).expect(status);
    await browser.post(verify, { code: owner.code(1) }).expect(429);
    await browser.post(verify, { code: owner.recoveryCodes[0] }).expect(200);
    expect((await owner.get("/two-factor")).body).toMatchObject({ locked: true, recoveryCodesRemaining: 3 });
  });

  test("a change by a recent proof, or a new authenticator, lifts no lock", async () => {
    const clock = stopClock();
    const { owner, browser } = await twoBrowsers();
    for (const status of [422, 422, 429]) await browser.post(verify, { code: owner.wrongCode() }).expect(status);
    await owner.post("/two-factor/recovery-codes").expect(200);
    const { body } = await owner.post("/two-factor/setup", { replace: true }).expect(200);
    const { secret } = body as { secret: string };
    await owner.post("/two-factor/setup/verify", { code: owner.code(0, secret) }).expect(200);
    await browser.post(verify, { code: owner.code(1, secret) }).expect(429);
    clock.later(61);
    await browser.post(verify, { code: owner.code(0, secret) }).expect(200);
  });

  test("wrong codes while setting up count apart, and bar no login", async () => {
    const { owner, browser } = await twoBrowsers();
    const { body } = await owner.post("/two-factor/setup", { replace: true }).expect(200);
    const { secret } = body as { secret: string };
    const wrong = owner.wrongCode();
    for (const status of [422, 422, 429, 429]) {
      await owner
        .post("/two-factor/setup/verify", { code: wrong === owner.code(0, secret) ? "000001" : wrong })
        .expect(status);
    }
    expect((await owner.get("/two-factor")).body).toMatchObject({ locked: false, enabled: true });
    expect(await remaining(browser, owner.wrongCode())).toBe(2);
    await browser.post(verify, { code: owner.code(1) }).expect(200);
    await owner.post("/two-factor/setup/verify", { code: owner.code(0, secret) }).expect(429);
  });

  test("a set-up begun anew has a count of its own; going to and fro between two gives no more tries", async () => {
    stopClock();
    const [process] = startProcesses(1);
    const begin = async (browser: Browser) => {
      const { body } = await browser.post("/two-factor/setup").expect(200);
      browser.secret = (body as { secret: string }).secret;
    };
    const tryWrong = async (browser: Browser) => {
      const answer = await browser.post("/two-factor/setup/verify", { code: browser.wrongCode() });
      return (answer.body as { attemptsRemaining?: number }).attemptsRemaining ?? answer.status;
    };
    const [one, other] = [process.browser(), process.browser()];
    for (const browser of [one, other]) await browser.login();
    for (const browser of [one, other]) await begin(browser);
    expect([await tryWrong(one), await tryWrong(other)]).toEqual([2, 1]);
    await begin(one);
    expect([await tryWrong(one), await tryWrong(other), await tryWrong(one)]).toEqual([2, 1, 429]);
    // Locked, both of them; the key of the next one has no wrong code yet.
    await other.post("/two-factor/setup/verify", { code: other.code() }).expect(429);
    await begin(other);
    expect([await tryWrong(other), await tryWrong(other), await tryWrong(other)]).toEqual([2, 1, 429]);
    // An unlock ends the lock, and gives three tries: not as many as one likes.
    await process.tfa.unlock("1");
    expect([await tryWrong(other), await tryWrong(other), await tryWrong(other)]).toEqual([2, 1, 429]);
    await begin(one);
    await one.post("/two-factor/setup/verify", { code: one.code() }).expect(200);
  });

  test("a spent code stays spent when the session cannot be saved", async () => {
    const log = keepLog();
    const sessions = new session.MemoryStore();
    const { owner, browser } = await twoBrowsers({ session: { store: sessions } });
    await browser.get("/page").expect(403);
    const { set } = sessions;
    sessions.set = (_id, _session, done) => done?.(new Error("the session store is down"));
    await browser.post(verify, { code: owner.code(1) }).expect(503);
    await browser.post(verify, { code: owner.recoveryCodes[0] }).expect(503);
    sessions.set = set;
    await browser.get("/page").expect(403);
    await browser.post(verify, { code: owner.code(1) }).expect(409);
    await browser.post(verify, { code: owner.recoveryCodes[0] }).expect(409);
    await browser.post(verify, { code: owner.recoveryCodes[1] }).expect(200);
    expect(log).toHaveLength(2);
  });
});
