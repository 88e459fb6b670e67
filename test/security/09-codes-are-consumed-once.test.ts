import type * as Crypto from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { memoryStore } from "../../src";
import type { Browser, Host } from "../support/host";
import { keepLog, onProcess, startProcesses, startProcessesOn, stopClock } from "../support/processes";

const verify = "/two-factor/verify";

const scrypts = vi.hoisted(() => ({ started: 0, running: 0, mostAtOnce: 0 }));
vi.mock("node:crypto", async (importOriginal) => {
  const original = await importOriginal<typeof Crypto>();
  const scrypt: typeof original.scrypt = (password, salt, length, options, done?: unknown) => {
    scrypts.started += 1;
    scrypts.running += 1;
    scrypts.mostAtOnce = Math.max(scrypts.mostAtOnce, scrypts.running);
    original.scrypt(password, salt, length, options as Crypto.ScryptOptions, (error, hash) => {
      scrypts.running -= 1;
      (done as (error: Error | null, hash: Buffer) => void)(error, hash);
    });
  };
  return { ...original, scrypt, default: { ...original, scrypt } };
});
beforeEach(() => void Object.assign(scrypts, { started: 0, running: 0, mostAtOnce: 0 }));

async function enrolled(processes: readonly [Host, ...Host[]], others: number, id = "1") {
  stopClock();
  const owner = processes[0].browser();
  await owner.login({ id });
  await owner.enrol();
  const browsers = Array.from({ length: others }, (_, index) =>
    (processes[index % processes.length] as Host).browser(),
  );
  await Promise.all(browsers.map((browser) => browser.login({ id })));
  Object.assign(scrypts, { started: 0, mostAtOnce: 0 });
  return { owner, browsers };
}

const statuses = async (answers: Promise<{ status: number }>[]) =>
  (await Promise.all(answers)).map(({ status }) => status);

