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

  test("further ones take a minute, then twice as long each; who asks for them does not void what its owner reads", async () => {
    const { clock, box, late } = await ready();
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
    await give(late, codes[0]!).expect(200);
    await late.post(setup).expect(200);
    // Of all that went out, one opens.
    for (const code of codes) await give(late, code).expect(422);
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
      const { status } = await browser.post(`${recovery}${step}`, { code: box.code() });
      expect(status).toBe(stopped === "recovery-requested" ? 503 : 410);
      expect((await host.tfa.status("1")).recovery).toBeUndefined();
      expect(events.at(-1)).toMatchObject({ type: "recovery-cancelled" });
      clock.later(3 * daySeconds);
      const late = await signedIn(host, before);
      await late.post(`${recovery}/confirm`, { code: box.code() }).expect(410);
      await late.post(finish).expect(410);
    },
  );
});
