import { beforeEach, describe, expect, test, vi } from "vitest";
import { stopClock } from "../support/clock";
import { memoryStore } from "../../src";
import { expectDocumented } from "../client/openapi";
import { startHost, type HostOptions } from "../support/host";

beforeEach(() => void stopClock());

const unlessRequired = { mayTurnOff: (_user: unknown, { required }: { required: boolean }) => !required };

async function enrolled(options: NonNullable<HostOptions["options"]>) {
  const host = startHost({ options });
  const browser = host.browser();
  await browser.login();
  await browser.enrol();
  return { host, browser };
}

describe("Whom the host does not let turn it off cannot", () => {
  test("by the page, by a form of another tab, or by JSON; and no code is looked at or used up", async () => {
    const store = memoryStore();
    const { browser } = await enrolled({ ...unlessRequired, store });
    const account = await browser.visit("/two-factor").expect(200);
    expect(account.text).not.toContain("/two-factor/disable");
    expect(account.text).toContain('name="replace"');

    const page = await browser.visit("/two-factor/disable").expect(403);
    expect(page.text).toContain("Two-factor authentication stays on");
    expect(page.text).not.toContain("<input");
    expect(page.text).toContain('href="/two-factor"');
    const keys: string[] = [];
    for await (const key of store.userIds!()) keys.push(key);
    const before = await store.get(keys[0]!);
    for (const fields of [{}, { code: browser.code(1) }, { code: "000000" }, { code: browser.recoveryCodes[0] }]) {
      await browser.submit("/two-factor/disable", fields).expect(403);
      const { status, headers, body } = await browser.post("/two-factor/disable", fields);
      expect([status, body.code]).toEqual([403, "DISABLE_NOT_OFFERED"]);
      expectDocumented("POST", "/disable", status, headers["content-type"], body);
    }
    expect(await store.get(keys[0]!)).toEqual(before);
    expect((await browser.get("/two-factor/disable").expect(403)).body.code).toBe("DISABLE_NOT_OFFERED");
  });

  test("and a front end is told before it shows a button", async () => {
    const { browser } = await enrolled(unlessRequired);
    const { headers, body } = await browser.get("/two-factor").expect(200);
    expect(body).toMatchObject({ required: true, enabled: true, disableOffered: false });
    expectDocumented("GET", "/", 200, headers["content-type"], body);
  });

  test("but who need not may, and everybody where the host says nothing", async () => {
    for (const options of [{ ...unlessRequired, needTwoFactorAuthentication: () => false }, {}]) {
      const { browser } = await enrolled(options);
      const { body } = await browser.get("/two-factor").expect(200);
      expect(body).not.toHaveProperty("disableOffered");
      expect((await browser.visit("/two-factor")).text).toContain("/two-factor/disable");
      await browser.post("/two-factor/disable").expect(200);
    }
  });

  test("a reset by the host works all the same, and so does another authenticator", async () => {
    const { host, browser } = await enrolled(unlessRequired);
    await browser.submit("/two-factor/setup", { replace: "1" }).expect(303);
    await host.tfa.reset("1", { reason: "lost phone", by: "support" });
    expect((await host.tfa.status("1")).enabled).toBe(false);
  });
});

test.each<[string, () => unknown]>([
  ["undefined", () => undefined],
  ["1", () => 1],
  ["null", () => null],
  [
    "a throw",
    () => {
      throw new Error("no");
    },
  ],
  ["a rejection", () => Promise.reject(new Error("no"))],
])("What is neither yes nor no turns nothing off: %s", async (_, mayTurnOff) => {
  const log = vi.spyOn(console, "error").mockReturnValue();
  const { host, browser } = await enrolled({ mayTurnOff: mayTurnOff as never });
  await browser.post("/two-factor/disable", { code: browser.code(1) }).expect(500);
  expect(log.mock.calls.join()).toContain("mayTurnOff");
  expect((await host.tfa.status("1")).enabled).toBe(true);
  // The gate does not ask it.
  await browser.get("/behind").expect(200);
  log.mockRestore();
});
