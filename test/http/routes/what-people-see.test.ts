import { describe, expect, test } from "vitest";
import { stopClock } from "../../support/clock";
import { startHost } from "../../support/host";

async function enrolled() {
  const clock = stopClock();
  const host = startHost();
  const browser = host.browser();
  await browser.login();
  await browser.enrol();
  return { clock, host, browser };
}

describe("what people see", () => {
  test("a wrong code is told at its field, with what to do about one of this kind", async () => {
    const { host, browser } = await enrolled();
    const other = host.browser();
    await other.login();
    const page = await other.submit("/two-factor/verify", { code: browser.wrongCode() }).expect(422);
    expect(page.text).toMatch(
      /<label[^>]*>6-digit code<\/label>\s*<div[^>]*role="alert"[^]*<\/div>\s*<input[^>]*name="code"/,
    );
    expect(page.text).toContain("Set your phone’s clock to automatic. 2 tries left before a lock.");
    const letters = { code: "AAAA-BBBB-CCCC-DDDD" };
    const recovery = await other.submit("/two-factor/verify?with=recovery-code", letters).expect(422);
    expect(recovery.text).toContain("Check it, or use another one: each works only once.");
  });

  test("a recovery code can be typed wherever a code is asked for, on a telephone too", async () => {
    const { clock, browser } = await enrolled();
    clock.later(301);
    for (const [path, fields] of [
      ["/two-factor/setup", { replace: "1" }],
      ["/two-factor/browsers/forget", {}],
    ] as const) {
      const digits = await browser.submit(path, fields);
      expect(digits.text).toContain('inputmode="numeric"');
      expect(digits.text).toContain(`action="${path}?with=recovery-code"`);
      const letters = await browser.submit(`${path}?with=recovery-code`, fields);
      expect(letters.text).toContain('inputmode="text"');
    }
    const [code] = browser.recoveryCodes;
    await browser.submit("/two-factor/browsers/forget?with=recovery-code", { code }).expect(303);
  });

  test("a lock of the set-up speaks of the set-up, and the form is not shown while it refuses right codes", async () => {
    stopClock();
    const host = startHost();
    const browser = host.browser();
    await browser.login();
    await browser.visit("/two-factor/setup").expect(200);
    let page = await browser.submit("/two-factor/setup/verify", { code: "000000" });
    for (let tries = 0; tries < 2; tries += 1)
      page = await browser.submit("/two-factor/setup/verify", { code: "000000" });
    for (const { text } of [page, await browser.visit("/two-factor/setup").expect(429)]) {
      expect(text).toContain("Back to the set-up");
      expect(text).not.toContain("knows your password");
      expect(text).not.toContain("recovery");
      expect(text).not.toContain('name="code"');
    }
  });

  test("who gets codes by mail reads that it is on", async () => {
    const mails: string[] = [];
    const host = startHost({ options: { sendTwoFactorAuthenticationCode: (_, code) => void mails.push(code) } });
    const browser = host.browser();
    await browser.login();
    await browser.visit("/two-factor/verify").expect(200);
    await browser.submit("/two-factor/verify", { code: mails[0] }).expect(303);
    const page = await browser.visit("/two-factor").expect(200);
    expect(page.text).toMatch(/tf-badge-on">On</);
    expect(page.text).toContain("We send you a code when you sign in.");
    expect(page.text).toContain("Use an authenticator app instead");
    expect(page.text).not.toContain("Your account requires it.");
  });

  test("an address of ours that only forms know leads to its page when it is reloaded; programs are told 405", async () => {
    const { browser } = await enrolled();
    for (const [path, page] of [
      ["/setup/verify", "/setup"],
      ["/verify/send", "/verify"],
      ["/browsers/forget", ""],
    ]) {
      await browser.visit(`/two-factor${path}`).expect(303).expect("location", `/two-factor${page}`);
      await browser.get(`/two-factor${path}`).expect(405);
    }
  });

  test("no page is without a way on", async () => {
    const { browser } = await enrolled();
    const page = await browser.visit("/two-factor/nowhere").expect(404);
    expect(page.text).toMatch(/<a class="tf-button" href="\/"/);
  });
});
