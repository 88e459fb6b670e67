import cookieSession from "cookie-session";
import { describe, expect, test } from "vitest";
import type { TwoFactorEvent } from "../../src";
import type { Browser, HostOptions } from "../support/host";
import { onProcess, startProcessesOn, startProcesses, stopClock } from "../support/processes";

const verify = "/two-factor/verify";

interface Progress {
  unlock: { codesGiven: number; codesNeeded: number; nextAt?: string; closedUntil?: string };
}

/** An owner on a new browser, which strangers have locked out for a day. */
async function lockedOut(given: HostOptions = {}) {
  const clock = stopClock();
  const events: TwoFactorEvent[] = [];
  const lockout = { baseSeconds: 86_400, maxSeconds: 86_400 };
  const options = { lockout, pendingLoginSeconds: 7200, onEvent: (event: TwoFactorEvent) => void events.push(event) };
  const [host] = startProcesses(1, { ...given, options: { ...options, ...given.options } });
  const enroller = host.browser();
  await enroller.login();
  await enroller.enrol();
  const stranger = host.browser();
  await stranger.login();
  stranger.secret = enroller.secret;
  for (const status of [422, 422, 429]) await stranger.post(verify, { code: enroller.wrongCode() }).expect(status);
  const fresh = async () => {
    const browser = host.browser();
    await browser.login();
    browser.secret = enroller.secret;
    return browser;
  };
  clock.later(60);
  return { clock, events, host, stranger, owner: await fresh(), fresh };
}

const inCookies: HostOptions = {
  session: false,
  early: (app) => void app.use(cookieSession({ name: "s", keys: ["k"] })),
};

/** Gives a code, and tells the status; a minute later the next one can be given. */
const give = async (browser: Browser, code: string, then: () => void = () => undefined) => {
  const { status } = await browser.post(verify, { code });
  then();
  return status;
};

