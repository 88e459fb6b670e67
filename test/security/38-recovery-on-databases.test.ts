import { describe, expect, test } from "vitest";
import { securityKeys } from "../../src/factors/security-keys";
import type { FirstEnrolment } from "../../src/options/values";
import type { Browser, Host, HostOptions } from "../support/host";
import { onProcess, startProcessesOn, stopClock } from "../support/processes";
import { daySeconds, lostEverythingOn, mailbox, recovery, signedIn, waitingFor } from "../support/recovery";

const setup = "/two-factor/setup";
const verify = "/two-factor/verify";
const revalidateSeconds = 5;
const engines = ["PostgreSQL", "Redis"] as const;
type Database = (typeof engines)[number];

const sorted = (answers: readonly { status: number }[]): number[] =>
  answers.map(({ status }) => status).toSorted((a, b) => a - b);

/** Two processes, each with a store of its own, and a browser as either sees it. */
function both([one, two]: readonly [Host, ...Host[]]) {
  const other = two as Host;
  return { one, two: other, onOne: (it: Browser) => onProcess(it, one), onTwo: (it: Browser) => onProcess(it, other) };
}

async function lost(engine: Database, more: HostOptions["options"] = {}) {
  const given = await lostEverythingOn(engine, { options: { recoveryCodes: { count: 2 }, ...more } });
  return { ...given, ...both(given.processes) };
}

async function fresh(engine: Database, options: HostOptions["options"] = {}) {
  const clock = stopClock();
  const processes = await startProcessesOn(engine, 2, { options: { recoveryCodes: { count: 2 }, ...options } });
  const browser = processes[0].browser();
  await browser.login();
  return { clock, browser, ...both(processes) };
}

