import { expect, test } from "vitest";
import { stopClock } from "../../support/clock";
import { addKey, optionsAt, ownerOfKey, startKeyHost, verifyWith } from "../../support/keys";
import { SoftKey } from "../../support/soft-key";

test("a key alone is a second factor: added, it lets in, and recovery codes come with it", async () => {
  const host = startKeyHost();
  const { owner, browser, key, recoveryCodes } = await ownerOfKey(host, { counter: 5 });
  expect(recoveryCodes).toHaveLength(2);
  await owner.get("/private").expect(200, "behind the gate");
  await browser.get("/private").expect(403);
  const passed = await verifyWith(browser, key);
  expect(passed.body).toMatchObject({ method: "security-key", next: "/", recoveryCodesRemaining: 2 });
  await browser.get("/private").expect(200, "behind the gate");
  const { body } = await browser.get("/two-factor/keys").expect(200);
  expect(body).toMatchObject({ max: 5, needsProof: false, keys: [{ name: "Security key", synced: false }] });
  expect(host.events.map(({ type }) => type)).toEqual([
    "enabled",
    "key-added",
    "challenge-passed",
    "browser-remembered",
  ]);
  expect(await host.tfa.status("1")).toMatchObject({ enabled: true, keys: [{ id: key.id, name: "Security key" }] });
});

test("keys are named, renamed and removed, down to none", async () => {
  const host = startKeyHost({ options: { needTwoFactorAuthentication: () => "optional" } });
  const { owner, key } = await ownerOfKey(host);
  const second = new SoftKey();
  const added = await addKey(owner, second, { name: "blue key" });
  expect(added.status).toBe(201);
  expect(added.body).not.toHaveProperty("recoveryCodes");
  const renamed = await owner.post("/two-factor/keys/rename", { id: key.id, name: "Blue Key" }).expect(200);
  expect((renamed.body as { keys: { name: string }[] }).keys.map(({ name }) => name)).toEqual([
    "Blue Key 2",
    "blue key",
  ]);
  const removed = await owner.post("/two-factor/keys/remove", { id: key.id }).expect(200);
  expect(removed.body).toMatchObject({
    keys: [{ id: second.id }],
    signal: { rpId: "example.com", credentialId: key.id },
  });
  await owner.get("/private").expect(200);
  const last = await owner.post("/two-factor/keys/remove", { id: second.id }).expect(200);
  expect(last.body).toMatchObject({ keys: [] });
  expect(await host.tfa.status("1")).toMatchObject({ enabled: false, recoveryCodesRemaining: 0 });
});

test("the app is set up beside a key, and a key beside the app", async () => {
  const host = startKeyHost();
  const { owner, browser, recoveryCodes } = await ownerOfKey(host);
  const begun = await owner.post("/two-factor/setup").expect(200);
  owner.secret = (begun.body as { secret: string }).secret;
  const done = await owner.post("/two-factor/setup/verify", { code: owner.code() }).expect(200);
  expect(done.body).toMatchObject({ recoveryCodes: [] });
  browser.secret = owner.secret;
  await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200);
  const third = host.browser();
  await third.login();
  await third.post("/two-factor/verify", { code: recoveryCodes[0] }).expect(200);

  const other = host.browser();
  await other.login({ id: "2", email: "two@example.com" });
  await other.enrol();
  expect((await addKey(other)).status).toBe(201);
  const { body } = await other.get("/two-factor").expect(200);
  expect((body as { methods: string[] }).methods).toEqual(["totp", "security-key"]);
});

test("a key does what a code does, for what it was asked and nothing else", async () => {
  const host = startKeyHost();
  const { browser, key } = await ownerOfKey(host);
  await verifyWith(browser, key);
  const asked = await optionsAt(browser, "/verify/options", { for: "recovery-codes" });
  const answer = key.assert(asked);
  await browser.post("/two-factor/disable", { key: answer }).expect(410);
  const again = await optionsAt(browser, "/verify/options", { for: "recovery-codes" });
  const { body } = await browser.post("/two-factor/recovery-codes", { key: key.assert(again) }).expect(200);
  expect((body as { recoveryCodes: string[] }).recoveryCodes).toHaveLength(2);
});