describe("A recovery or direct code is consumed once.", () => {
  test.each([
    ["in memory", () => Promise.resolve(startProcesses(4))],
    ["on PostgreSQL", () => startProcessesOn("PostgreSQL", 4)],
    ["on MariaDB", () => startProcessesOn("MariaDB", 4)],
    ["on SQLite", () => startProcessesOn("SQLite", 4)],
  ])("of 20 browsers on 4 processes that send one recovery code at once, one gets in, %s", async (_store, start) => {
    keepLog();
    const { owner, browsers } = await enrolled(await start(), 20);
    const told = await statuses(browsers.map((browser) => browser.post(verify, { code: owner.recoveryCodes[0] })));
    expect(told.filter((status) => status === 200)).toHaveLength(1);
    expect((await owner.get("/two-factor")).body).toMatchObject({ recoveryCodesRemaining: 3 });
  });

  test("clicked eight times at once, it lets in once, and is known as used, which locks nobody out", async () => {
    const { owner, browsers } = await enrolled(startProcesses(2), 8);
    const { later } = stopClock();
    for (const code of owner.recoveryCodes) {
      Object.assign(scrypts, { started: 0 });
      const told = await statuses(browsers.map((browser) => browser.post(verify, { code })));
      expect(told.toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 7 }, () => 409)]);
      expect(scrypts.started).toBeLessThanOrEqual(8);
      later(10);
    }
    expect((await owner.get("/two-factor")).body).toMatchObject({ locked: false, recoveryCodesRemaining: 0 });
    // Another one that was used before it, or a minute later, is a wrong code as any other.
    await (browsers[0] as Browser).post(verify, { code: owner.recoveryCodes[0] }).expect(422);
    later(60);
    await (browsers[0] as Browser).post(verify, { code: owner.recoveryCodes.at(-1) }).expect(422);
  });

  test("of 20 browsers that send one direct code at once, one gets in", async () => {
    stopClock();
    const sent: string[] = [];
    const processes = startProcesses(4, {
      options: { sendTwoFactorAuthenticationCode: (_user, code) => void sent.push(code), maxLoginAttempts: 50 },
    });
    const browsers = Array.from({ length: 20 }, (_, index) => (processes[index % 4] as Host).browser());
    await Promise.all(browsers.map((browser) => browser.login()));
    await (browsers[0] as Browser).get(verify).expect(200);
    const told = await statuses(browsers.map((browser) => browser.post(verify, { code: sent[0] })));
    expect(told.toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 19 }, () => 422)]);
  });

  test("a recovery code stays consumed after others were made, and old ones are void", async () => {
    const { owner, browsers } = await enrolled(startProcesses(1), 1);
    const [browser] = browsers as [Browser];
    const old = owner.recoveryCodes;
    const { body } = await owner.post("/two-factor/recovery-codes").expect(200);
    const { recoveryCodes } = body as { recoveryCodes: string[] };
    expect(new Set([...old, ...recoveryCodes]).size).toBe(8);
    await browser.post(verify, { code: old[3] }).expect(422);
    await browser.post(verify, { code: recoveryCodes[3]?.toLowerCase().replaceAll("-", " ") }).expect(200);
  });

  test("one submission is one guess at most, and one scrypt, only for what is shaped like a recovery code", async () => {
    const { owner, browsers } = await enrolled(startProcesses(1), 1);
    const [browser] = browsers as [Browser];
    const { body } = await browser.post(verify, { code: owner.wrongCode() }).expect(422);
    expect(body).toMatchObject({ attemptsRemaining: 2 });
    for (const code of ["AAAA-BBBB-CCCC", "1".repeat(16), "AAAA-BBBB-CCCC-DDD1", "x".repeat(5000)]) {
      await browser.post(verify, { code }).expect(400);
    }
    expect(scrypts.started).toBe(0);
    const wrong = await browser.post(verify, { code: "AAAA-BBBB-CCCC-DDDD" }).expect(422);
    expect(wrong.body).toMatchObject({ attemptsRemaining: 2 });
    expect(scrypts.started).toBe(1);
    const next = await browser.post(verify, { code: owner.wrongCode() }).expect(422);
    expect(next.body).toMatchObject({ attemptsRemaining: 1 });
  });

  test("a flood of recovery guesses, on 4 users at once, computes ten scrypts each, two at a time", async () => {
    keepLog();
    const processes = startProcesses(1);
    const users = await Promise.all(Array.from({ length: 4 }, (_, index) => enrolled(processes, 1, `user ${index}`)));
    Object.assign(scrypts, { started: 0, mostAtOnce: 0 });
    const guesses = users.flatMap(({ browsers: [browser] }) =>
      Array.from({ length: 20 }, () => (browser as Browser).post(verify, { code: "AAAA-BBBB-CCCC-DDDD" })),
    );
    const told = await statuses(guesses);
    expect(told.filter((status) => status === 422).length).toBeLessThanOrEqual(4 * 10);
    expect(scrypts.started).toBeLessThanOrEqual(4 * 10);
    expect(scrypts.mostAtOnce).toBeLessThanOrEqual(2);
  });

  test("a submission that is judged anew, because somebody was faster, costs no second scrypt", async () => {
    const store = memoryStore();
    let faster = 0;
    const contended: typeof store = {
      ...store,
      compareAndSet: async (...args) => (faster-- > 0 ? false : store.compareAndSet(...args)),
    };
    const { owner, browsers } = await enrolled(startProcesses(1, { options: { store: contended } }), 1);
    faster = 3;
    await (browsers[0] as Browser).post(verify, { code: owner.recoveryCodes[0] }).expect(200);
    expect([faster, scrypts.started]).toEqual([-1, 1]);
  });

  test("digits at a locked account cost no scrypt; a recovery code costs one", async () => {
    const { owner, browsers } = await enrolled(startProcesses(1), 1);
    const [browser] = browsers as [Browser];
    for (const status of [422, 422, 429]) await browser.post(verify, { code: owner.wrongCode() }).expect(status);
    await browser.post(verify, { code: owner.wrongCode() }).expect(429);
    expect(scrypts.started).toBe(0);
    await browser.post(verify, { code: owner.recoveryCodes[0] }).expect(200);
    expect(scrypts.started).toBe(1);
  });

  test.each([1, 2])(
    "new ones asked for three times at once over %i processes: whoever is shown codes has good ones",
    async (count) => {
      const processes = startProcesses(count);
      const { owner, browsers } = await enrolled(processes, 1);
      const answers = await Promise.all(
        [0, 1, 2].map((index) => onProcess(owner, processes[index % count] as Host).post("/two-factor/recovery-codes")),
      );
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
      const shown = answers.find(({ status }) => status === 200)?.body as { recoveryCodes: string[] };
      await browsers[0]?.post(verify, { code: shown.recoveryCodes[0] }).expect(200);
    },
  );
});
