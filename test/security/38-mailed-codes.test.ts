import { describe, expect, test } from "vitest";
import type { RecoveryMessage } from "../../src";
import type { Browser, Host } from "../support/host";
import { daySeconds, lostEverything, mailbox, opened, recovery, signedIn, waitingFor } from "../support/recovery";

const setup = "/two-factor/setup";
const finish = `${recovery}/finish`;
/** A login that waits for its code as long as any of these tests. */
const pendingLoginSeconds = daySeconds;

/** The waiting time is over: a browser that has the password, and a mailbox. */
async function ready(delaySeconds = 3 * daySeconds) {
  const box = mailbox();
  const all = await lostEverything({
    options: { pendingLoginSeconds, recovery: { delaySeconds, send: box.send } },
  });
  await waitingFor(all.browser, box);
  all.clock.later(delaySeconds);
  return { ...all, box, late: await signedIn(all.host, all.before) };
}

const give = (browser: Browser, code: string) => browser.post(finish, { code });

describe("Self-service recovery takes time and can be stopped: what came by mail", () => {
  test("a code that confirmed is spent, however short the waiting time", async () => {
    const { box, late } = await ready(3600);
    const [requested] = box.mails;
    await give(late, requested?.code ?? "").expect(422);
    await late.post(setup).expect(403);
    await opened(late, box);
  });

  test("a fresh code is good for 24 hours", async () => {
    const { clock, box, before, host, late } = await ready();
    await late.post(finish).expect(200);
    clock.later(daySeconds);
    const next = await signedIn(host, before);
    await give(next, box.code()).expect(422);
    await opened(next, box);
  });

  /** Five fresh codes, as soon as each can be asked for. */
  async function fiveCodes() {
    const all = await ready();
    const { clock, box, late } = all;
    await late.post(finish).expect(200);
    const codes = [box.code()];
    for (const seconds of [60, 120, 240, 480]) {
      clock.later(seconds - 1);
      const early = await late.post(finish).expect(429);
      expect(early.body).toMatchObject({ reason: "too-soon", retryAfterSeconds: 1 });
      clock.later(1);
      await late.post(finish).expect(200);
      codes.push(box.code());
    }
    expect(new Set(codes).size).toBe(5);
    return { ...all, codes, sinceFirst: 900 };
  }

  test("further ones take a minute, then twice as long each; who asks for them does not void what its owner reads", async () => {
    const { late, codes } = await fiveCodes();
    await give(late, codes[0]!).expect(200);
    await late.post(setup).expect(200);
    // Of all that went out, one opens.
    for (const code of codes) await give(late, code).expect(422);
  });

  test("five a day: a thief with the password fills no mailbox, and keeps the owner from nothing", async () => {
    const { clock, box, before, host, codes, sinceFirst } = await fiveCodes();
    const thief = async () => (await signedIn(host, before)).post(finish);
    for (let hour = 1; hour < 24; hour += 1) {
      clock.later(hour === 1 ? 3600 - sinceFirst : 3600);
      const { body } = await thief();
      expect(body).toMatchObject({ reason: "too-soon", retryAfterSeconds: (24 - hour) * 3600 });
    }
    expect(box.mails.filter(({ type }) => type === "recovery-code")).toHaveLength(5);
    clock.later(3599);
    await give(await signedIn(host, before), codes[0]!).expect(200);
  });

  test("five a day also once one of them was typed", async () => {
    const { box, before, host, codes, late, sinceFirst } = await fiveCodes();
    await give(late, codes[2]!).expect(200);
    const thief = await (await signedIn(host, before)).post(finish).expect(429);
    expect(thief.body).toMatchObject({ reason: "too-soon", retryAfterSeconds: daySeconds - sinceFirst });
    await late.enrol();
    expect(box.mails.filter(({ type }) => type === "recovery-code")).toHaveLength(5);
  });

  test("also where the waiting time is short: what went out before it counts", async () => {
    const { clock, box, before, host, late } = await ready(3600);
    for (let hour = 0; hour < 22; hour += 1) {
      await (hour === 0 ? late : await signedIn(host, before)).post(finish);
      clock.later(3600);
    }
    expect(box.mails.filter(({ code }) => code !== undefined)).toHaveLength(5);
    await give(await signedIn(host, before), box.code()).expect(200);
  });

  test("with the end of the first of five another can be sent; those that are left stay good", async () => {
    const { clock, box, before, host, codes, sinceFirst } = await fiveCodes();
    clock.later(daySeconds - sinceFirst);
    const owner = await signedIn(host, before);
    await give(owner, codes[0]!).expect(422);
    await owner.post(finish).expect(200);
    await (await signedIn(host, before)).post(finish).expect(429);
    expect(codes).not.toContain(box.code());
    await give(owner, codes[4]!).expect(200);
    await owner.enrol();
    await owner.get("/page").expect(200);
  });

  test("the page says that a code is in the mailbox only while one is good", async () => {
    const { clock, before, host, late } = await ready();
    await late.post(finish).expect(200);
    expect((await late.get(recovery).expect(200)).body).toMatchObject({ state: "ready", codeSent: true });
    clock.later(daySeconds);
    const next = await signedIn(host, before);
    expect((await next.get(recovery).expect(200)).body).not.toHaveProperty("codeSent");
  });

  test("who asks once more voids neither the code nor the link that went out before, and twice a day at most", async () => {
    const { clock, box, before, browser, host } = await lostEverything({ options: { pendingLoginSeconds } });
    await browser.post(recovery).expect(200);
    const [first] = box.mails;
    clock.later(12 * 3600 - 1);
    await (await signedIn(host, before)).post(recovery).expect(409);
    clock.later(1);
    const thief = await signedIn(host, before);
    await thief.post(recovery).expect(200);
    await thief.post(recovery).expect(409);
    expect(box.mails).toHaveLength(2);
    await host.browser().get(first!.cancelPath).expect(200, { cancelled: false });
    clock.later(12 * 3600 - 1);
    const owner = await signedIn(host, before);
    await owner.post(`${recovery}/confirm`, { code: first!.code }).expect(200);
    await host.browser().post(first!.cancelPath).expect(200, { cancelled: true });
  });

  test("the session that has opened it sets up within an hour", async () => {
    const { clock, box, late } = await ready();
    await opened(late, box);
    clock.later(3599);
    await late.post(setup).expect(200);
    clock.later(1);
    await late.post(setup).expect(403);
  });

  test.each(["recovery-requested", "recovery-confirmed"] as const)(
    "who stops it while %s is on its way has stopped that step, too",
    async (stopped) => {
      const box = mailbox();
      const made: { host?: Host } = {};
      const send = async (user: unknown, message: RecoveryMessage) => {
        await box.send(user, message);
        if (message.type === stopped) await made.host?.tfa.cancelRecovery("1");
      };
      const { clock, host, before, browser, events } = await lostEverything({ options: { recovery: { send } } });
      made.host = host;
      if (stopped === "recovery-confirmed") await browser.post(recovery).expect(200);
      const step = stopped === "recovery-requested" ? "" : "/confirm";
      const over = await browser.post(`${recovery}${step}`, { code: box.code() }).expect(410);
      expect(over.body).toMatchObject({ code: "RECOVERY_OVER" });
      expect((await host.tfa.status("1")).recovery).toBeUndefined();
      expect(events.at(-1)).toMatchObject({ type: "recovery-cancelled" });
      clock.later(3 * daySeconds);
      const late = await signedIn(host, before);
      await late.post(`${recovery}/confirm`, { code: box.code() }).expect(410);
      await late.post(finish).expect(410);
    },
  );
});
