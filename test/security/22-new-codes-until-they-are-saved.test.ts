import session from "express-session";
import { describe, expect, test } from "vitest";
import { later, stopClock } from "../support/clock";
import { startHost } from "../support/host";
import { onlyWithCookies, state } from "../support/states";

const codesPath = "/two-factor/recovery-codes";
const again = `${codesPath}/again`;
const file = `${codesPath}/file`;

const codesOn = (html: string): string[] =>
  [...html.matchAll(/<code data-recovery-code[^>]*>([A-Z2-7-]{19})</g)].map(([, code]) => code as string);

/** Somebody who has just set up, in a browser, and was sent here from a page. */
async function justEnrolled(options: object = {}) {
  const clock = stopClock();
  const sessions = new session.MemoryStore();
  const host = startHost({ ...(state === "session" && { session: { store: sessions } }), options });
  const browser = host.browser();
  await browser.login();
  await browser.visit("/page?a=1").expect(303);
  const { secret } = (await browser.post("/two-factor/setup").expect(200)).body as { secret: string };
  const page = await browser.submit("/two-factor/setup/verify", { code: browser.code(0, secret) }).expect(200);
  browser.secret = secret;
  const kept = () => Object.values((sessions as unknown as { sessions: Record<string, string> }).sessions).join("\n");
  return { host, clock, browser, page, codes: codesOn(page.text), kept };
}

describe("New recovery codes are shown until somebody says that they are saved", () => {
  test("whoever reloads sees them again, in this login, and the press ends it and leads on", async () => {
    onlyWithCookies("A program has what it was told.");
    const { browser, page, codes } = await justEnrolled();
    expect(codes).toHaveLength(10);
    expect(page.text).toContain('action="/two-factor/recovery-codes/saved"');
    expect((await browser.visit("/two-factor").expect(200)).text).toContain(`href="${again}"`);
    expect((await browser.visit(codesPath).expect(200)).text).toContain(`href="${again}"`);
    expect(codesOn((await browser.visit(again).expect(200)).text)).toEqual(codes);
    expect((await browser.submit(file, {}).expect(200)).text).toContain(codes[3]);
    await browser.submit(`${codesPath}/saved`, {}).expect(303).expect("Location", "/page?a=1");
    await browser.visit(again).expect(303).expect("Location", codesPath);
    await browser.submit(file, {}).expect(303);
    expect((await browser.visit("/two-factor").expect(200)).text).not.toContain(again);
  });

  test("new ones asked for on the account page, too", async () => {
    onlyWithCookies("A program has what it was told.");
    const { browser, codes } = await justEnrolled();
    const fresh = codesOn((await browser.submit(codesPath, {}).expect(200)).text);
    expect(fresh).not.toEqual(codes);
    expect(codesOn((await browser.visit(again).expect(200)).text)).toEqual(fresh);
    await browser.submit(`${codesPath}/saved`, {}).expect(303).expect("Location", "/two-factor");
  });

  test("no session has them in the clear, and after five minutes nothing shows them", async () => {
    onlyWithCookies("A program has what it was told.");
    const { browser, codes, kept, clock } = await justEnrolled();
    if (state === "session") expect(kept()).toContain("sealed");
    for (const code of codes) expect(kept()).not.toContain(code);
    for (const code of codes) expect(JSON.stringify(browser)).not.toContain(code);
    clock.later(299);
    await browser.visit(again).expect(200);
    clock.later(2);
    await browser.visit(again).expect(303);
  });

  test.each<[string, (it: Awaited<ReturnType<typeof justEnrolled>>) => Promise<unknown>]>([
    [
      "a logout",
      async ({ browser }) => {
        await browser.post("/logout").expect(200);
        await browser.login();
        await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200);
      },
    ],
    [
      "a code of the set that was used",
      async ({ host, codes }) => {
        const other = host.browser();
        await other.login();
        await other.post("/two-factor/verify", { code: codes[0] }).expect(200);
      },
    ],
    [
      "a newer set, made elsewhere",
      async ({ host, browser }) => {
        const other = host.browser();
        await other.login();
        await other.post("/two-factor/verify", { code: browser.code(1) }).expect(200);
        await other.post(codesPath).expect(200);
      },
    ],
  ])("%s ends it", async (_, end) => {
    onlyWithCookies("A program has what it was told.");
    const it = await justEnrolled({ rememberBrowser: "never" });
    await it.browser.visit(again).expect(200);
    await end(it);
    await it.browser.visit(again).expect(303).expect("Location", codesPath);
  });

  test("another login of the same user sees none, nor does who owes a proof", async () => {
    onlyWithCookies("A program has what it was told.");
    const { host, browser } = await justEnrolled();
    const other = host.browser();
    await other.login();
    await other.visit(again).expect(303).expect("Location", "/two-factor/verify");
    await other.post("/two-factor/verify", { code: browser.code(1) }).expect(200);
    await other.visit(again).expect(303).expect("Location", codesPath);
  });

  test("a program has what it was told: nothing is kept of it", async () => {
    const host = startHost();
    const browser = host.browser();
    await browser.login();
    await browser.enrol();
    await browser.get(again).expect(404);
    await browser.post(file).expect(404);
    await browser.post(`${codesPath}/saved`).expect(404);
  });

  test("and are kept for nobody whom a remembered browser alone has let in: its logout would not end them", async () => {
    const { browser } = await justEnrolled();
    await browser.post("/logout").expect(200);
    await browser.login();
    await browser.submit("/two-factor/verify", { code: browser.code(1) }).expect(303);
    await browser.post("/logout").expect(200);
    await browser.login();
    await browser.visit("/page").expect(200);
    later(31);
    const page = await browser.submit(codesPath, { code: browser.code(1) }).expect(200);
    expect(codesOn(page.text)).toHaveLength(10);
    await browser.visit(again).expect(303).expect("Location", codesPath);
  });
});
