import { generateSync } from "otplib";
import session from "express-session";
import { describe, expect, test } from "vitest";
import { generateEncryptionKey, memoryStore, type TwoFactorStore } from "../../src";
import type { Browser } from "../support/host";
import { onProcess, startProcesses, stopClock } from "../support/processes";

const setup = "/two-factor/setup";

async function newcomer(given: Parameters<typeof startProcesses>[1] = {}, processes = 1) {
  const clock = stopClock();
  const hosts = startProcesses(processes, given);
  const browser = hosts[0].browser();
  await browser.login();
  return { clock, hosts, host: hosts[0], browser };
}

const secretOn = (html: string) => /id="two-factor-secret"[^>]*>([^<]*)</.exec(html)?.[1]?.replaceAll(/\s/g, "");
const begin = async (browser: Browser, fields: object = {}) =>
  ((await browser.post(setup, fields).expect(200)).body as { secret: string }).secret;
const pendingIn = async (browser: Browser) => secretOn((await browser.visit(setup).expect(200)).text);

describe("A pending enrolment belongs to the session that began it", () => {
  test("its key is in no record, and in the session only encrypted", async () => {
    const store: TwoFactorStore & { texts?: string[] } = memoryStore();
    const texts: string[] = [];
    const spying: TwoFactorStore = {
      ...store,
      compareAndSet: (id, expected, next) => (texts.push(next.record), store.compareAndSet(id, expected, next)),
    };
    const sessions = new session.MemoryStore();
    const { browser } = await newcomer({ options: { store: spying }, session: { store: sessions } });
    const secret = await begin(browser);
    await browser.post(`${setup}/verify`, { code: "000000" }).expect(422);
    const { sessions: kept } = sessions as unknown as { sessions: Record<string, string> };
    const text = JSON.stringify(kept) + JSON.stringify(texts);
    expect(text).toContain("pending");
    expect(text).not.toContain(secret);
    expect(texts.join()).not.toMatch(/pending|"totp"/);
  });

  test("another session neither sees nor confirms it", async () => {
    const { browser, host } = await newcomer();
    const secret = await begin(browser);
    const other = host.browser();
    await other.login();
    const code = generateSync({ secret, epoch: Date.now() / 1000 });
    await other.post(`${setup}/verify`, { code }).expect(410);
    const others = await pendingIn(other);
    expect(others).toMatch(/^[A-Z2-7]{32}$/);
    expect(others).not.toBe(secret);
    await other.post(`${setup}/verify`, { code }).expect(422);
    expect(await pendingIn(browser)).toBe(secret);
  });

  test("it is carried on to no other user of the same browser", async () => {
    const { browser } = await newcomer();
    const secret = await begin(browser);
    await browser.login({ id: "2" });
    await browser.get("/page").expect(403);
    await browser.login({ id: "1" });
    const second = await pendingIn(browser);
    expect(second).not.toBe(secret);
    await browser.login({ id: "2" });
    expect([secret, second]).not.toContain(await pendingIn(browser));
  });

  test("any number of page loads and wrong codes keep the key, on every process", async () => {
    const { browser, hosts } = await newcomer({}, 2);
    const first = await pendingIn(browser);
    const elsewhere = onProcess(browser, hosts[1] ?? hosts[0]);
    for (const one of [browser, elsewhere, browser]) expect(await pendingIn(one)).toBe(first);
    const wrong = await elsewhere.submit(`${setup}/verify`, { code: "000000" }).expect(422);
    expect(secretOn(wrong.text)).toBe(first);
    expect((await browser.get(setup).expect(200)).body).toMatchObject({ secret: first });
    expect(await begin(browser)).not.toBe(first);
  });

  test("page loads at the same time show one key", async () => {
    const { browser } = await newcomer();
    const keys = await Promise.all(Array.from({ length: 10 }, () => pendingIn(browser)));
    expect(new Set([...keys, await pendingIn(browser)]).size).toBe(1);
  });

  test.each([
    ["a prefetch", { "sec-purpose": "prefetch" }],
    ["a prerender", { "sec-purpose": "prefetch;prerender" }],
    ["an old prefetch", { purpose: "prefetch" }],
    ["Firefox's old prefetch", { "x-moz": "prefetch" }],
    ["a prefetch of Turbo's", { "x-sec-purpose": "prefetch" }],
    ["a preload of htmx's", { "hx-preloaded": "true" }],
    ["a link on another site", { "sec-fetch-site": "cross-site" }],
    ["a link on a sibling domain", { "sec-fetch-site": "same-site" }],
  ])("%s begins none", async (_what, headers) => {
    const { browser } = await newcomer();
    const page = await browser.visit(setup).set(headers).expect(200);
    expect(secretOn(page.text)).toBeUndefined();
    const json = await browser.get(setup).set(headers).expect(410);
    expect(json.text).not.toContain("secret");
    expect((await browser.visit("/two-factor")).text).not.toContain("tf-badge-setting-up");
    expect(await pendingIn(browser)).toBeDefined();
  });

  test("HEAD begins none", async () => {
    const { browser } = await newcomer();
    await browser.agent.head(setup).set("accept", "text/html");
    await browser.agent.head(setup).set("accept", "application/json");
    expect((await browser.visit("/two-factor")).text).not.toContain("tf-badge-setting-up");
  });

  test("a post from another site begins none", async () => {
    const { browser } = await newcomer();
    const first = await pendingIn(browser);
    await browser.submit(setup, {}).set("sec-fetch-site", "cross-site").expect(403);
    await browser.post(setup).set("origin", "https://evil.example").expect(403);
    expect(await pendingIn(browser)).toBe(first);
  });

  test("it ends after `setupValidForSeconds`, and people get a fresh key at once", async () => {
    const { browser, clock } = await newcomer({ options: { setupValidForSeconds: 120 } });
    const secret = await begin(browser);
    clock.later(120);
    const code = () => generateSync({ secret, epoch: Date.now() / 1000 });
    const { body } = await browser.post(`${setup}/verify`, { code: code() }).expect(410);
    expect(body).toMatchObject({ code: "SETUP_SESSION_EXPIRED" });
    const page = await browser.submit(`${setup}/verify`, { code: code() }).expect(410);
    expect(page.text).toContain('role="alert"');
    const fresh = secretOn(page.text);
    expect(fresh).not.toBe(secret);
    expect(await pendingIn(browser)).toBe(fresh);
    await browser
      .post(`${setup}/verify`, { code: generateSync({ secret: fresh ?? "", epoch: Date.now() / 1000 }) })
      .expect(200);
  });

  test("a reset in between voids it", async () => {
    const { browser, host } = await newcomer({ options: { otpSecretEncryptionKey: generateEncryptionKey() } });
    const secret = await begin(browser);
    await host.tfa.reset("1", { reason: "lost phone", by: "the help desk" });
    await browser.post(`${setup}/verify`, { code: generateSync({ secret, epoch: Date.now() / 1000 }) }).expect(410);
    expect(await host.tfa.status("1")).toMatchObject({ enabled: false });
  });
});
