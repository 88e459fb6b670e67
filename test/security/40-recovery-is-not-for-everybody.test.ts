import { describe, expect, test, vi } from "vitest";
import { generateEncryptionKey, memoryStore, twoFactor, type Need } from "../../src";
import {
  daySeconds,
  enrolledAndNew,
  lostEverything,
  mailbox,
  opened,
  recovery,
  signedIn,
  waitingFor,
} from "../support/recovery";
import { startProcesses, stopClock } from "../support/processes";
import { securityKeys } from "../../src/factors/security-keys";

describe("It is not for everybody", () => {
  test("without the option there is no such page, and no way leads there", async () => {
    stopClock();
    const [host] = startProcesses(1);
    const { browser } = await enrolledAndNew(host);
    for (const path of ["", "/confirm", "/finish", "/cancel?token=x"]) {
      await browser.post(`${recovery}${path}`).expect(404);
      await browser.visit(`${recovery}${path}`).expect(404);
    }
    expect((await browser.visit("/two-factor/verify").expect(200)).text).not.toContain(recovery);
  });

  test("`allow` says who; whatever is neither yes nor no is told to the operator, and nobody", async () => {
    const box = mailbox();
    let answer: unknown = false;
    const allow = async () => answer as boolean;
    const { browser } = await lostEverything({ options: { recovery: { send: box.send, allow } } });
    for (const path of ["", "/confirm", "/finish"]) {
      const refused = await browser.post(`${recovery}${path}`, { code: "AAAA-BBBB-CCCC-DDDD" }).expect(403);
      expect(refused.body).toMatchObject({ code: "RECOVERY_NOT_OFFERED" });
    }
    expect((await browser.visit("/two-factor/verify").expect(200)).text).not.toContain(`href="${recovery}"`);
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    for (const wrong of [undefined, 1, "yes", null]) {
      answer = wrong;
      await browser.post(recovery).expect(500);
    }
    answer = true;
    await browser.post(recovery).expect(200);
    expect(box.mails).toHaveLength(1);
  });

  test("who is allowed no more sets up nothing, though a code has opened it", async () => {
    const box = mailbox();
    let allowed = true;
    const { browser, clock, host, before } = await lostEverything({
      options: { recovery: { delaySeconds: daySeconds, send: box.send, allow: () => allowed } },
    });
    await waitingFor(browser, box);
    clock.later(daySeconds);
    const late = await signedIn(host, before);
    await opened(late, box);
    allowed = false;
    await late.post("/two-factor/setup").expect(403);
    allowed = true;
    const { body } = await late.post("/two-factor/setup").expect(200);
    late.secret = (body as { secret: string }).secret;
    allowed = false;
    await late.post("/two-factor/setup/verify", { code: late.code() }).expect(403);
    await late.get("/two-factor/setup").expect(403);
    allowed = true;
    await late.post("/two-factor/setup/verify", { code: late.code() }).expect(200);
  });

  test("never for users of whom only keys are taken", async () => {
    const box = mailbox();
    const requiredFor = (user: unknown) => (user as { role?: string }).role === "staff";
    const { browser, host } = await lostEverything({
      options: {
        recovery: { send: box.send },
        factors: [securityKeys({ rpId: "example.com", origins: ["https://example.com"], requiredFor })],
      },
    });
    const staff = host.browser();
    await staff.login({ id: "1", role: "staff" });
    await staff.post(recovery).expect(403);
    await browser.post(recovery).expect(200);
  });

  test("who may use keys, and need not, recovers as everybody does", async () => {
    const { box, clock, browser, before, host } = await lostEverything({
      options: { factors: [securityKeys({ rpId: "example.com", origins: ["https://example.com"] })] },
    });
    await waitingFor(browser, box);
    clock.later(3 * daySeconds);
    const late = await signedIn(host, before);
    await opened(late, box);
    await late.enrol();
    await late.get("/page").expect(200);
  });

  test("nor for whom the host asks for no second factor", async () => {
    let need: Need = true;
    const box = mailbox();
    const { browser } = await lostEverything({
      options: { needTwoFactorAuthentication: () => need, recovery: { send: box.send } },
    });
    await browser.post(recovery).expect(200);
    need = "never";
    await browser.post(`${recovery}/confirm`, { code: box.code() }).expect(403);
    expect(box.mails).toHaveLength(1);
  });

  test("nor for who has nothing to lose, or is not signed in", async () => {
    const { host } = await lostEverything();
    const fresh = await signedIn(host, undefined, "3");
    await fresh.post(recovery).expect(403);
    await host.browser().post(recovery).expect(401);
  });

  test("a host whose direct codes go to the same mailbox is warned at construction", () => {
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const given = { issuer: "x", otpSecretEncryptionKey: generateEncryptionKey(), recovery: { send: () => undefined } };
    twoFactor({ ...given, store: memoryStore() });
    expect(warned).not.toHaveBeenCalled();
    const allow = (user: { role?: string }) => user.role !== "mail";
    const both = { ...given, sendTwoFactorAuthenticationCode: () => undefined };
    twoFactor<{ role?: string }>({ ...both, store: memoryStore(), recovery: { send: () => undefined, allow } });
    expect(warned).not.toHaveBeenCalled();
    twoFactor({ ...both, store: memoryStore() });
    expect(warned).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("mailbox"), {
      code: "TWO_FACTOR_RECOVERY_MAILBOX",
    });
    warned.mockRestore();
  });

  test("wrong options are told, each with its fix", () => {
    const given = { issuer: "x", otpSecretEncryptionKey: generateEncryptionKey(), store: memoryStore() };
    const made = (recoveryGiven: object) => () => twoFactor({ ...given, recovery: recoveryGiven as never });
    expect(made({})).toThrow("`recovery.send` is missing");
    expect(made({ send: () => undefined, delaySeconds: 604_801 })).toThrow("`recovery.delaySeconds`");
    expect(made({ send: () => undefined, delaySeconds: 0 })).toThrow("`recovery.delaySeconds`");
    expect(made({ send: () => undefined, dealySeconds: 5 })).toThrow("`recovery.dealySeconds` is no option");
  });
});
