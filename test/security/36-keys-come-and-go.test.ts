import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { memoryStore, type TwoFactorStore } from "../../src";
import { stopClock } from "../support/clock";
import { addKey, optionsAt, ownerOfKey, startKeyHost, verifyWith } from "../support/keys";
import { SoftKey } from "../support/soft-key";

/** The options that a page carries for its script. */
function optionsOn(text: string): { excludeCredentials: { id: string }[]; allowCredentials: { id: string }[] } {
  const [, escaped = "null"] = /data-options="([^"]*)"/.exec(text) ?? [];
  return JSON.parse(escaped.replaceAll("&#34;", '"')) as never;
}

describe("security keys", () => {
  test("6. whatever key an answer names, one signature is checked: in the same time, and with the same answer", async () => {
    const host = startKeyHost();
    const { browser, key } = await ownerOfKey(host);
    const other = host.browser();
    await other.login({ id: "2", email: "two@example.com" });
    const foreign = new SoftKey();
    await addKey(other, foreign);
    const verify = vi.spyOn(globalThis.crypto.subtle, "verify");
    const own = verify.getMockImplementation();
    expect(own).toBeUndefined();
    const checks = async (work: () => Promise<{ status: number; body: unknown }>) => {
      const before = verify.mock.calls.length;
      const { status, body } = await work();
      return [status, (body as { reason?: string }).reason, verify.mock.calls.length - before];
    };
    const forged = async () => {
      const asked = await optionsAt(browser, "/verify/options");
      const answer = { ...foreign.assert(asked, { userHandle: null }), id: key.id, rawId: key.id };
      return browser.post("/two-factor/verify", { key: answer });
    };
    try {
      expect(await checks(() => verifyWith(browser, foreign))).toEqual([422, "key", 1]);
      expect(await checks(() => verifyWith(browser, new SoftKey()))).toEqual([422, "key", 1]);
      expect(await checks(forged)).toEqual([422, "key", 1]);
      const handle = Buffer.alloc(32, 5).toString("base64url");
      expect(await checks(() => verifyWith(browser, key, { userHandle: handle }))).toEqual([422, "key", 1]);
      expect(await checks(() => verifyWith(browser, key))).toEqual([200, undefined, 1]);
    } finally {
      verify.mockRestore();
    }
  });

  test("9. excludeCredentials names all, on every page that adds one and in JSON; one that is there is told so", async () => {
    const host = startKeyHost();
    const { owner, key } = await ownerOfKey(host);
    const second = new SoftKey();
    await addKey(owner, second);
    const all = [key.id, second.id];
    const told = [
      (await optionsAt(owner, "/keys/options")).excludeCredentials,
      ...(await Promise.all(
        ["", "/keys"].map(async (path) => optionsOn((await owner.visit(`/two-factor${path}`)).text).excludeCredentials),
      )),
    ];
    for (const list of told) expect(list.map(({ id }) => id)).toEqual(all);
    // What the browser says by itself (`InvalidStateError`), and what the server says of one that does not.
    const page = await owner.visit("/two-factor");
    expect(page.text).toContain('data--invalid-state-error="This one is registered already."');
    const asked = await optionsAt(owner, "/keys/options");
    const again = await owner.submit("/two-factor/keys", { response: JSON.stringify(second.register(asked)) });
    expect([again.status, again.text.includes("registered already")]).toEqual([422, true]);
    expect((await host.tfa.status("1")).keys).toHaveLength(2);
  });

  test("17. who hangs up before the recovery codes of a first key has changed nothing", async () => {
    stopClock();
    const memory = memoryStore();
    let held: { arrive: () => void; released: Promise<void> } | undefined;
    const store: TwoFactorStore = {
      async get(id) {
        const waiting = held;
        held = undefined;
        waiting?.arrive();
        await waiting?.released;
        return memory.get(id);
      },
      compareAndSet: (...given) => memory.compareAndSet(...given),
    };
    let heard = () => {};
    const host = startKeyHost({
      options: { store },
      early: (app) =>
        app.use((req, _res, next) => {
          if (req.headers["x-click"] === "first") req.socket.once("close", () => heard());
          next();
        }),
    });
    const owner = host.browser();
    await owner.login();
    const key = new SoftKey();
    const asked = await optionsAt(owner, "/keys/options");
    const body = JSON.stringify({ response: key.register(asked) });

    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const arrived = new Promise<void>((resolve) => (held = { arrive: resolve, released }));
    const closed = new Promise<void>((resolve) => (heard = resolve));
    const first = request({
      port: (owner.server.address() as AddressInfo).port,
      path: "/two-factor/keys",
      method: "POST",
      headers: {
        cookie: `connect.sid=${owner.cookie("connect.sid")}`,
        accept: "application/json",
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "x-click": "first",
      },
    });
    first.on("error", () => undefined).end(body);
    await arrived;
    first.destroy();
    await closed;
    release();
    await vi.waitFor(async () => expect(held).toBeUndefined());
    await new Promise((resolve) => setTimeout(resolve, 300));

    expect(await memory.get('["user","1"]')).toBeUndefined();
    expect(host.events).toEqual([]);
    // The same key is added at the next click, with all its codes.
    const added = await addKey(owner, key);
    expect(added.status).toBe(201);
    expect((added.body as { recoveryCodes: string[] }).recoveryCodes).toHaveLength(2);
  });

  test("17. recovery codes die with the last key that an administrator takes away, and stay beside an app", async () => {
    const host = startKeyHost({ options: { needTwoFactorAuthentication: () => "optional" } });
    const { key } = await ownerOfKey(host);
    await host.tfa.removeKey("1", key.id, { reason: "lost", by: "ann" });
    expect(await host.tfa.status("1")).toMatchObject({ enabled: false, recoveryCodesRemaining: 0 });
    const other = host.browser();
    await other.login({ id: "2", email: "two@example.com" });
    await other.enrol();
    const beside = new SoftKey();
    expect((await addKey(other, beside)).body).not.toHaveProperty("recoveryCodes");
    await other.post("/two-factor/keys/remove", { id: beside.id }).expect(200);
    expect(await host.tfa.status("2")).toMatchObject({ enabled: true, recoveryCodesRemaining: 2 });
  });

  test("29. removed keys are signalled, in JSON and on the next page, once, and to their owner alone", async () => {
    const host = startKeyHost({ options: { needTwoFactorAuthentication: () => "optional" } });
    const { owner, key } = await ownerOfKey(host);
    const [second, third] = [new SoftKey(), new SoftKey()];
    await addKey(owner, second);
    await addKey(owner, third);
    const signal = (id: string) => ({ rpId: "example.com", credentialId: id });
    const { body } = await owner.post("/two-factor/keys/remove", { id: key.id }).expect(200);
    expect(body).toMatchObject({ signal: signal(key.id) });
    const signalled = (text: string) => {
      const [, escaped] = /data-tf-signal="([^"]*)"/.exec(text) ?? [];
      return escaped === undefined ? undefined : (JSON.parse(escaped.replaceAll("&#34;", '"')) as object);
    };
    // JSON has told it: the page does, too, for both may be one browser.
    await owner.visit("/two-factor");
    await owner.submit("/two-factor/keys/remove", { id: second.id }).expect(303);
    const page = await owner.visit("/two-factor").expect(200);
    expect(signalled(page.text)).toEqual(signal(second.id));
    expect(page.text).toContain("<script");
    expect(signalled((await owner.visit("/two-factor")).text)).toBeUndefined();
    // The last one of all, too.
    await owner.submit("/two-factor/keys/remove", { id: third.id }).expect(303);
    expect(signalled((await owner.visit("/two-factor")).text)).toEqual(signal(third.id));
    const stranger = host.browser();
    await stranger.login({ id: "2", email: "two@example.com" });
    const { status } = await stranger.post("/two-factor/keys/remove", { id: third.id });
    expect(status).toBe(404);
  });
});
