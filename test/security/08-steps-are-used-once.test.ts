import { describe, expect, test } from "vitest";
import { generateEncryptionKey, memoryStore } from "../../src";
import { type Browser, startHost, type Host } from "../support/host";
import { keepLog, startProcesses, startProcessesOn, stopClock } from "../support/processes";

const verify = "/two-factor/verify";

/** A user with an authenticator, and further browsers of the same user that still owe a proof. */
async function enrolled(processes: readonly [Host, ...Host[]], others: number) {
  stopClock();
  const owner = processes[0].browser();
  await owner.login();
  await owner.enrol();
  const browsers = Array.from({ length: others }, (_, index) =>
    (processes[index % processes.length] as Host).browser(),
  );
  await Promise.all(browsers.map((browser) => browser.login()));
  return { owner, browsers };
}

describe("A time step is accepted once per user", () => {
  test.each([
    ["in memory", () => Promise.resolve(startProcesses(4))],
    ["on PostgreSQL", () => startProcessesOn("PostgreSQL", 4)],
    ["on MariaDB", () => startProcessesOn("MariaDB", 4)],
    ["on SQLite", () => startProcessesOn("SQLite", 4)],
  ])("of 40 browsers on 4 processes that send one code at once, one gets in, %s", async (_store, start) => {
    keepLog();
    const { owner, browsers } = await enrolled(await start(), 40);
    const code = owner.code(1);
    const answers = await Promise.all(browsers.map((browser) => browser.post(verify, { code })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status !== 200);
    // 503: who lost too many races against others is told to come again.
    expect(refused.every(({ status }) => status === 409 || status === 503)).toBe(true);
    expect(refused.find(({ status }) => status === 409)?.body).toMatchObject({ code: "CODE_ALREADY_USED" });
  });

  test("the code that confirmed the set-up is no login code, and no guess", async () => {
    const [process] = startProcesses(1);
    const { owner, browsers } = await enrolled([process], 1);
    const browser = browsers[0] as Browser;
    for (let times = 0; times < 5; times += 1) await browser.post(verify, { code: owner.code() }).expect(409);
    const { body } = await browser.post(verify, { code: owner.wrongCode() }).expect(422);
    expect(body).toMatchObject({ attemptsRemaining: 2 });
    await browser.post(verify, { code: owner.code(1) }).expect(200);
  });

  test("a step before the last accepted one is refused, though it is within the drift", async () => {
    stopClock();
    const { owner, browsers } = await enrolled(startProcesses(1), 2);
    await browsers[0]?.post(verify, { code: owner.code(1) }).expect(200);
    for (const steps of [1, 0, -1]) await browsers[1]?.post(verify, { code: owner.code(steps) }).expect(409);
    expect((await browsers[1]?.get("/two-factor/verify"))?.status).toBe(200);
  });

  test("a new process knows the steps that an older one accepted", async () => {
    const clock = stopClock();
    const options = { store: memoryStore(), otpSecretEncryptionKey: generateEncryptionKey() };
    const before = await enrolled([startHost({ options })], 1);
    clock.later(60);
    const code = before.owner.code();
    await before.browsers[0]?.post(verify, { code }).expect(200);
    const after = startHost({ options }).browser();
    await after.login();
    await after.post(verify, { code }).expect(409);
    clock.later(30);
    await after.post(verify, { code: before.owner.code() }).expect(200);
  });

  test("one code passes once, whatever it is given for", async () => {
    const clock = stopClock();
    const { owner } = await enrolled(startProcesses(1), 0);
    clock.later(60);
    const code = owner.code();
    await owner.post("/two-factor/recovery-codes", { code }).expect(200);
    await owner.post(verify, { code }).expect(409);
    await owner.post("/two-factor/disable", { code }).expect(409);
    await owner.post("/two-factor/setup", { replace: true, code }).expect(409);
    await owner.post("/two-factor/browsers/forget", { code }).expect(409);
    expect((await owner.get("/two-factor")).body).toMatchObject({ enabled: true });
  });

  test.each([60, 3600, 86_400 * 365])("a clock set back by %i s refuses codes, and does not fail", async (seconds) => {
    const clock = stopClock();
    const processes = startProcesses(1);
    const { owner } = await enrolled(processes, 0);
    clock.later(-seconds);
    const browser = processes[0].browser();
    await browser.login();
    const { body } = await browser.post(verify, { code: owner.code() }).expect(409);
    expect(body).toMatchObject({ code: "CODE_ALREADY_USED" });
    await browser.post(verify, { code: owner.wrongCode() }).expect(422);
    clock.later(seconds + 60);
    // That sign-in is too old by now.
    const after = processes[0].browser();
    await after.login();
    await after.post(verify, { code: owner.code() }).expect(200);
  });
});
