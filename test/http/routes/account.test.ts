import { beforeEach, describe, expect, test } from "vitest";
import { later, stopClock } from "../../support/clock";
import { startHost, type Host } from "../../support/host";

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

beforeEach(() => void stopClock());

async function enrolled(host: Host) {
  const browser = host.browser();
  browser.agent.set("user-agent", firefox);
  await browser.login();
  await browser.enrol();
  return browser;
}

describe("GET /two-factor", () => {
  test("is off, setting up, and on, each right at once", async () => {
    const host = startHost({ options: { needTwoFactorAuthentication: () => "optional" } });
    const browser = host.browser();
    await browser.login();
    expect((await browser.visit("/two-factor").expect(200)).text).toMatch(/tf-badge-off/);
    browser.secret = ((await browser.post("/two-factor/setup")).body as { secret: string }).secret;
    expect((await browser.visit("/two-factor").expect(200)).text).toMatch(/tf-badge-setting-up/);
    const done = await browser.submit("/two-factor/setup/verify", { code: browser.code() }).expect(200);
    expect(done.text.match(/data-recovery-code/g)).toHaveLength(10);
    const on = (await browser.visit("/two-factor").expect(200)).text;
    expect(on).toMatch(/tf-badge-on/);
    expect(on).toContain("10 codes left");
  });

  test("names the remembered browsers, this one among them, and what happened lately", async () => {
    const host = startHost();
    const browser = await enrolled(host);
    await browser.remember();
    const { body } = await browser.get("/two-factor").expect(200);
    expect(body).toMatchObject({
      required: true,
      enabled: true,
      verified: true,
      locked: false,
      methods: ["totp"],
      recoveryCodesRemaining: 10,
      browsers: [{ name: "Firefox on Linux", current: true }],
      activity: [
        { type: "challenge-passed", browser: "Firefox on Linux" },
        { type: "enabled", browser: "Firefox on Linux", ip: expect.stringMatching(/127\.0\.0\.1/) as string },
      ],
    });
  });

  test("warns when three recovery codes are left or fewer", async () => {
    const host = startHost({ options: { rememberBrowser: "never" } });
    const browser = await enrolled(host);
    for (const code of browser.recoveryCodes.slice(0, 7)) {
      await browser.post("/two-factor/verify", { code }).expect(200);
    }
    const page = (await browser.visit("/two-factor").expect(200)).text;
    expect(page).toContain("3 codes left");
    expect(page).toContain("Get new ones before you need them.");
    const fresh = await browser.post("/two-factor/recovery-codes").expect(200);
    expect((fresh.body as { recoveryCodes: string[] }).recoveryCodes).toHaveLength(10);
    expect((await browser.visit("/two-factor").expect(200)).text).not.toContain("Get new ones");
    // The old ones are void.
    await browser.post("/two-factor/verify", { code: browser.recoveryCodes[9] }).expect(422);
  });

  test("one browser is forgotten alone, and asked again; all of them with every other session", async () => {
    const host = startHost({ options: { revalidateSeconds: 0 } });
    const here = await enrolled(host);
    const there = host.browser();
    there.secret = here.secret;
    await there.login();
    await there.post("/two-factor/verify", { code: there.code(1) }).expect(200);
    await there.post("/logout").expect(200);
    await there.login();
    await there.get("/balance").expect(200);

    const { browsers } = (await here.get("/two-factor")).body as { browsers: { id: string; current: boolean }[] };
    const other = browsers.find(({ current }) => !current);
    await here.submit("/two-factor/browsers/forget", { id: other?.id ?? "" }).expect(303);
    await there.get("/balance").expect(403);
    await here.get("/balance").expect(200);

    later(60);
    await there.post("/two-factor/verify", { code: there.code(1) }).expect(200);
    await there.post("/two-factor/browsers/forget").expect(200);
    await there.get("/balance").expect(200);
    await here.get("/balance").expect(403);
  });

  test("a stale form is told how things are now: already on, already off, replaced meanwhile", async () => {
    const host = startHost({ options: { needTwoFactorAuthentication: () => "optional", revalidateSeconds: 0 } });
    const browser = await enrolled(host);
    const again = await browser.submit("/two-factor/setup", {}).expect(409);
    expect(again.text).toContain('role="alert"');
    await browser.submit("/two-factor/disable", { code: browser.code(1) }).expect(303);
    const off = await browser.submit("/two-factor/disable", {}).expect(409);
    expect(off.text).toMatch(/tf-badge-off/);
    await browser.submit("/two-factor/recovery-codes", {}).expect(409);
  });

  test("who must have it is led to set-up after turning it off", async () => {
    const host = startHost();
    const browser = await enrolled(host);
    const ask = await browser.visit("/two-factor/disable").expect(200);
    expect(ask.text).toMatch(/password alone/i);
    await browser.submit("/two-factor/disable", {}).expect(303);
    const led = await browser.visit("/balance").expect(303);
    expect(led.headers["location"]).toBe("/two-factor/setup");
  });
});
