import { describe, expect, test } from "vitest";
import type { TwoFactorEvent } from "../../src";
import type { Browser, Host, HostOptions } from "../support/host";
import { onProcess, startProcessesOn, stopClock } from "../support/processes";

const verify = "/two-factor/verify";

/** An owner who is signed in and known, on two processes, each with a store of its own. */
async function twoProcesses(engine: "PostgreSQL" | "Redis", given: HostOptions["options"] = {}) {
  const clock = stopClock();
  const events: TwoFactorEvent[] = [];
  const options = { recoveryCodes: { count: 2 }, pendingLoginSeconds: 7200, ...given };
  const [one, two] = (await startProcessesOn(engine, 2, {
    options: { ...options, onEvent: (event) => void events.push(event) },
  })) as [Host, Host];
  const owner = one.browser();
  await owner.login();
  await owner.enrol();
  /** A session with the password, in a browser that nobody knows. */
  const stranger = async (): Promise<Browser> => {
    const browser = one.browser();
    await browser.login();
    browser.secret = owner.secret;
    return browser;
  };
  const onOne = (browser: Browser) => onProcess(browser, one);
  const onTwo = (browser: Browser) => onProcess(browser, two);
  return { clock, events, one, two, onOne, onTwo, owner, stranger };
}

/** The wrong codes of a round, each on the other process than the one before. */
async function lock(browser: Browser, { onOne, onTwo }: Awaited<ReturnType<typeof twoProcesses>>): Promise<void> {
  for (const [on, status] of [[onOne, 422] as const, [onTwo, 422] as const, [onOne, 429] as const]) {
    await on(browser).post(verify, { code: browser.wrongCode() }).expect(status);
  }
}

describe.each(["PostgreSQL", "Redis"] as const)("On %s, over two processes", (engine) => {
  test("a lock stops guessable codes only: a recovery code passes on either, once, and ends it for nobody else", async () => {
    const all = await twoProcesses(engine);
    const { onOne, onTwo, owner, stranger } = all;
    const sessions = await Promise.all([stranger(), stranger(), stranger(), stranger()]);
    await lock(sessions[0], all);
    await onTwo(sessions[1])
      .post(verify, { code: owner.code(1) })
      .expect(429);
    const given = sessions.map((browser, index) =>
      (index % 2 === 0 ? onOne : onTwo)(browser).post(verify, { code: owner.recoveryCodes[0] }),
    );
    const statuses = (await Promise.all(given)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409]);
    const late = await stranger();
    for (const on of [onOne, onTwo])
      await on(late)
        .post(verify, { code: owner.code(1) })
        .expect(429);
  });

  test("a browser that has proven itself has guesses of its own: strangers do not lock it, nor it them", async () => {
    const all = await twoProcesses(engine);
    const { clock, onOne, onTwo, owner, stranger } = all;
    const other = await stranger();
    await lock(other, all);
    await owner.post("/logout").expect(200);
    await owner.login();
    await onTwo(owner)
      .post(verify, { code: owner.code(1) })
      .expect(200);
    await owner.post("/logout").expect(200);
    await owner.login();
    await lock(owner, all);
    await onTwo(owner)
      .post(verify, { code: owner.code(2) })
      .expect(429);
    clock.later(61);
    await lock(owner, all);
    clock.later(61);
    await onOne(owner).post(verify, { code: owner.code() }).expect(429);
    const { body } = await onTwo(other).post(verify, { code: other.wrongCode() }).expect(422);
    expect(body).toMatchObject({ attemptsRemaining: 2 });
  });

  test("what is told stays bounded, however many guess at once", async () => {
    const { onOne, onTwo, owner, stranger } = await twoProcesses(engine);
    await owner.post("/logout").expect(200);
    await owner.login();
    const browsers = [owner, ...(await Promise.all([stranger(), stranger(), stranger(), stranger()]))];
    const guesses = [onOne, onTwo].flatMap((on) =>
      browsers.flatMap((browser) =>
        Array.from({ length: 3 }, () => on(browser).post(verify, { code: owner.wrongCode() })),
      ),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    // The one that reaches the limit is told as the lock: two for the known browser, and two for all others together.
    expect(statuses.filter((status) => status === 422)).toHaveLength(2 + 2);
    expect(statuses.filter((status) => status !== 422 && status !== 429)).toEqual([]);
  });

  test("the owner can unlock by three codes, given to whichever process; each is spent in all", async () => {
    const all = await twoProcesses(engine, { lockout: { hardLimit: 3 } });
    const { clock, events, one, onOne, onTwo, owner, stranger } = all;
    const [browser, thief] = [await stranger(), await stranger()];
    await lock(await stranger(), all);
    for (const [on, status] of [[onOne, 429] as const, [onTwo, 429] as const, [onOne, 200] as const]) {
      clock.later(60);
      const code = owner.code();
      await on(browser).post(verify, { code }).expect(status);
      // Whoever sees a code and gives it too, on the other process, is no step further.
      await onTwo(thief)
        .post(verify, { code })
        .expect(status === 200 ? 409 : 429);
    }
    await onTwo(browser).get("/page").expect(200);
    await onTwo(thief).get("/page").expect(403);
    expect(events).toContainEqual(expect.objectContaining({ type: "unlocked", by: "three right codes" }));
    expect(await one.tfa.status("1")).toMatchObject({ locked: false });
  });

  test("the first lock by an unknown browser says that the password is known, once a day, by one process", async () => {
    const { clock, events, onOne, onTwo, owner, stranger } = await twoProcesses(engine);
    const browsers = await Promise.all([stranger(), stranger(), stranger()]);
    const round = () =>
      Promise.all(
        [onOne, onTwo].flatMap((on) =>
          browsers.map((browser) => on(browser).post(verify, { code: owner.wrongCode() })),
        ),
      );
    const suspected = () => events.filter(({ type }) => type === "password-suspected");
    await round();
    expect(suspected()).toMatchObject([{ userId: "1", at: new Date() }]);
    clock.later(61);
    expect((await round()).filter(({ status }) => status === 422)).toHaveLength(2);
    expect(suspected()).toHaveLength(1);
  });

  test.each([{ lockout: {} }, { lockout: "until-reset" as const }])(
    "the answer under a lock is the same whether the code was right or not: %j",
    async (given) => {
      const all = await twoProcesses(engine, given);
      const { clock, one, two, onOne, onTwo, owner, stranger } = all;
      await lock(await stranger(), all);
      const [right, wrong] = [await stranger(), await stranger()];
      const answers = [
        await onTwo(right)
          .post(verify, { code: owner.code(1) })
          .expect(429),
        await onOne(wrong).post(verify, { code: owner.wrongCode() }).expect(429),
      ].map(({ body, headers }) => [body, headers["retry-after"], Object.keys(headers as object).toSorted()]);
      expect(answers[1]).toEqual(answers[0]);
      for (const { tfa } of [one, two]) {
        expect(await tfa.status("1")).toMatchObject({ locked: true, lock: { lane: "unknown-browsers" } });
      }
      expect((await onTwo(owner).get("/two-factor").expect(200)).body).toMatchObject({
        lock: { lane: "unknown-browsers" },
      });
      clock.later(7000);
      // A lock for good is one on both, until an administrator lifts it on either.
      const isForGood = given.lockout === "until-reset";
      const late = await stranger();
      await onTwo(late)
        .post(verify, { code: late.wrongCode() })
        .expect(isForGood ? 429 : 422);
      await two.tfa.unlock("1");
      await onOne(late).post(verify, { code: late.code() }).expect(200);
    },
  );
});
