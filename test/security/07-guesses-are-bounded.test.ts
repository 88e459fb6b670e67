import type { Response } from "supertest";
import { describe, expect, test } from "vitest";
import { memoryStore } from "../../src";
import type { Browser, Host } from "../support/host";
import { keepLog, startProcesses, startProcessesOn, stopClock } from "../support/processes";

/** So many browsers of one user, each with a session of its own, dealt out to the processes. */
async function signIn(processes: readonly Host[], sessions: number): Promise<Browser[]> {
  const browsers = Array.from({ length: sessions }, (_, index) =>
    (processes[index % processes.length] as Host).browser(),
  );
  await Promise.all(browsers.map((browser) => browser.login()));
  return browsers;
}

/** Different wrong codes, all at once. */
function guess(browsers: readonly Browser[], times: number, wrongCodes: readonly string[]): Promise<Response[]> {
  return Promise.all(
    Array.from({ length: times }, (_, index) =>
      (browsers[index % browsers.length] as Browser).post("/two-factor/verify", { code: wrongCodes[index] }),
    ),
  );
}

function wrongCodesOf(owner: Browser, count: number): string[] {
  const near = new Set([-2, -1, 0, 1, 2].map((steps) => owner.code(steps)));
  return Array.from({ length: count + near.size }, (_, guessed) => String(guessed * 1009).padStart(6, "0"))
    .filter((code) => !near.has(code))
    .slice(0, count);
}

const count = (answers: readonly Response[], status: number) =>
  answers.filter((answer) => answer.status === status).length;

describe("However many guesses come in parallel, over however many processes, no more than `maxLoginAttempts` are told an outcome before the lock.", () => {
  test.each([3, 5])("of 500 wrong codes over 200 sessions and 4 processes, %i are judged", async (maxLoginAttempts) => {
    stopClock();
    const failures: unknown[] = [];
    const onEvent = (event: { type: string }) => void (event.type === "challenge-failed" && failures.push(event));
    const processes = startProcesses(4, { options: { maxLoginAttempts, onEvent } });
    const [owner, ...thieves] = (await signIn(processes, 201)) as [Browser, ...Browser[]];
    await owner.enrol();

    const answers = await guess(thieves, 500, wrongCodesOf(owner, 500));

    expect(count(answers, 422)).toBe(maxLoginAttempts - 1);
    expect(count(answers, 429)).toBe(500 - (maxLoginAttempts - 1));
    expect(failures).toHaveLength(maxLoginAttempts);
    const told = answers
      .filter(({ status }) => status === 422)
      .map(({ body }) => (body as { attemptsRemaining: number }).attemptsRemaining);
    expect(told.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: maxLoginAttempts - 1 }, (_, index) => index + 1),
    );
    await thieves[0]?.post("/two-factor/verify", { code: owner.code(1) }).expect(429);
  });

  test.each(["PostgreSQL", "MariaDB", "SQLite"] as const)(
    "so it is on %s, each process with connections of its own",
    async (engine) => {
      stopClock();
      const processes = await startProcessesOn(engine, 3);
      const [owner, ...thieves] = (await signIn(processes, 13)) as [Browser, ...Browser[]];
      await owner.enrol();
      const answers = await guess(thieves, 200, wrongCodesOf(owner, 200));
      expect(count(answers, 422)).toBe(2);
      // Who lost too many races against others is told to come again, and no outcome.
      expect(count(answers, 429) + count(answers, 503)).toBe(198);
      await thieves[0]?.post("/two-factor/verify", { code: owner.code(1) }).expect(429);
    },
  );

  test("the lock is one for all ways of giving a code", async () => {
    stopClock();
    const [process] = startProcesses(1);
    const browser = process.browser();
    await browser.login();
    await browser.enrol();
    const code = browser.wrongCode();
    await browser.post("/two-factor/disable", { code }).expect(422);
    await browser.post("/two-factor/recovery-codes", { code }).expect(422);
    await browser.post("/two-factor/setup", { replace: true, code }).expect(429);
    for (const path of ["/verify", "/disable", "/recovery-codes", "/browsers/forget"]) {
      await browser.post(`/two-factor${path}`, { code: browser.code(1) }).expect(429);
    }
  });

  test("an attempt that could not be recorded tells no outcome", async () => {
    const store = memoryStore();
    let down = false;
    const failing: typeof store = {
      ...store,
      compareAndSet: (...args) => (down ? Promise.reject(new Error("down")) : store.compareAndSet(...args)),
    };
    keepLog();
    stopClock();
    const [process] = startProcesses(1, { options: { store: failing } });
    const browser = process.browser();
    await browser.login();
    await browser.enrol();
    down = true;
    const wrong = await browser.post("/two-factor/verify", { code: browser.wrongCode() }).expect(503);
    const right = await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(503);
    expect(wrong.body).toEqual(right.body);
    down = false;
    const { body } = await browser.post("/two-factor/verify", { code: browser.wrongCode() }).expect(422);
    expect(body).toMatchObject({ attemptsRemaining: 2 });
  });
});
