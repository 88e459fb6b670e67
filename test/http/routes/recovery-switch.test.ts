import { expect, test } from "vitest";
import { startHost } from "../../support/host";

test("a phone's number pad has no letters: the code page has a way to a field for recovery codes, and its form stays there", async () => {
  const host = startHost({ options: { rememberBrowser: "never" } });
  const owner = host.browser();
  await owner.login();
  await owner.enrol();
  const browser = host.browser();
  await browser.login();
  const digits = (await browser.visit("/two-factor/verify").expect(200)).text;
  expect(digits).toContain('inputmode="numeric"');
  const link = /href="([^"]+with=recovery-code)"/.exec(digits)?.[1] ?? "";
  const letters = (await browser.visit(link).expect(200)).text;
  expect(letters).not.toContain('inputmode="numeric"');
  const action = /<form method="post" action="([^"]+with=recovery-code)"/.exec(letters)?.[1] ?? "";
  const wrong = await browser.submit(action, { code: "AAAA-BBBB-CCCC-DDDD" }).expect(422);
  expect(wrong.text).not.toContain('inputmode="numeric"');
  await browser.submit(action, { code: owner.recoveryCodes[0] ?? "" }).expect(303);
});

test("a host's own pages do not take the posts of our forms", async () => {
  const host = startHost({ options: { pages: { setup: "/app#setup", verify: "/app#verify" } } });
  const owner = host.browser();
  await owner.login();
  await owner.enrol();
  const account = (await owner.visit("/two-factor").expect(200)).text;
  expect(account).toContain('action="/two-factor/setup"');
  const browser = host.browser();
  await browser.login();
  expect((await browser.visit("/balance").expect(303)).headers["location"]).toBe("/app#verify");
});
