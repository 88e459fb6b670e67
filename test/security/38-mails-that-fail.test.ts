import { afterEach, describe, expect, test, vi } from "vitest";
import type { Browser } from "../support/host";
import { daySeconds, lostEverything, mailbox, recovery, signedIn, waitingFor } from "../support/recovery";

const [confirm, finish] = [`${recovery}/confirm`, `${recovery}/finish`];
const pendingLoginSeconds = daySeconds;
const ways = ["fails", "hangs"] as const;

/** As JSON and as a page, what is said where no mail went out. */
const notSent = (reason?: "earlier-code") => ({ code: "MAIL_NOT_SENT", status: 503, ...(reason && { reason }) });
const without = "Should a mail arrive all the same, it is not valid.";
const withEarlier = "the code that we sent before is still good";

/** Ten seconds are over at once: of these tests two wait as long as people would. */
function hurry(): void {
  const later = globalThis.setTimeout;
  const sooner = (work: () => void, milliseconds?: number) => later(work, milliseconds === 10_000 ? 50 : milliseconds);
  vi.spyOn(globalThis, "setTimeout").mockImplementation(sooner as never);
}
afterEach(() => void vi.restoreAllMocks());

async function said(browser: Browser, path: string, fields: object = {}) {
  const { text } = await browser.submit(path, fields).expect(503);
  expect(text).toContain("We could not send the mail");
  return text;
}

describe("Self-service recovery takes time and can be stopped: without its mail no step happens", () => {
  test.each(ways)(
    "a sender that %s at the first mail: it does not begin, no earlier code is spoken of",
    async (way) => {
      const { box, browser, host, events } = await lostEverything();
      box.broken = way;
      const { body, headers } = await browser.post(recovery).expect(503);
      expect(body).toMatchObject(notSent());
      expect(body).not.toHaveProperty("reason");
      expect((body as { detail: string }).detail).toContain(without);
      expect(headers["retry-after"]).toBe("10");
      expect((await host.tfa.status("1")).recovery).toBeUndefined();
      expect(events.at(-1)).toMatchObject({ type: "code-delivery-failed" });
      expect((await browser.get(recovery).expect(200)).body).toMatchObject({ state: "offered" });
      await browser.post(confirm, { code: "AAAA-BBBB-CCCC-DDDD" }).expect(410);
      // It costs nothing of what bounds the next.
      box.broken = undefined;
      await browser.post(recovery).expect(200);
    },
    15_000,
  );

  test.each(ways)(
    "a sender that %s at a later request: the code from before is good, and said to be",
    async (way) => {
      hurry();
      const { box, browser, before, clock, host } = await lostEverything();
      await browser.post(recovery).expect(200);
      clock.later(12 * 3600);
      box.broken = way;
      const late = await signedIn(host, before);
      const { body } = await late.post(recovery).expect(503);
      expect(body).toMatchObject(notSent("earlier-code"));
      expect((body as { detail: string }).detail).toContain(withEarlier);
      box.broken = undefined;
      await late.post(confirm, { code: box.code() }).expect(200);
    },
    15_000,
  );

  test.each(ways)(
    "a sender that %s at the confirmation: no time runs, and the code that was typed is good",
    async (way) => {
      hurry();
      const { box, browser, host } = await lostEverything();
      await browser.post(recovery).expect(200);
      const code = box.code();
      box.broken = way;
      expect((await browser.post(confirm, { code }).expect(503)).body).toMatchObject(notSent("earlier-code"));
      expect((await host.tfa.status("1")).recovery).not.toHaveProperty("readyAt");
      box.broken = undefined;
      await browser.post(confirm, { code }).expect(200);
    },
    15_000,
  );

  test.each(ways)(
    "a sender that %s at the fresh code: the time stays over, and another can be sent",
    async (way) => {
      hurry();
      const box = mailbox();
      const given = { pendingLoginSeconds, recovery: { delaySeconds: 3600, send: box.send } };
      const { browser, clock } = await lostEverything({ options: given });
      await waitingFor(browser, box);
      clock.later(3600);
      box.broken = way;
      expect((await browser.post(finish).expect(503)).body).not.toHaveProperty("reason");
      expect((await browser.get(recovery).expect(200)).body).not.toHaveProperty("codeSent");
      box.broken = undefined;
      await browser.post(finish).expect(200);
      clock.later(60);
      box.broken = way;
      expect((await browser.post(finish).expect(503)).body).toMatchObject(notSent("earlier-code"));
      expect((await browser.get(recovery).expect(200)).body).toMatchObject({ codeSent: true });
      await browser.post(finish, { code: box.code() }).expect(200);
    },
    25_000,
  );

  test("pages say the same, in words that are true", async () => {
    const { box, browser } = await lostEverything();
    box.broken = "fails";
    const first = await said(browser, recovery);
    expect(first).toContain(without);
    expect(first).not.toContain("still good");
    expect(first).toContain("Send me the code");
    box.broken = undefined;
    await browser.submit(recovery, {}).expect(303);
    box.broken = "fails";
    expect(await said(browser, confirm, { code: box.code() })).toContain(withEarlier);
  });

  test("a code that arrives after all, from a sender that hung, is worth nothing, and the link neither", async () => {
    hurry();
    const late: { code?: string; cancelPath: string }[] = [];
    const box = mailbox();
    const send = (_: unknown, message: (typeof late)[number]) => (late.push(message), box.send(_, message as never));
    const { browser, host } = await lostEverything({ options: { recovery: { send } } });
    box.broken = "hangs";
    await browser.post(recovery).expect(503);
    const [{ code, cancelPath } = { cancelPath: "" }] = late;
    const over = await browser.post(confirm, { code }).expect(410);
    expect((over.body as { detail: string }).detail).toContain("has not begun");
    await host.browser().post(cancelPath).expect(410);
  }, 15_000);

  test("while a sender hangs nobody else begins, and the link stops what it is about", async () => {
    const late: { cancelPath: string }[] = [];
    const box = mailbox();
    const send = (_: unknown, message: (typeof late)[number]) => (late.push(message), box.send(_, message as never));
    const { browser, before, host } = await lostEverything({ options: { recovery: { send } } });
    const other = await signedIn(host, before);
    box.broken = "hangs";
    const hanging = browser.post(recovery).then((answer) => answer);
    while (late.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const waits = await other.post(recovery).expect(429);
    // Of no code that was sent: there is none.
    expect(waits.body).toMatchObject({ reason: "too-soon", title: "Too often in a short time" });
    await host.browser().post(late[0]!.cancelPath).expect(200, { cancelled: true });
    expect((await hanging).status).toBe(503);
    expect((await other.post(recovery).expect(429)).body).toMatchObject({ code: "RECOVERY_CLOSED" });
  }, 15_000);

  test("a sender that fails is not asked without end, over all steps: it may have sent all the same", async () => {
    const { box, browser, events } = await lostEverything();
    await browser.post(recovery).expect(200);
    box.broken = "fails";
    const statuses: number[] = [];
    for (let times = 0; times < 7; times += 1) {
      statuses.push((await browser.post(confirm, { code: box.code() })).status);
    }
    expect(statuses).toEqual([503, 503, 503, 503, 503, 429, 429]);
    expect(events.filter(({ type }) => type === "code-delivery-failed")).toHaveLength(5);
    const { body } = await browser.post(confirm, { code: box.code() }).expect(429);
    expect(body).toMatchObject({ title: "Too often in a short time" });
    expect((body as { retryAfterSeconds: number }).retryAfterSeconds).toBeLessThanOrEqual(3600);
  });
});
