import { describe, expect, test } from "vitest";
import { memoryStore } from "../../src";
import { daySeconds, lostEverything, mailbox, opened, recovery, signedIn, waitingFor } from "../support/recovery";
import { onProcess } from "../support/processes";

const verify = "/two-factor/verify";

describe("Self-service recovery takes time and can be stopped", () => {
  test("request, code, waiting, a fresh code, set-up; then all else has ended", async () => {
    const { clock, box, before, browser, events, host } = await lostEverything();
    const remembered = before.cookie("known_tfa");
    await browser.post(recovery).expect(200);
    const { body } = await browser.post(`${recovery}/confirm`, { code: box.code() }).expect(200);
    expect(body).toEqual({ readyAt: new Date(Date.now() + 3 * daySeconds * 1000).toISOString() });
    clock.later(3 * daySeconds);
    const again = await signedIn(host, before);
    await opened(again, box);
    // The old one lives until the new one is confirmed.
    await again.get("/page").expect(403);
    await before.get("/page").expect(200);
    const old = before.secret;
    await again.enrol();
    expect(again.secret).not.toBe(old);
    await again.get("/page").expect(200);
    await before.get("/page").expect(403);
    await before.post(verify, { code: before.code(1) }).expect(422);
    await before.post(verify, { code: before.recoveryCodes[0] }).expect(422);
    expect(remembered).toBeDefined();
    expect(await host.tfa.status("1")).toMatchObject({ enabled: true, browsers: [], recoveryCodesRemaining: 4 });
    expect(events.map(({ type }) => type)).toContain("recovery-finished");
  });

  test("no set-up before its time, by no way; and not without a fresh code after it", async () => {
    const { clock, box, browser, host, before } = await lostEverything();
    await browser.post(recovery).expect(200);
    const first = box.code();
    for (const fields of [{}, { code: first }]) {
      expect((await browser.post(`${recovery}/finish`, fields).expect(409)).body).toMatchObject({
        code: "RECOVERY_TOO_EARLY",
      });
    }
    await browser.post(`${recovery}/confirm`, { code: first }).expect(200);
    clock.later(3 * daySeconds - 1);
    const last = await signedIn(host, before);
    const early = await last.post(`${recovery}/finish`).expect(409);
    expect(early.body).toMatchObject({ code: "RECOVERY_TOO_EARLY", retryAfterSeconds: 1 });
    await last.post("/two-factor/setup").expect(403);
    clock.later(1);
    await last.post(`${recovery}/finish`, { code: first }).expect(422);
    await last.post("/two-factor/setup").expect(403);
    await opened(last, box);
    await last.post("/two-factor/setup").expect(200);
    // For that session alone, and for set-up alone.
    const other = await signedIn(host, before);
    await other.post("/two-factor/setup").expect(403);
    for (const path of ["/recovery-codes", "/disable", "/browsers/forget"]) {
      await last.post(`/two-factor${path}`).expect(403);
    }
    await last.get("/two-factor").expect(403);
    await last.get("/page").expect(403);
  });

  test("a code is good for 24 hours, once, in any session that has the password, also on another process", async () => {
    const { clock, box, browser, before, host, processes } = await lostEverything({}, 2);
    await browser.post(recovery).expect(200);
    const code = box.code();
    clock.later(daySeconds);
    const late = await signedIn(host, before);
    expect((await late.post(`${recovery}/confirm`, { code }).expect(410)).body).toMatchObject({
      code: "RECOVERY_OVER",
    });
    await late.post(recovery).expect(200);
    await late.post(`${recovery}/confirm`, { code }).expect(422);
    const other = onProcess(await signedIn(host, before), processes[1] ?? host);
    await other.post(`${recovery}/confirm`, { code: box.code() }).expect(200);
    const repeated = await late.post(`${recovery}/confirm`, { code: box.code() }).expect(409);
    expect(repeated.body).toMatchObject({ code: "RECOVERY_UNDER_WAY" });
  });

  test("a fresh code opens one session; a later one elsewhere ends the first's set-up", async () => {
    const { clock, box, browser, before, host } = await lostEverything();
    await waitingFor(browser, box);
    clock.later(3 * daySeconds);
    const [one, two] = [await signedIn(host, before), await signedIn(host, before)];
    await opened(one, box);
    const { body } = await one.post("/two-factor/setup").expect(200);
    one.secret = (body as { secret: string }).secret;
    await two.post(`${recovery}/finish`, { code: box.code() }).expect(422);
    clock.later(60);
    await opened(two, box);
    await one.post("/two-factor/setup/verify", { code: one.code() }).expect(403);
    await two.enrol();
    await two.get("/page").expect(200);
  });

  test("what it ends in begins with no failures: no lock of strangers meets the new authenticator", async () => {
    const lockout = { baseSeconds: 60, maxSeconds: 60, hardLimit: 3 };
    const { clock, box, before, browser, host } = await lostEverything({ options: { lockout } });
    for (const status of [422, 422, 429]) await browser.post(verify, { code: before.wrongCode() }).expect(status);
    const owner = await signedIn(host, before);
    await waitingFor(owner, box);
    clock.later(3 * daySeconds);
    expect((await host.tfa.status("1")).locked).toBe(true);
    const late = await signedIn(host, before);
    await opened(late, box);
    await late.enrol();
    expect((await host.tfa.status("1")).locked).toBe(false);
    clock.later(30);
    await (await signedIn(host, late)).post(verify, { code: late.code() }).expect(200);
  });

  test("a right factor stops it, whichever and wherever; a wrong one does not", async () => {
    const { clock, box, browser, before, host, events } = await lostEverything();
    await waitingFor(browser, box);
    await browser.post(verify, { code: before.wrongCode() }).expect(422);
    expect((await host.tfa.status("1")).recovery).toBeDefined();
    const owner = await signedIn(host, before);
    await owner.post(verify, { code: before.recoveryCodes[0] }).expect(200);
    expect((await host.tfa.status("1")).recovery).toBeUndefined();
    expect(events.filter(({ type }) => type === "recovery-cancelled")).toMatchObject([{ by: "a right second factor" }]);
    clock.later(3 * daySeconds);
    const late = await signedIn(host, before);
    await late.post(`${recovery}/finish`).expect(410);
  });

  test("of twenty requests at once, one mail goes out; and of twenty confirmations, one", async () => {
    const { box, browser, processes } = await lostEverything({}, 2);
    const all = (path: string, fields: object) =>
      Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          onProcess(browser, processes[index % 2] ?? processes[0]).post(path, fields),
        ),
      );
    const requests = await all(recovery, {});
    expect(requests.filter(({ status }) => status === 200)).toHaveLength(1);
    const confirmations = await all(`${recovery}/confirm`, { code: box.code() });
    expect(confirmations.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(box.mails.map(({ type }) => type)).toEqual(["recovery-requested", "recovery-confirmed"]);
  });

  test("one at a time, twelve hours between two, and three that were stopped close it for 30 days", async () => {
    const { clock, box, before, host } = await lostEverything();
    for (let round = 0; round < 3; round += 1) {
      const browser = await signedIn(host, before);
      await browser.post(recovery).expect(200);
      await browser.post(recovery).expect(409);
      await host.tfa.cancelRecovery("1", { by: "the help desk" });
      const closed = await browser.post(recovery).expect(429);
      const wait = round < 2 ? 12 * 3600 : 30 * daySeconds;
      expect(closed.body).toMatchObject({ code: "RECOVERY_CLOSED", retryAfterSeconds: wait });
      if (round < 2) clock.later(12 * 3600);
    }
    clock.later(30 * daySeconds);
    await (await signedIn(host, before)).post(recovery).expect(200);
    expect(box.mails).toHaveLength(4);
  });

  test("a function may shorten it for a known browser, and its answer is looked at", async () => {
    let answer: unknown = undefined;
    const box = mailbox();
    const delaySeconds = (_: unknown, { knownBrowser }: { knownBrowser: boolean }) =>
      (answer ?? (knownBrowser ? 3600 : 2 * daySeconds)) as number;
    const short = await lostEverything({ options: { recovery: { delaySeconds, send: box.send } } });
    const readyAt = (seconds: number) => ({ readyAt: new Date(Date.now() + seconds * 1000).toISOString() });
    await short.before.post("/logout").expect(200);
    await short.before.login();
    await short.before.post(recovery).expect(200);
    for (const wrong of [0, -1, 1.5, "3600", null, 604_801]) {
      answer = wrong ?? Number.NaN;
      await short.before.post(`${recovery}/confirm`, { code: box.code() }).expect(500);
    }
    answer = undefined;
    const { body } = await short.before.post(`${recovery}/confirm`, { code: box.code() }).expect(200);
    expect(body).toEqual(readyAt(3600));
  });

  test("the store never holds a code in the clear, nor a link that stops it; nor does an event", async () => {
    const store = memoryStore();
    const { clock, box, browser, before, host, events } = await lostEverything({ options: { store } });
    await waitingFor(browser, box);
    clock.later(3 * daySeconds);
    await opened(await signedIn(host, before), box);
    const { record } = (await store.get('["user","1"]')) as { record: string };
    const told = JSON.stringify(events) + record;
    for (const { code, cancelPath } of box.mails) {
      const [, token = "?"] = cancelPath.split("token=");
      expect(told).not.toContain(decodeURIComponent(token));
      if (code === undefined) continue;
      expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
      expect(told).not.toContain(code);
      expect(told).not.toContain(code.replaceAll("-", ""));
    }
  });

  test("seven days after the waiting time it is over", async () => {
    const { clock, box, browser, before, host } = await lostEverything();
    await waitingFor(browser, box);
    clock.later(10 * daySeconds);
    await (await signedIn(host, before)).post(`${recovery}/finish`).expect(410);
    await (await signedIn(host, before)).post(recovery).expect(200);
  });

  test("a reset ends it: neither its codes nor its open set-up are worth anything", async () => {
    const { clock, box, browser, before, host } = await lostEverything();
    await waitingFor(browser, box);
    clock.later(3 * daySeconds);
    const one = await signedIn(host, before);
    await opened(one, box);
    await host.tfa.reset("1", { reason: "lost phone", by: "the help desk", enrolmentCode: true });
    expect((await one.post("/two-factor/setup").expect(403)).body).toMatchObject({ code: "ENROLMENT_CODE_REQUIRED" });
    const two = await signedIn(host, before);
    await two.post(`${recovery}/finish`, { code: box.code() }).expect(403);
    expect((await host.tfa.status("1")).recovery).toBeUndefined();
  });

  test("a code that is none costs nothing and is told apart", async () => {
    const { box, browser } = await lostEverything();
    await browser.post(recovery).expect(200);
    for (const code of [undefined, "", "123456", ["x"], {}, "AAAA-BBBB-CCCC-DDD1", "A".repeat(5000)]) {
      await browser.post(`${recovery}/confirm`, { code }).expect(400);
    }
    await browser.post(`${recovery}/confirm`, { code: "AAAA-BBBB-CCCC-DDDD" }).expect(422);
    await browser.post(`${recovery}/confirm`, { code: box.code().toLowerCase().replaceAll("-", " ") }).expect(200);
  });

  test("codes swapped between users, or scopes, open nothing", async () => {
    const { box, browser, host } = await lostEverything();
    const other = host.browser();
    await other.login({ id: "2" });
    await other.enrol();
    const theirs = await signedIn(host, other, "2");
    await browser.post(recovery).expect(200);
    const code = box.code();
    await theirs.post(recovery).expect(200);
    await theirs.post(`${recovery}/confirm`, { code }).expect(422);
    await browser.post(`${recovery}/confirm`, { code: box.code() }).expect(422);
  });
});