describe("The owner can unlock", () => {
  test("with three right codes, a minute apart, from one session; that lifts the lock for all, and is a proof", async () => {
    const { clock, events, owner, stranger, fresh } = await lockedOut();
    const minute = () => clock.later(60);
    expect([await give(owner, owner.code(), minute), await give(owner, owner.code(), minute)]).toEqual([429, 429]);
    await owner.get("/page").expect(429);
    expect(await give(owner, owner.code())).toBe(200);
    await owner.get("/page").expect(200);
    expect(events.slice(-2)).toEqual([
      expect.objectContaining({ type: "challenge-passed", method: "totp" }),
      expect.objectContaining({ type: "unlocked", by: "three right codes" }),
    ]);
    expect((await stranger.post(verify, { code: owner.wrongCode() }).expect(422)).body).toMatchObject({
      attemptsRemaining: 2,
    });
    const other = await fresh();
    await other.post(verify, { code: other.code(1) }).expect(200);
  });

  test("also from a lock for good, over processes, on PostgreSQL", async () => {
    const clock = stopClock();
    const processes = await startProcessesOn("PostgreSQL", 2, {
      options: { lockout: { hardLimit: 3 }, pendingLoginSeconds: 7200 },
    });
    const [one, two] = processes;
    const owner = one.browser();
    await owner.login();
    await owner.enrol();
    const browser = one.browser();
    await browser.login();
    browser.secret = owner.secret;
    for (const status of [422, 422, 429]) await browser.post(verify, { code: owner.wrongCode() }).expect(status);
    for (const status of [429, 429, 200]) {
      clock.later(60);
      await onProcess(browser, status === 429 ? one : (two ?? one))
        .post(verify, { code: browser.code() })
        .expect(status);
    }
    expect(await one.tfa.status("1")).toMatchObject({ locked: false });
  });

  test("each code is spent, and none is told right or wrong before the third", async () => {
    const { clock, owner, fresh } = await lockedOut();
    const unlucky = await fresh();
    const right = await owner.post(verify, { code: owner.code() }).expect(429);
    const wrong = await unlucky.post(verify, { code: owner.wrongCode() }).expect(429);
    expect(wrong.body).toEqual(right.body);
    expect((right.body as Progress).unlock).toEqual({
      codesGiven: 1,
      codesNeeded: 3,
      nextAt: new Date(Date.now() + 60_000).toISOString(),
    });
    // Spent: the same code is worth nothing to somebody else who saw it.
    const other = await fresh();
    await other.post(verify, { code: owner.code() }).expect(429);
    for (const given of [2, 3]) {
      clock.later(60);
      await other.post(verify, { code: owner.code() }).expect(429);
      const { body } = await unlucky.post(verify, { code: owner.code(1) }).expect(429);
      expect((body as Progress).unlock.codesGiven).toBe(given);
    }
    expect((await other.get(verify)).status).toBe(429);
  });

  test("a wrong one closes this for 15 minutes in that session, and in no other", async () => {
    const { clock, owner, stranger, fresh } = await lockedOut();
    const minute = () => clock.later(60);
    expect(await give(stranger, owner.wrongCode())).toBe(429);
    expect(await give(owner, owner.wrongCode(), minute)).toBe(429);
    const closedAt = Date.now() - 60_000 + 900_000;
    const statuses = [await give(owner, owner.code(), minute), await give(owner, owner.code(), minute)];
    statuses.push(await give(owner, owner.code(), minute));
    expect(statuses).toEqual([429, 429, 429]);
    const { body } = await owner.get(verify).expect(429);
    expect((body as Progress).unlock).toMatchObject({ closedUntil: new Date(closedAt).toISOString() });
    const other = await fresh();
    const elsewhere = [await give(other, other.code(), minute), await give(other, other.code(), minute)];
    elsewhere.push(await give(other, other.code()));
    expect(elsewhere).toEqual([429, 429, 200]);
  });

  test("after 15 minutes that session can try again", async () => {
    const { clock, owner } = await lockedOut();
    const minute = () => clock.later(60);
    await give(owner, owner.wrongCode());
    clock.later(900);
    const statuses = [await give(owner, owner.code(), minute), await give(owner, owner.code(), minute)];
    expect([...statuses, await give(owner, owner.code())]).toEqual([429, 429, 200]);
  });

  test("before the third, nothing tells a right one from a wrong one, however late one asks", async () => {
    const told = async (isRight: boolean, waits: readonly number[]) => {
      const { clock, owner } = await lockedOut();
      const code = () => (isRight ? owner.code() : owner.wrongCode());
      const seen: unknown[] = [];
      for (const wait of waits) {
        const { unlock } = (await owner.post(verify, { code: code() }).expect(429)).body as Progress;
        seen.push({ ...unlock, nextAt: unlock.nextAt !== undefined });
        for (let left = wait; left > 0; left -= 50) {
          clock.later(Math.min(50, left));
          const shown = (await owner.get(`${verify}?with=three-codes`)).body as Progress;
          seen.push({ ...shown.unlock, nextAt: shown.unlock.nextAt !== undefined });
        }
      }
      return seen;
    };
    for (const waits of [[1200], [70, 1000], [540, 540, 540, 540], [650, 70, 600], [500, 300, 90]]) {
      expect([waits, await told(true, waits)]).toEqual([waits, await told(false, waits)]);
    }
  });

  test("three right ones in less than two minutes, over more than ten, or over two sessions unlock nothing", async () => {
    const { clock, owner, fresh } = await lockedOut();
    const fast: number[] = [];
    for (let step = 0; step < 3; step += 1) fast.push(await give(owner, owner.code(), () => clock.later(31)));
    expect(fast).toEqual([429, 429, 429]);
    const slow = await fresh();
    const late: number[] = [];
    for (let step = 0; step < 3; step += 1) late.push(await give(slow, slow.code(), () => clock.later(301)));
    expect(late).toEqual([429, 429, 429]);
    const [one, two] = [await fresh(), await fresh()];
    const shared: number[] = [];
    for (const browser of [one, two, one]) shared.push(await give(browser, browser.code(), () => clock.later(60)));
    expect(shared).toEqual([429, 429, 429]);
  });

  test("a session's codes are looked at once in 20 seconds at most, however many come at once", async () => {
    const { clock, owner } = await lockedOut();
    const answers = await Promise.all(Array.from({ length: 30 }, () => owner.post(verify, { code: owner.code() })));
    expect(answers.every(({ status }) => status === 429)).toBe(true);
    clock.later(60);
    await owner.post(verify, { code: owner.code() }).expect(429);
    clock.later(60);
    await owner.post(verify, { code: owner.code() }).expect(200);
  });

  test("over sessions in cookies, too: strangers who poll keep nobody's codes from being looked at", async () => {
    const { clock, owner, stranger, fresh } = await lockedOut(inCookies);
    const strangers = async () => {
      await stranger.post(verify, { code: owner.wrongCode() }).expect(429);
      await (await fresh()).post(verify, { code: owner.wrongCode() }).expect(429);
    };
    const told: number[] = [];
    await owner.get(verify).expect(429);
    for (let step = 0; step < 3; step += 1) {
      await strangers();
      // A second click is no second code.
      const twice = [owner.post(verify, { code: owner.code() }), owner.post(verify, { code: owner.code() })];
      told.push((await twice[0]!).status);
      await twice[1];
      clock.later(60);
    }
    expect(told).toEqual([429, 429, 200]);
  });

  test("nor do copies of one such cookie bring more looks than one in 20 seconds", async () => {
    const { clock, host, owner } = await lockedOut(inCookies);
    await owner.get(verify).expect(429);
    const seen = { s: owner.cookie("s"), "s.sig": owner.cookie("s.sig") };
    const copy = () => {
      const browser = host.browser();
      for (const [name, value] of Object.entries(seen)) {
        browser.agent.jar.setCookie(`${name}=${value}`, "127.0.0.1", "/");
      }
      return browser;
    };
    await copy().post(verify, { code: owner.wrongCode() }).expect(429);
    // Not looked at, and so not spent.
    const code = owner.code();
    await copy().post(verify, { code }).expect(429);
    clock.later(20);
    const one = copy();
    await one.post(verify, { code }).expect(429);
    clock.later(60);
    await one.post(verify, { code: owner.code() }).expect(429);
    clock.later(60);
    await one.post(verify, { code: owner.code() }).expect(200);
  });

  test("with `until-reset` there is no such way, and no page offers it", async () => {
    const { clock, owner } = await lockedOut({ options: { lockout: "until-reset" } });
    for (let step = 0; step < 3; step += 1) expect(await give(owner, owner.code(), () => clock.later(60))).toBe(429);
    const page = await owner.visit(verify).expect(429);
    expect(page.text).not.toContain("three-codes");
  });

  test("the page says how, step by step, without scripting", async () => {
    const { clock, owner } = await lockedOut();
    const locked = await owner.visit(verify).expect(429);
    expect(locked.text).toContain(`href="${verify}?with=three-codes"`);
    const way = `${verify}?with=three-codes`;
    const form = await owner.visit(way).expect(200);
    expect(form.text).toContain('name="code"');
    const first = await owner.submit(way, { code: owner.code() }).expect(429);
    expect(first.text).toContain("1 code received");
    expect(first.text).toContain('name="code"');
    clock.later(60);
    expect((await owner.submit(way, { code: owner.code() }).expect(429)).text).toContain("2 codes received");
    clock.later(60);
    await owner.submit(way, { code: owner.code() }).expect(303);
  });
});
