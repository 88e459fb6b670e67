import type { Response } from "supertest";
import { describe, expect, test } from "vitest";
import type { Browser, Host } from "../support/host";
import { onProcess, startProcessesOn, startProcesses, stopClock } from "../support/processes";

const verify = "/two-factor/verify";

/** The owner's known browsers, signed in again without a proof, as many strangers, and what all of them guess. */
async function guessing(processes: readonly [Host, ...Host[]], known: number) {
  const [host] = processes;
  const owner = host.browser();
  await owner.login();
  await owner.enrol();
  const browsers = [owner];
  for (const code of owner.recoveryCodes.slice(0, known - 1)) {
    const browser = host.browser();
    await browser.login();
    await browser.post(verify, { code }).expect(200);
    browsers.push(browser);
  }
  const strangers = Array.from({ length: 20 }, () => host.browser());
  for (const browser of [...browsers, ...strangers]) {
    await browser.post("/logout");
    await browser.login();
  }
  const all = processes.flatMap((process) => [...browsers, ...strangers].map((browser) => onProcess(browser, process)));
  const round = (each: number): Promise<Response[]> =>
    Promise.all(
      all.flatMap((browser) => Array.from({ length: each }, () => browser.post(verify, { code: wrong(owner) }))),
    );
  return { owner, browsers, strangers, round };
}

const wrong = (owner: Browser): string => owner.wrongCode();
const told = (answers: readonly Response[]): number => answers.filter(({ status }) => status === 422).length;

describe("What is told stays bounded", () => {
  test("at most `maxLoginAttempts` outcomes for each known browser and for all others together, over processes", async () => {
    stopClock();
    const { round } = await guessing(startProcesses(2), 3);
    // The one that reaches the limit is told as the lock.
    expect(told(await round(3))).toBe((3 - 1) * (1 + 3));
    expect(told(await round(1))).toBe(0);
  });

  test("so it is on PostgreSQL", async () => {
    stopClock();
    const { round } = await guessing(await startProcessesOn("PostgreSQL", 2), 2);
    expect(told(await round(2))).toBe((3 - 1) * (1 + 2));
  });

  test("`hardLimit` counts all unknown browsers together, and closes them alone", async () => {
    const clock = stopClock();
    const { owner, strangers, browsers } = await guessing(
      startProcesses(1, { options: { lockout: { hardLimit: 5 }, pendingLoginSeconds: 86_400 } }),
      2,
    );
    const statuses: number[] = [];
    for (const stranger of strangers.slice(0, 5)) {
      statuses.push((await stranger.post(verify, { code: wrong(owner) })).status);
      clock.later(statuses.at(-1) === 429 ? 61 : 0);
    }
    expect(statuses).toEqual([422, 422, 429, 422, 429]);
    clock.later(86_000);
    await strangers[9]?.post(verify, { code: wrong(owner) }).expect(429);
    for (const browser of browsers) await browser.post(verify, { code: wrong(owner) }).expect(422);
  });

  test("a known browser is forgotten after twenty in a row: then it is one of the others", async () => {
    const clock = stopClock();
    const { owner } = await guessing(startProcesses(1, { options: { pendingLoginSeconds: 86_400 } }), 1);
    let tries = 0;
    for (let rounds = 0; tries < 20; rounds += 1) {
      const { status } = await owner.post(verify, { code: wrong(owner) });
      tries += 1;
      if (status === 429) clock.later(60 * 2 ** rounds * 2);
      if (status !== 429) rounds -= 1;
    }
    const { body } = await owner.post(verify, { code: wrong(owner) }).expect(422);
    expect(body).toMatchObject({ attemptsRemaining: 2 });
    expect((await owner.post(verify, { code: wrong(owner) }).expect(422)).body).toMatchObject({ attemptsRemaining: 1 });
    // A lane of its own would have locked for longer by now.
    const locked = await owner.post(verify, { code: wrong(owner) }).expect(429);
    expect(locked.headers["retry-after"]).toBe("60");
  });

  test("no address and nothing else that the client chooses opens a count of its own", async () => {
    stopClock();
    const { strangers, owner } = await guessing(startProcesses(1), 1);
    const statuses: number[] = [];
    for (const [index, stranger] of strangers.entries()) {
      const answer = await stranger
        .post(verify, { code: wrong(owner) })
        .set("x-forwarded-for", `203.0.113.${index}`)
        .set("user-agent", `Browser ${index}`)
        .set(
          "cookie",
          [
            ...(
              stranger.agent.jar.getCookies({
                domain: "127.0.0.1",
                path: "/",
                secure: false,
                script: false,
              } as never) as unknown as { toValueString(): string }[]
            ).map((cookie) => cookie.toValueString()),
            `known_tfa=${"x".repeat(22)}.${"y".repeat(43)}`,
          ].join("; "),
        );
      statuses.push(answer.status);
    }
    expect(statuses.filter((status) => status === 422)).toHaveLength(2);
  });
});
