import { describe, expect, test } from "vitest";
import { daySeconds, lostEverything, mailbox, recovery, signedIn } from "../support/recovery";

const [confirm, finish, setup] = [`${recovery}/confirm`, `${recovery}/finish`, "/two-factor/setup"];
const delaySeconds = 3 * daySeconds;
const pendingLoginSeconds = daySeconds;

async function start() {
  const box = mailbox();
  const all = await lostEverything({ options: { pendingLoginSeconds, recovery: { delaySeconds, send: box.send } } });
  const again = () => signedIn(all.host, all.before);
  return { ...all, box, again };
}

describe.each([
  ["minutes", 7 * 60],
  ["hours", 5 * 3600],
  ["a day and more", 30 * 3600],
])("Self-service recovery takes time and can be stopped: a clock set back by %s", (_, back) => {
  test("after the request: its code is good, and nothing is twice", async () => {
    const { clock, box, browser, again } = await start();
    await browser.post(recovery).expect(200);
    clock.later(-back);
    await (await again()).post(recovery).expect(409);
    const { body } = await (await again()).post(confirm, { code: box.code() }).expect(200);
    expect(body).toEqual({ readyAt: new Date(Date.now() + delaySeconds * 1000).toISOString() });
    expect(box.mails).toHaveLength(2);
  });

  test("while it waits: it takes that much longer, never less, and comes to its end", async () => {
    const { clock, box, browser, again } = await start();
    await browser.post(recovery).expect(200);
    const { body } = await browser.post(confirm, { code: box.code() }).expect(200);
    const readyAt = Date.parse((body as { readyAt: string }).readyAt) / 1000;
    clock.later(delaySeconds - 1);
    await (await again()).post(finish).expect(409);
    clock.later(-back);
    const early = await (await again()).post(finish).expect(409);
    expect(early.body).toMatchObject({ code: "RECOVERY_TOO_EARLY", retryAfterSeconds: back + 1 });
    await (await again()).post(setup).expect(403);
    clock.later(back + 1);
    expect(Math.floor(Date.now() / 1000)).toBe(readyAt);
    const late = await again();
    await late.post(finish).expect(200);
    await late.post(finish, { code: box.code() }).expect(200);
    await late.post(setup).expect(200);
  });

  test("after it was ready: it is not, and is once more; what went out opens then", async () => {
    const { clock, box, browser, again } = await start();
    await browser.post(recovery).expect(200);
    await browser.post(confirm, { code: box.code() }).expect(200);
    clock.later(delaySeconds);
    await (await again()).post(finish).expect(200);
    clock.later(-back);
    await (await again()).post(finish, { code: box.code() }).expect(409);
    await (await again()).post(setup).expect(403);
    clock.later(back);
    const late = await again();
    await late.post(finish, { code: box.code() }).expect(200);
    await late.enrol();
    await late.get("/page").expect(200);
  });

  test("with the set-up open: nobody passes meanwhile, and a fresh code opens it anew", async () => {
    const { clock, box, browser, again } = await start();
    await browser.post(recovery).expect(200);
    await browser.post(confirm, { code: box.code() }).expect(200);
    clock.later(delaySeconds + back);
    const late = await again();
    await late.post(finish).expect(200);
    await late.post(finish, { code: box.code() }).expect(200);
    clock.later(-back - 1);
    await late.post(setup).expect(403);
    clock.later(1);
    const next = await again();
    await next.post(finish).expect(200);
    await next.post(finish, { code: box.code() }).expect(200);
    await next.enrol();
  });

  test("after one was stopped: the next can be asked for, that much later", async () => {
    const { clock, browser, host, again } = await start();
    await browser.post(recovery).expect(200);
    await host.tfa.cancelRecovery("1");
    clock.later(-back);
    const closed = await (await again()).post(recovery).expect(429);
    expect(closed.body).toMatchObject({ retryAfterSeconds: 12 * 3600 + back });
    clock.later(12 * 3600 + back);
    await (await again()).post(recovery).expect(200);
  });
});

describe("Self-service recovery takes time and can be stopped", () => {
  test("a process that ended while it sent, and a clock that was set back after it, hold nobody up", async () => {
    const box = mailbox();
    const { clock, browser, host, before } = await lostEverything({ options: { recovery: { send: box.send } } });
    box.broken = "hangs";
    void browser.post(recovery).then(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    box.broken = undefined;
    const other = await signedIn(host, before);
    await other.post(recovery).expect(429);
    clock.later(-3600);
    await (await signedIn(host, before)).post(recovery).expect(200);
  }, 15_000);
});