describe.each(engines)("On %s, over two processes", (engine) => {
  test("a reset can demand more than the password: its code opens one session's set-up, on either", async () => {
    const { clock, one, two, onOne, onTwo, browser } = await fresh(engine, { pendingLoginSeconds: daySeconds });
    await browser.enrol();
    const details = { reason: "lost phone", by: "the help desk", enrolmentCode: true } as const;
    const first = await one.tfa.reset("1", details);
    const [owner, thief] = [await signedIn(one), await signedIn(one)];
    for (const on of [onOne, onTwo]) {
      const refused = await on(thief).post(setup).expect(403);
      expect(refused.body).toMatchObject({ code: "ENROLMENT_CODE_REQUIRED" });
      await on(thief).post(setup, { enrolmentCode: "AAAA-BBBB-CCCC-DDDD" }).expect(422);
    }
    clock.later(daySeconds);
    await onTwo(owner).post(setup, { enrolmentCode: first }).expect(422);
    const enrolmentCode = await two.tfa.reset("1", details);
    const [late, other] = [await signedIn(one), await signedIn(one)];
    await onOne(late).post(setup, { enrolmentCode: first }).expect(422);
    const given = [onOne(late), onTwo(other)].map((it) => it.post(setup, { enrolmentCode }));
    const answers = await Promise.all(given);
    expect(sorted(answers)).toEqual([200, 422]);
    const [winner, loser] = answers[0]!.status === 200 ? [late, other] : [other, late];
    await onTwo(loser).post(setup, { enrolmentCode }).expect(422);
    await onOne(winner).enrol();
    await onTwo(winner).get("/page").expect(200);
    await onTwo(loser).get("/page").expect(403);
  });

  test("the last recovery code asks for new ones: used on both at once, one set is made and shown", async () => {
    const { one, two, onOne, onTwo, browser } = await fresh(engine, { recoveryCodes: { count: 1 } });
    await browser.enrol();
    const [code] = browser.recoveryCodes;
    const sessions = [await signedIn(one), await signedIn(one), await signedIn(one), await signedIn(one)];
    const answers = await Promise.all(
      sessions.map((it, index) => (index % 2 === 0 ? onOne : onTwo)(it).post(verify, { code, newRecoveryCodes: true })),
    );
    const shown = answers.flatMap(({ body }) => (body as { recoveryCodes?: string[] }).recoveryCodes ?? []);
    expect([answers.filter(({ status }) => status === 200).length, shown.length]).toEqual([1, 1]);
    for (const { tfa } of [one, two]) expect(await tfa.status("1")).toMatchObject({ recoveryCodesRemaining: 1 });
    await onTwo(await signedIn(one))
      .post(verify, { code: shown[0] })
      .expect(200);
  });

  test("self-service recovery takes time and can be stopped, whichever process each step meets", async () => {
    const { clock, box, before, browser, one, onOne, onTwo } = await lost(engine, { revalidateSeconds });
    const all = (path: string, fields: object) =>
      Promise.all([onOne, onTwo, onOne, onTwo].map((on) => on(browser).post(`${recovery}${path}`, fields)));
    for (const [path, fields] of [
      ["", () => ({})],
      ["/confirm", () => ({ code: box.code() })],
    ] as const) {
      expect((await all(path, fields())).filter(({ status }) => status === 200)).toHaveLength(1);
    }
    expect(box.mails).toHaveLength(2);
    clock.later(3 * daySeconds - 1);
    const [late, thief] = [await signedIn(one, before), await signedIn(one, before)];
    for (const on of [onOne, onTwo]) {
      const early = await on(late).post(`${recovery}/finish`).expect(409);
      expect(early.body).toMatchObject({ code: "RECOVERY_TOO_EARLY", retryAfterSeconds: 1 });
      await on(late).post(setup).expect(403);
    }
    clock.later(1);
    await onTwo(late).post(`${recovery}/finish`).expect(200);
    const opened = [onOne(late), onTwo(thief)].map((it) => it.post(`${recovery}/finish`, { code: box.code() }));
    expect(sorted(await Promise.all(opened))).toEqual([200, 422]);
    const winner = (await onOne(late).post(setup)).status === 200 ? late : thief;
    // The old one lives until the new one is confirmed, and has ended everywhere then.
    await onTwo(before).get("/page").expect(200);
    await onTwo(winner).enrol();
    // What the other process has read of the record is believed so long.
    clock.later(revalidateSeconds);
    await onOne(before).get("/page").expect(403);
    await onOne(winner).get("/page").expect(200);
    const old = await signedIn(one, before);
    await onTwo(old).post(verify, { code: before.recoveryCodes[0] }).expect(422);
  });

  test("a right factor on one process stops a set-up that is open on the other", async () => {
    const { clock, box, before, browser, one, onOne, onTwo } = await lost(engine);
    await waitingFor(browser, box);
    clock.later(3 * daySeconds);
    const [thief, owner] = [await signedIn(one, before), await signedIn(one, before)];
    await onOne(thief).post(`${recovery}/finish`).expect(200);
    await onTwo(thief).post(`${recovery}/finish`, { code: box.code() }).expect(200);
    const { body } = await onOne(thief).post(setup).expect(200);
    const code = () => thief.code(0, (body as { secret: string }).secret);
    await onTwo(owner).post(verify, { code: before.code() }).expect(200);
    for (const on of [onOne, onTwo]) await on(thief).post(`${setup}/verify`, { code: code() }).expect(403);
    await onOne(owner).get("/page").expect(200);
  });

  test("the owner is told at every step, once, and stops it with one click, once", async () => {
    const box = mailbox();
    const findUser = async (id: string) => ({ id });
    const { clock, before, browser, one, two, events } = await lost(engine, {
      recovery: { delaySeconds: 3 * daySeconds, send: box.send, findUser },
    });
    await waitingFor(browser, box);
    const tell = async () => (await Promise.all([one, two].map(({ tfa }) => tfa.tellRecoveries()))).toSorted();
    expect(await tell()).toEqual([0, 0]);
    for (let half = 0; half < 2; half += 1) {
      clock.later(1.5 * daySeconds);
      expect(await tell()).toEqual([0, 1]);
    }
    expect(await tell()).toEqual([0, 0]);
    expect(box.mails.map(({ type }) => type)).toEqual([
      "recovery-requested",
      "recovery-confirmed",
      "recovery-half-way",
      "recovery-ready",
    ]);
    const clicks = [one, two, one, two].map((host) => host.browser().post(box.link()));
    expect(sorted(await Promise.all(clicks))).toEqual([200, 410, 410, 410]);
    expect(events.filter(({ type }) => type === "recovery-cancelled")).toHaveLength(1);
    await (await signedIn(two, before)).post(`${recovery}/finish`).expect(410);
  });

  test("it is not for everybody: who is let out meanwhile, or has to use keys, goes no step further", async () => {
    const box = mailbox();
    let allowed = true;
    const requiredFor = (user: { role?: string }) => user.role === "staff";
    const { browser, one, onOne, onTwo } = await lost(engine, {
      recovery: { send: box.send, allow: () => allowed },
      factors: [
        securityKeys({
          rpId: "example.com",
          origins: ["https://example.com"],
          requiredFor: (user) => requiredFor(user as { role?: string }),
        }),
      ],
    });
    const staff = one.browser();
    await staff.login({ id: "1", role: "staff" });
    for (const on of [onOne, onTwo]) await on(staff).post(recovery).expect(403);
    await onOne(browser).post(recovery).expect(200);
    allowed = false;
    for (const on of [onOne, onTwo]) {
      const refused = await on(browser).post(`${recovery}/confirm`, { code: box.code() }).expect(403);
      expect(refused.body).toMatchObject({ code: "RECOVERY_NOT_OFFERED" });
    }
    await onTwo(staff).post(`${recovery}/confirm`, { code: box.code() }).expect(403);
    allowed = true;
    await onTwo(browser).post(`${recovery}/confirm`, { code: box.code() }).expect(200);
  });

  test("the host can guard the first enrolment too: a code is good for one session, and wrong ones count on both", async () => {
    const sent: string[] = [];
    const { browser, one, onOne, onTwo } = await fresh(engine, {
      confirmFirstEnrolment: (): FirstEnrolment => "code",
      sendTwoFactorAuthenticationCode: (_, code) => void sent.push(code),
      directOtp: () => false,
    });
    const thief = await signedIn(one);
    await onOne(browser).post(setup).expect(403);
    await onTwo(thief).post(setup).expect(403);
    const [code] = sent;
    expect(sent).toHaveLength(1);
    const answers = await Promise.all([onOne(browser), onTwo(thief)].map((it) => it.post(setup, { code })));
    expect(sorted(answers)).toEqual([200, 422]);
    const [winner, loser] = answers[0]!.status === 200 ? [browser, thief] : [thief, browser];
    await onOne(loser).post(setup, { code: "000000" }).expect(422);
    await onTwo(loser).post(setup, { code: "000000" }).expect(429);
    await onOne(loser).post(setup).expect(429);
    await onTwo(winner).enrol();
    await onOne(winner).get("/page").expect(200);
    await onTwo(loser).get("/page").expect(429);
  });
});
