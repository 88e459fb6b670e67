import { describe, expect, test } from "vitest";
import { memoryStore } from "../../src";
import type { HostOptions } from "../support/host";
import { optionsAt, startKeyHost } from "../support/keys";
import { SoftKey } from "../support/soft-key";
import { onProcess, startProcesses, stopClock } from "../support/processes";

const setup = "/two-factor/setup";
const details = { reason: "lost phone", by: "the help desk" };

/** Somebody whose second factor was reset with a code, signed in anew; and a stranger with the password. */
async function reset(given: HostOptions = {}) {
  const clock = stopClock();
  const store = memoryStore();
  const processes = startProcesses(2, { ...given, options: { store, ...given.options } });
  const [host] = processes;
  const before = host.browser();
  await before.login();
  await before.enrol();
  const code = await host.tfa.reset("1", { ...details, enrolmentCode: true });
  const [owner, stranger] = [host.browser(), host.browser()];
  await owner.login();
  await stranger.login();
  return { clock, store, processes, host, code, owner, stranger };
}

describe("A reset can demand more than the password", () => {
  test("`tfa.reset` returns a code of 80 bits; the record holds a hash, and nothing tells it again", async () => {
    const { code, store } = await reset();
    expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
    const { record } = (await store.get('["user","1"]')) as { record: string };
    expect(record).not.toContain(code);
    expect(record).not.toContain(code.replaceAll("-", ""));
  });

  test("nobody is shown a key without it, by any way that begins a set-up", async () => {
    const { stranger } = await reset();
    expect((await stranger.get(setup).expect(403)).body).toMatchObject({ code: "ENROLMENT_CODE_REQUIRED" });
    expect((await stranger.post(setup).expect(403)).body).not.toHaveProperty("secret");
    const page = await stranger.visit(setup).expect(200);
    expect(page.text).toContain('name="enrolmentCode"');
    expect(page.text).not.toContain("two-factor-secret");
    const wrong = await stranger.post(setup, { enrolmentCode: "AAAA-BBBB-CCCC-DDDD" }).expect(422);
    expect(wrong.body).toMatchObject({ code: "INVALID_ENROLMENT_CODE" });
    for (const enrolmentCode of ["123456", ["x"], true]) await stranger.post(setup, { enrolmentCode }).expect(400);
    await stranger.post(`${setup}/verify`, { code: "123456" }).expect(410);
    await stranger.get("/page").expect(403);
  });

  test("with it, set-up opens for that session alone, and goes on there", async () => {
    const { code, owner, stranger, processes } = await reset();
    await owner.submit(setup, { enrolmentCode: code.toLowerCase().replaceAll("-", " ") }).expect(303);
    expect((await owner.visit(setup).expect(200)).text).toContain("two-factor-secret");
    for (const process of processes) {
      await onProcess(stranger, process).post(setup, { enrolmentCode: code }).expect(422);
    }
    await owner.enrol();
    await owner.get("/page").expect(200);
    await stranger.get("/page").expect(403);
  });

  test("of two sessions that give it at once, one gets in", async () => {
    const { code, owner, stranger, processes } = await reset();
    const answers = await Promise.all(
      [owner, stranger].map((browser, index) =>
        onProcess(browser, processes[index] ?? processes[0]).post(setup, { enrolmentCode: code }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 422]);
  });

  test("it is good for 24 hours; after that the next reset gives another, and a plain one asks for none", async () => {
    const { clock, code, owner, stranger, host } = await reset({ options: { pendingLoginSeconds: 86_400 } });
    clock.later(86_400);
    await owner.post(setup, { enrolmentCode: code }).expect(422);
    const second = await host.tfa.reset("1", { ...details, enrolmentCode: true });
    expect(second).not.toBe(code);
    for (const browser of [owner, stranger]) {
      await browser.post("/logout");
      await browser.login();
    }
    await owner.post(setup, { enrolmentCode: code }).expect(422);
    await owner.post(setup, { enrolmentCode: second }).expect(200);
    expect(await host.tfa.reset("1", details)).toBeUndefined();
    await stranger.post("/logout");
    await stranger.login();
    await stranger.post(setup).expect(200);
  });

  test("who is served by sent codes binds no key without it either: neither by the route nor by a page's own prompt", async () => {
    stopClock();
    const mails: string[] = [];
    const host = startKeyHost({
      options: {
        directOtpResendAfterSeconds: 0,
        sendTwoFactorAuthenticationCode: async (_, text) => void mails.push(text),
      },
    });
    const code = await host.tfa.reset("1", { ...details, enrolmentCode: true });
    const [thief, owner] = [host.browser(), host.browser()];
    for (const browser of [thief, owner]) {
      await browser.login();
      await browser.post("/two-factor/verify/send").expect(200);
      await browser.post("/two-factor/verify", { code: mails.at(-1) }).expect(200);
    }
    expect((await thief.post("/two-factor/keys/options").expect(403)).body).toMatchObject({
      code: "ENROLMENT_CODE_REQUIRED",
    });
    for (const page of ["/two-factor/keys", "/two-factor"]) {
      expect((await thief.visit(page).expect(200)).text).not.toContain("pubKeyCredParams");
    }
    const asked = await optionsAt(owner, "/keys/options", { enrolmentCode: code });
    await owner.post("/two-factor/keys", { response: new SoftKey().register(asked) }).expect(201);
  });

  test("strangers with the password cannot keep it from the owner by wrong ones", async () => {
    const { clock, code, owner, stranger } = await reset({ options: { pendingLoginSeconds: 86_400 } });
    for (let minute = 0; minute < 3; minute += 1) {
      for (let tries = 0; tries < 30; tries += 1) {
        await stranger.post(setup, { enrolmentCode: "AAAA-BBBB-CCCC-DDDD" }).expect(422);
      }
      clock.later(60);
    }
    await owner.post(setup, { enrolmentCode: code }).expect(200);
  });
});
