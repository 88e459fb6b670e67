import { describe, expect, test } from "vitest";
import { startHost, type Browser, type Host } from "../support/host";
import { stopClock } from "../support/processes";

const [verify, disable] = ["/two-factor/verify", "/two-factor/disable"];
/** So many steps ahead of the host's clock is the phone of these people. */
const ahead = 8;

async function owner(options: Parameters<typeof startHost>[0] = {}) {
  const clock = stopClock();
  const host = startHost(options);
  const browser = host.browser();
  await browser.login();
  await browser.enrol();
  return { clock, host, browser };
}

async function passwordOnly(host: Host, of: Browser): Promise<Browser> {
  const browser = host.browser();
  await browser.login();
  browser.secret = of.secret;
  return browser;
}

/** All that differs by what was typed: not the time, and not a token of the client's own. */
const told = ({ status, body, headers }: { status: number; body: unknown; headers: Record<string, string> }) => {
  const { token: _, ...rest } = body as { token?: string };
  return { status, rest, names: Object.keys(headers).toSorted(), length: Object.keys(rest).length };
};

/** The same answer to a code that is right for another time and to one that is right for none. */
async function expectNoHint(browser: Browser, path: string): Promise<void> {
  const off = told(await browser.post(path, { code: browser.code(ahead) }));
  expect(JSON.stringify(off)).not.toMatch(/clock|slow|fast/i);
  expect(off.status).toBeGreaterThanOrEqual(400);
}

describe("The answer under a lock is the same whether the code was right or not: nor is it hinted that a clock is off", () => {
  test("to who has the password alone: a code of another time is told as any wrong one", async () => {
    const { host, browser } = await owner({ options: { maxLoginAttempts: 10 } });
    const stranger = await passwordOnly(host, browser);
    const off = told(await stranger.post(verify, { code: browser.code(ahead) }));
    const wrong = told(await (await passwordOnly(host, browser)).post(verify, { code: browser.wrongCode() }));
    const left = (answer: typeof off) => ({ ...answer, rest: { ...answer.rest, attemptsRemaining: 0, detail: "" } });
    expect(left(off)).toEqual(left(wrong));
  });

  test("to a remembered browser, which is no proof of the moment", async () => {
    const { clock, host, browser } = await owner();
    await browser.post("/logout").expect(200);
    await browser.login();
    await browser.remember();
    await browser.post("/logout").expect(200);
    await browser.login();
    clock.later(60);
    await browser.get("/page").expect(200);
    for (const path of [verify, disable, "/two-factor/recovery-codes"]) {
      await expectNoHint(browser, path);
      await host.tfa.unlock("1");
    }
  });

  test("with a proof that has aged, or died with a reset", async () => {
    const { clock, host, browser } = await owner({ options: { revalidateSeconds: 0 } });
    await browser.post("/logout").expect(200);
    await browser.login();
    await browser.post(verify, { code: browser.recoveryCodes[0] }).expect(200);
    const fresh = await browser.post(disable, { code: browser.code(ahead) }).expect(422);
    expect(fresh.body).toMatchObject({ clockOffSeconds: 240 });
    clock.later(301);
    await expectNoHint(browser, disable);
    await host.tfa.unlock("1");
    await host.tfa.reset("1", { reason: "lost", by: "desk" });
    clock.later(1);
    await expectNoHint(browser, verify);
  });

  test("under a lock, whatever was proven", async () => {
    const { host, browser } = await owner({ options: { maxLoginAttempts: 1, knownBrowserForSeconds: 0 } });
    const stranger = await passwordOnly(host, browser);
    await stranger.post(verify, { code: browser.wrongCode() }).expect(429);
    const off = told(await browser.post(disable, { code: browser.code(ahead) }));
    const wrong = told(await browser.post(disable, { code: browser.wrongCode() }));
    expect(off.status).toBe(429);
    expect({ ...off, rest: { ...off.rest, retryAfterSeconds: 0 } }).toEqual({
      ...wrong,
      rest: { ...wrong.rest, retryAfterSeconds: 0 },
    });
  });

  test("of a code that is right now, and spent: it is told as used, with no clock", async () => {
    const { browser } = await owner();
    const used = await browser.post(disable, { code: browser.code() });
    expect(used.status).toBe(409);
    expect(used.body).not.toHaveProperty("clockOffSeconds");
  });
});
