import { describe, expect, test } from "vitest";
import type { TwoFactorEvent, TwoFactorOptions } from "../../src";
import type { Browser, HostUser } from "../support/host";
import { startProcesses, stopClock } from "../support/processes";

const verify = "/two-factor/verify";

async function guarded(options: Partial<TwoFactorOptions<HostUser>> = {}) {
  const clock = stopClock();
  const events: TwoFactorEvent[] = [];
  const [host] = startProcesses(1, { options: { ...options, onEvent: (event) => void events.push(event) } });
  const owner = host.browser();
  await owner.login();
  await owner.enrol();
  const thief = host.browser();
  await thief.login();
  const guess = () => thief.post(verify, { code: owner.wrongCode() });
  /** Wrong codes until it locks. @returns for how many seconds */
  const lock = async () => {
    for (;;) {
      const { status, headers } = await guess();
      if (status === 429) return headers["retry-after"] === undefined ? "for good" : Number(headers["retry-after"]);
      expect(status).toBe(422);
    }
  };
  const locks = () => events.filter((event) => event.type === "locked");
  return { clock, host, owner, thief, guess, lock, locks };
}

const may = (browser: Browser) => browser.get("/page").expect(200);

describe("The lock grows", () => {
  test("from `baseSeconds`, doubling, to `maxSeconds`, and each round is an event", async () => {
    const { clock, lock, locks, owner, thief } = await guarded({
      lockout: { baseSeconds: 60, maxSeconds: 300 },
      pendingLoginSeconds: 3600,
    });
    for (const seconds of [60, 120, 240, 300, 300]) {
      expect(await lock()).toBe(seconds);
      clock.later(seconds - 1);
      await thief.post(verify, { code: owner.code() }).expect(429);
      clock.later(1);
    }
    expect(locks().map((event) => "round" in event && event.round)).toEqual([1, 2, 3, 4, 5]);
    expect(locks()[0]).toMatchObject({ userId: "1", until: new Date("2026-03-01T12:01:10Z") });
    // The one of a second ago is spent: it was given to end the lock.
    await thief.post(verify, { code: owner.code(1) }).expect(200);
    expect(await lock()).toBe(60);
  });

  test("`hardLimit` wrong codes in a row lock until an unlock, however long one waits", async () => {
    const { clock, host, lock, owner, thief, guess } = await guarded({ lockout: { hardLimit: 8 } });
    expect([await lock(), clock.later(60), await lock(), clock.later(120)]).toEqual([60, undefined, 120, undefined]);
    expect((await guess()).body).toMatchObject({ attemptsRemaining: 1 });
    const last = await guess().expect(429);
    expect(last.headers["retry-after"]).toBeUndefined();
    clock.later(86_400 * 400);
    await thief.post("/logout").expect(200);
    await thief.login();
    await thief.post(verify, { code: owner.code() }).expect(429);
    await host.tfa.unlock("1");
    await thief.post(verify, { code: owner.code(1) }).expect(200);
  });

  test("a right code in between begins anew; a used one does not", async () => {
    const { clock, guess, lock, owner, thief } = await guarded({
      lockout: { hardLimit: 4 },
      // As a known one, it would have a count of its own.
      knownBrowserForSeconds: 0,
    });
    await guess().expect(422);
    await thief.post(verify, { code: owner.code(1) }).expect(200);
    expect(await lock()).toBe(60);
    clock.later(60);
    await thief.post(verify, { code: owner.code(-1) }).expect(409);
    expect(await lock()).toBe("for good");
  });

  test("with `until-reset` the first lock is the last", async () => {
    const { clock, host, lock, locks, owner, thief } = await guarded({ lockout: "until-reset" });
    expect(await lock()).toBe("for good");
    expect(locks()[0]).not.toHaveProperty("until");
    clock.later(86_400 * 400);
    await thief.post("/logout").expect(200);
    await thief.login();
    await thief.post(verify, { code: owner.code() }).expect(429);
    expect(await host.tfa.status("1")).toMatchObject({ locked: true });
    await host.tfa.reset("1", { reason: "lost phone", by: "the help desk" });
    expect(await host.tfa.status("1")).toMatchObject({ locked: false, enabled: false });
  });

  test("it stops guesses, and no session or browser that is proven already", async () => {
    const { host, lock, owner } = await guarded();
    const remembered = host.browser();
    await remembered.login();
    await remembered.post(verify, { code: owner.code(1) }).expect(200);
    await remembered.post("/logout").expect(200);
    await remembered.login();
    await lock();
    await may(owner);
    await may(remembered);
    await owner.visit("/two-factor").expect(200);
    expect((await remembered.get("/two-factor").expect(200)).body).toMatchObject({ locked: true, verified: true });
    await owner.post("/two-factor/recovery-codes").expect(200);
  });

  test("who is locked out is told so, and for how long", async () => {
    const { clock, lock, thief } = await guarded();
    await lock();
    clock.later(20);
    const problem = await thief.get("/page").expect(429);
    expect(problem.headers["retry-after"]).toBe("40");
    expect(problem.body).toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
    await thief.visit("/page").expect(303).expect("location", verify);
    const page = await thief.visit(verify).expect(429);
    expect(page.text).not.toContain('name="code"');
  });
});
