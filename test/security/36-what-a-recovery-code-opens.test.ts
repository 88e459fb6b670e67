import { describe, expect, test } from "vitest";
import { stopClock } from "../support/clock";
import type { Browser } from "../support/host";
import { onlyWithCookies } from "../support/states";
import { addKey, optionsAt, ownerOfKey, startKeyHost, verifyWith, type KeyHostOptions } from "../support/keys";
import { SoftKey } from "../support/soft-key";

/** An owner of keys of whom nothing else is taken, and a browser that has the password and one of the recovery codes. */
async function halfProven(options: KeyHostOptions["options"] = {}) {
  const clock = stopClock();
  const host = startKeyHost({
    keys: { requiredFor: () => true },
    options: { recoveryCodes: { count: 4 }, ...options },
  });
  const { owner, browser, key, recoveryCodes } = await ownerOfKey(host);
  await browser.post("/two-factor/verify", { code: recoveryCodes[0] }).expect(200);
  return { clock, host, owner, browser, key, recoveryCodes };
}

type Need = NonNullable<NonNullable<KeyHostOptions["options"]>["needTwoFactorAuthentication"]>;

const answersOf = async (browser: Browser, id: string, code: string | undefined) => {
  const wishes = [
    ["/keys/remove", { id }],
    ["/keys/remove", { id, code }],
    ["/keys/rename", { id, name: "mine" }],
    ["/disable", {}],
    ["/disable", { code }],
    ["/recovery-codes", {}],
    ["/browsers/forget", {}],
    ["/setup", { replace: true }],
  ] as const;
  const told: unknown[] = [];
  for (const [path, fields] of wishes) {
    const { status, body } = await browser.post(`/two-factor${path}`, fields);
    told.push([path, status, (body as { code?: string }).code]);
  }
  return told.filter((one) => (one as [string, number])[1] !== 403);
};

describe("security keys", () => {
  test.each<[string, Need]>([
    ["may have one", () => false],
    ["must from tomorrow on", () => ({ from: new Date(Date.now() + 86_400_000) })],
    ["must have one", () => true],
  ])(
    "20. a recovery code removes, renames and turns off nothing, where its owner %s",
    async (_, needTwoFactorAuthentication) => {
      const { host, owner, browser, key, recoveryCodes } = await halfProven({ needTwoFactorAuthentication });
      const second = new SoftKey();
      await addKey(owner, second);
      const before = await host.tfa.status("1");
      for (const { id } of [key, second]) expect(await answersOf(browser, id, recoveryCodes[1])).toEqual([]);
      expect(await host.tfa.status("1")).toEqual(before);
      await browser.get("/private").expect(403);
      const later = host.browser();
      await later.login();
      await later.get("/private").expect(403);
      // What it does open: the list, and the way to another key.
      expect((await browser.get("/two-factor/keys").expect(200)).body).toMatchObject({ needsProof: false });
      expect((await addKey(browser)).status).toBe(201);
      await browser.get("/private").expect(200);
    },
  );

  test("20. nor beside a browser that a key had remembered", async () => {
    onlyWithCookies("A browser is remembered by a cookie.");
    const { host, owner, key, recoveryCodes } = await halfProven({
      needTwoFactorAuthentication: () => false,
      rememberBrowser: "ask",
    });
    const browser = host.browser();
    await browser.login();
    expect((await verifyWith(browser, key, {}, { remember: true })).status).toBe(200);
    await browser.post("/logout");
    await browser.login();
    await browser.get("/private").expect(200);
    await browser.post("/two-factor/verify", { code: recoveryCodes[1] }).expect(200);
    const before = await host.tfa.status("1");
    expect(await answersOf(browser, key.id, recoveryCodes[2])).toEqual([]);
    expect(await host.tfa.status("1")).toEqual(before);
    await owner.get("/private").expect(200);
  });

  test("20. nor does it pass a step-up of the host's, from such a browser", async () => {
    onlyWithCookies("A browser is remembered by a cookie.");
    const host = startKeyHost({
      keys: { requiredFor: () => true },
      options: { rememberBrowser: "ask" },
      mount: (app, tfa) => {
        app.post("/transfer", tfa.requireRecent({ seconds: 300 }), (_req, res) => void res.json({ done: true }));
        app.use(tfa);
      },
    });
    const { browser, key, recoveryCodes } = await ownerOfKey(host);
    await verifyWith(browser, key, {}, { remember: true });
    await browser.post("/transfer").expect(200);
    await browser.post("/logout");
    await browser.login();
    await browser.post("/two-factor/verify", { code: recoveryCodes[0] }).expect(200);
    await browser.post("/transfer").expect(403);
    expect((await verifyWith(browser, key)).status).toBe(200);
    await browser.post("/transfer").expect(200);
  });

  test("20. the page of who is half proven offers another key, and nothing to do with those that there are", async () => {
    const { owner, browser, key } = await halfProven();
    const page = (await browser.visit("/two-factor/keys").expect(200)).text;
    expect(page).toContain(`data-key-id="${key.id}"`);
    expect(page).toContain('id="add-security-key"');
    expect(page).not.toMatch(/keys\/(remove|rename)/);
    for (const path of ["remove", "rename"]) {
      const fields = { id: key.id, name: "mine" };
      await browser.submit(`/two-factor/keys/${path}`, fields).expect(303).expect("location", "/two-factor/keys");
    }
    expect((await owner.visit("/two-factor/keys").expect(200)).text).toMatch(
      /keys\/remove[^]*keys\/rename|keys\/rename[^]*keys\/remove/,
    );
  });

  test("19. a name is changed by a proof of the last 300 seconds, too: by names an owner knows which key to take away", async () => {
    const clock = stopClock();
    const host = startKeyHost();
    const { owner, key } = await ownerOfKey(host);
    const rename = (name: string) => owner.post("/two-factor/keys/rename", { id: key.id, name });
    await rename("blue").expect(200);
    clock.later(301);
    expect((await rename("red").expect(403)).body).toMatchObject({ code: "TWO_FACTOR_REQUIRED", reason: "recent" });
    await owner
      .submit("/two-factor/keys/rename", { id: key.id, name: "red" })
      .expect(303)
      .expect("location", "/two-factor/verify");
    expect((await host.tfa.status("1")).keys).toMatchObject([{ name: "blue" }]);
    await owner.post("/two-factor/verify", { key: key.assert(await optionsAt(owner, "/verify/options")) }).expect(200);
    await rename("red").expect(200);
    // A remembered browser is no such proof.
    await owner.post("/logout");
    await owner.login();
    await rename("green").expect(403);
  });
});