test("pages: the button above the code field, and the form of a new key", async () => {
  const host = startKeyHost();
  const { owner, browser, key } = await ownerOfKey(host);
  const page = await browser.visit("/two-factor/verify").expect(200);
  expect(page.text).toContain('id="use-security-key"');
  expect(page.text).toMatch(/<script src="\/two-factor\/assets\/two-factor\.[0-9a-f]{8}\.js" defer>/);
  const options = JSON.parse(/data-options="([^"]+)"/.exec(page.text)?.[1]?.replaceAll("&#34;", '"') ?? "") as {
    challenge: string;
  };
  await browser
    .submit("/two-factor/verify", { key: JSON.stringify(key.assert(options)), code: "" })
    .expect(303)
    .expect("location", "/");
  const account = await owner.visit("/two-factor").expect(200);
  expect(account.text).toContain(`data-key-id="${key.id}"`);
  expect(account.text).toContain('id="add-security-key"');
  const fresh = host.browser();
  await fresh.login({ id: "3" });
  const setup = await fresh.visit("/two-factor/setup").expect(200);
  expect(setup.text).toContain('id="add-security-key"');
  expect(setup.text).toContain('id="two-factor-secret"');
});

test("an app that is replaced is said to work on, where keys are loaded, too", async () => {
  stopClock();
  const host = startKeyHost();
  const owner = host.browser();
  await owner.login();
  await owner.enrol();
  for (const withKey of [false, true]) {
    if (withKey) await addKey(owner);
    await owner.submit("/two-factor/setup", { replace: "1" }).expect(303);
    const { text } = await owner.visit("/two-factor/setup").expect(200);
    expect([text.includes("keeps working"), text.includes("data-options")]).toEqual([true, false]);
  }
});

test("the code page begins with what this browser used last, by a hint that opens nothing", async () => {
  stopClock();
  const host = startKeyHost({ options: { rememberOtpSessionForSeconds: 0 } });
  const { owner, browser, key, recoveryCodes } = await ownerOfKey(host);
  const first = async () => {
    await browser.post("/logout").expect(200);
    await browser.login();
    const { text } = await browser.visit("/two-factor/verify").expect(200);
    return text.indexOf('id="use-security-key"') < text.indexOf('name="code"') ? "key" : "code";
  };
  const hint = () => browser.cookie("last_tfa");
  // Who has nothing else to type than recovery codes has no such choice.
  await browser.post("/two-factor/verify", { code: recoveryCodes[0] }).expect(200);
  expect([hint(), await first()]).toEqual([undefined, "key"]);
  await verifyWith(browser, key);
  expect([hint(), await first()]).toEqual(["key", "key"]);

  const begun = await owner.post("/two-factor/setup").expect(200);
  browser.secret = owner.secret = (begun.body as { secret: string }).secret;
  await owner.post("/two-factor/setup/verify", { code: owner.code() }).expect(200);
  const passed = await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200);
  const cookies = passed.headers["set-cookie"] as unknown as string[];
  expect(cookies.find((one) => one.startsWith("last_tfa="))).toMatch(
    /=code; Max-Age=31536000; .*HttpOnly; SameSite=Lax/,
  );
  expect([hint(), await first()]).toEqual(["code", "code"]);
  await browser.get("/private").expect(403);
  await browser.post("/two-factor/verify", { code: recoveryCodes[1] }).expect(200);
  expect([hint(), await first()]).toEqual(["code", "code"]);
  await verifyWith(browser, key);
  expect([hint(), await first()]).toEqual(["key", "key"]);

  const other = host.browser();
  await other.login({ id: "2", email: "two@example.com" });
  await other.enrol();
  await other.post("/logout").expect(200);
  await other.login({ id: "2", email: "two@example.com" });
  await other.post("/two-factor/verify", { code: other.code(1) }).expect(200);
  expect(other.cookie("last_tfa")).toBeUndefined();
});
