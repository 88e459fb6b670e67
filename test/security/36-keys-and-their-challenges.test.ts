import cookieSession from "cookie-session";
import { MemoryStore, type SessionData } from "express-session";
import { describe, expect, test, vi } from "vitest";
import { later, stopClock } from "../support/clock";
import { memoryStore } from "../../src";
import type { Browser } from "../support/host";
import { addKey, optionsAt, ownerOfKey, startKeyHost, verifyWith } from "../support/keys";
import { SoftKey } from "../support/soft-key";

/** Somebody has the session as it was. */
function copyCookies(from: Browser, to: Browser): void {
  for (const name of ["s", "s.sig"]) to.agent.jar.setCookie(`${name}=${from.cookie(name)}; path=/`, "127.0.0.1", "/");
}

/** Sessions live in cookies: somebody has a copy of one from before its owner signed in with this answer. */
async function answeredOnce() {
  const store = memoryStore();
  const host = startKeyHost({
    session: false,
    options: { store },
    early: (app) => app.use(cookieSession({ name: "s", keys: ["k"] })),
  });
  const { browser, key } = await ownerOfKey(host);
  const asked = await optionsAt(browser, "/verify/options");
  const stolen = host.browser();
  copyCookies(browser, stolen);
  const answer = key.assert(asked);
  await browser.post("/two-factor/verify", { key: answer }).expect(200);
  return { host, store, browser, key, stolen, answer };
}

const refusal = (reason: string) => ({ code: "KEY_REFUSED", status: 422, reason });

describe("security keys", () => {
  test("1. the relying party comes from configuration alone", async () => {
    const host = startKeyHost({ early: (app) => app.set("trust proxy", true) });
    const { browser, key } = await ownerOfKey(host);
    const evil = { origin: "https://evil.test", rpId: "evil.test" };
    const asked = await browser.post("/two-factor/verify/options").set("host", "evil.test").expect(200);
    const { publicKey } = asked.body as { publicKey: { rpId: string; challenge: string } };
    expect(publicKey.rpId).toBe("example.com");
    const { body } = await browser
      .post("/two-factor/verify", { key: key.assert(publicKey, evil) })
      .set("host", "evil.test")
      .set("x-forwarded-host", "evil.test")
      .set("x-forwarded-proto", "https")
      .expect(422);
    expect(body).toMatchObject(refusal("origin"));
    // Each by itself: what the key has signed, and what the browser says.
    for (const [change, reason] of [
      [{ rpId: "evil.test" }, "relying-party"],
      [{ rpId: "app.example.com" }, "relying-party"],
      [{ origin: "https://example.com" }, "origin"],
    ] as const) {
      const answer = await verifyWith(browser, key, change);
      expect([answer.status, answer.body]).toMatchObject([422, refusal(reason)]);
    }
  });

  test("2. a challenge is 32 random bytes in the session, for one purpose, user and epoch, for 300 seconds, taken out before anything is verified", async () => {
    const host = startKeyHost();
    const { owner, browser, key } = await ownerOfKey(host);
    const asked = await optionsAt(browser, "/verify/options");
    expect(Buffer.from(asked.challenge, "base64url")).toHaveLength(32);
    expect((await optionsAt(browser, "/verify/options")).challenge).not.toBe(asked.challenge);

    // One that is refused is spent all the same.
    const wrong = key.assert(asked, { origin: "https://evil.test" });
    await browser.post("/two-factor/verify", { key: wrong }).expect(422);
    const late = await browser.post("/two-factor/verify", { key: key.assert(asked) }).expect(410);
    expect(late.body).toMatchObject({ code: "KEY_CHALLENGE_EXPIRED" });

    // A challenge for adding does not sign in; one of another session is none of this.
    const adding = await optionsAt(owner, "/keys/options");
    await owner.post("/two-factor/verify", { key: key.assert(adding) }).expect(410);
    const elsewhere = await optionsAt(owner, "/verify/options");
    await browser.post("/two-factor/verify", { key: key.assert(elsewhere) }).expect(410);

    // The epoch moves on.
    const before = await optionsAt(browser, "/verify/options");
    await host.tfa.forgetBrowsers("1");
    await browser.post("/two-factor/verify", { key: key.assert(before) }).expect(410);

    const old = await optionsAt(browser, "/verify/options");
    later(301);
    try {
      await browser.post("/two-factor/verify", { key: key.assert(old) }).expect(410);
    } finally {
      vi.useRealTimers();
    }
    expect((await verifyWith(browser, key)).status).toBe(200);
  });

  test("2. it is saved as taken out before anything is verified", async () => {
    const steps: string[] = [];
    class NotingStore extends MemoryStore {
      override set(id: string, data: SessionData, done?: (error?: unknown) => void): void {
        steps.push(`saved ${JSON.stringify(data)}`);
        super.set(id, data, done);
      }
    }
    const host = startKeyHost({ session: { store: new NotingStore() } });
    const { browser, key } = await ownerOfKey(host);
    const asked = await optionsAt(browser, "/verify/options");
    const verify = vi.spyOn(globalThis.crypto.subtle, "verify");
    const before = steps.length;
    verify.mockImplementation(() => {
      steps.push("verified");
      return Promise.resolve(false);
    });
    try {
      expect(steps.at(-1)).toContain(asked.challenge);
      await browser.post("/two-factor/verify", { key: key.assert(asked) }).expect(422);
    } finally {
      verify.mockRestore();
    }
    const [first = "", second] = steps.slice(before);
    expect([first.startsWith("saved"), first.includes(asked.challenge), second]).toEqual([true, false, "verified"]);
  });

  test("3. nothing of the body but the response is read", async () => {
    const host = startKeyHost();
    const { browser, key } = await ownerOfKey(host);
    const own = { challenge: Buffer.alloc(32, 1).toString("base64url") };
    const lies = {
      ...own,
      publicKey: own,
      origin: "https://evil.test",
      rpId: "evil.test",
      userId: "2",
      expectedChallenge: own.challenge,
    };
    await browser.post("/two-factor/verify", { key: key.assert(own), ...lies }).expect(410);
    const asked = await optionsAt(browser, "/verify/options");
    const evil = key.assert(asked, { origin: "https://evil.test", rpId: "evil.test" });
    await browser.post("/two-factor/verify", { key: { ...evil, ...lies }, ...lies }).expect(422);
    expect((await verifyWith(browser, key, {}, lies)).status).toBe(200);
  });

  test("4. with a session that lives in a cookie, a challenge is accepted once all the same", async () => {
    const { host, key, stolen, answer } = await answeredOnce();
    // What is spent is kept beside what others spend, until it expires.
    const elsewhere = host.browser();
    await elsewhere.login();
    expect((await verifyWith(elsewhere, key)).status).toBe(200);
    const again = await stolen.post("/two-factor/verify", { key: answer }).expect(410);
    expect(again.body).toMatchObject({ code: "KEY_CHALLENGE_EXPIRED" });
    await stolen.get("/private").expect(403);
  });

  test("4. whose clock is a minute fast forgets none that another would take, and the record stays bounded", async () => {
    const clock = stopClock();
    const { store, browser, key, stolen, answer } = await answeredOnce();
    clock.later(301);
    expect((await verifyWith(browser, key)).status).toBe(200);
    clock.later(-60);
    expect((await stolen.post("/two-factor/verify", { key: answer })).status).toBe(410);
    const told: number[] = [];
    for (let times = 0; times < 60; times += 1) told.push((await verifyWith(browser, key)).status);
    expect([told.slice(0, 57).every((status) => status === 200), told.at(-1)]).toEqual([true, 429]);
    const { spent } = JSON.parse((await store.get('["user","1"]'))?.record ?? "{}") as { spent: unknown[] };
    expect([spent.length, JSON.stringify(spent).length < 2048]).toEqual([60, true]);
    clock.later(421);
    expect((await verifyWith(browser, key)).status).toBe(200);
  });

  test("4. nor is another key added by what has added one already", async () => {
    const host = startKeyHost({ session: false, early: (app) => app.use(cookieSession({ name: "s", keys: ["k"] })) });
    const { owner } = await ownerOfKey(host);
    const asked = await optionsAt(owner, "/keys/options");
    const stolen = host.browser();
    copyCookies(owner, stolen);
    await owner.post("/two-factor/keys", { response: new SoftKey().register(asked) }).expect(201);
    const again = await stolen.post("/two-factor/keys", { response: new SoftKey().register(asked) }).expect(410);
    expect(again.body).toMatchObject({ code: "KEY_CHALLENGE_EXPIRED" });
    expect((await host.tfa.status("1")).keys).toHaveLength(2);
  });

  test("5. crossOrigin is refused, with and without topOrigin", async () => {
    const host = startKeyHost();
    const { browser, key } = await ownerOfKey(host);
    for (const change of [
      { crossOrigin: true },
      { crossOrigin: true, topOrigin: "https://evil.test" },
      { topOrigin: "https://app.example.com" },
      { crossOrigin: "false" },
    ]) {
      expect((await verifyWith(browser, key, change)).body).toMatchObject(refusal("cross-origin"));
    }
  });

  test("6. a key counts for the user in whose record it is", async () => {
    const host = startKeyHost();
    const { browser, key } = await ownerOfKey(host);
    const other = host.browser();
    await other.login({ id: "2", email: "two@example.com" });
    const foreign = new SoftKey();
    await addKey(other, foreign);
    const answers = [
      await verifyWith(browser, foreign),
      await verifyWith(browser, key, { userHandle: Buffer.alloc(32, 5).toString("base64url") }),
      await verifyWith(browser, new SoftKey()),
    ];
    for (const { status, body } of answers) expect([status, body]).toEqual([422, answers[0]?.body]);
    expect(answers[0]?.body).toMatchObject(refusal("key"));
    expect((await verifyWith(browser, key)).status).toBe(200);
  });

  test("7. allowCredentials is sent and never empty; no keys, no options", async () => {
    const host = startKeyHost();
    const { owner, browser, key } = await ownerOfKey(host);
    const second = new SoftKey();
    await addKey(owner, second);
    const { allowCredentials } = await optionsAt(browser, "/verify/options");
    expect(allowCredentials.map(({ id }) => id)).toEqual([key.id, second.id]);
    const without = host.browser();
    await without.login({ id: "2", email: "two@example.com" });
    await without.enrol();
    const { body } = await without.post("/two-factor/verify/options").expect(409);
    expect(body).not.toHaveProperty("publicKey");
  });

  test("8. transports are kept and sent back; unknown ones are dropped", async () => {
    const host = startKeyHost();
    const { browser } = await ownerOfKey(host, { transports: ["internal", "hybrid", "carrier-pigeon"] });
    const { allowCredentials } = await optionsAt(browser, "/verify/options");
    expect(allowCredentials[0]?.transports.toSorted()).toEqual(["hybrid", "internal"]);
  });

  test("9. excludeCredentials names all", async () => {
    const host = startKeyHost();
    const { owner, key } = await ownerOfKey(host);
    const second = new SoftKey();
    await addKey(owner, second);
    const { excludeCredentials } = await optionsAt(owner, "/keys/options");
    expect(excludeCredentials.map(({ id }) => id)).toEqual([key.id, second.id]);
    expect((await addKey(owner, second)).body).toMatchObject(refusal("known"));
  });

  test("10. only -8, -7 and -257 are taken, RSA from 2,048 bits, ids up to 1,023 bytes", async () => {
    const host = startKeyHost();
    const owner = host.browser();
    await owner.login();
    const { pubKeyCredParams } = await optionsAt(owner, "/keys/options");
    expect((pubKeyCredParams as { alg: number }[]).map(({ alg }) => alg)).toEqual([-8, -7, -257]);
    const refused = async (key: SoftKey, cose: Map<number, unknown>) => {
      const asked = await optionsAt(owner, "/keys/options");
      const { body } = await owner.post("/two-factor/keys", { response: key.register(asked, { cose }) }).expect(422);
      expect(["algorithm", "malformed"]).toContain((body as { reason: string }).reason);
    };
    const key = new SoftKey();
    for (const algorithm of [-35, -36, -37, -47, -48, -65535, 0])
      await refused(key, new Map([...key.cose, [3, algorithm]]));
    // Another curve by its number, and a point that is on none.
    await refused(key, new Map([...key.cose, [-1, 2]]));
    await refused(key, new Map([...key.cose, [-3, Buffer.alloc(32, 1)]]));
    const ed = new SoftKey({ algorithm: -8 });
    await refused(ed, new Map([...ed.cose, [-1, 4]]));
    // What says that it is of another kind, has another exponent, or a bit less than it seems.
    const rsa = new SoftKey({ algorithm: -257 });
    const modulus = Buffer.from(rsa.cose.get(-1) as Buffer);
    modulus[0] = 0x7f;
    for (const change of [
      [3, -7],
      [-2, Buffer.from([3])],
      [-1, modulus],
    ] as const)
      await refused(rsa, new Map([...rsa.cose, change]));
    const short = new SoftKey({ algorithm: -257, rsaBits: 1024 });
    await refused(short, short.cose);
    const long = new SoftKey({ idBytes: 1023 });
    expect((await addKey(owner, long)).status).toBe(201);
    const asked = await optionsAt(owner, "/keys/options");
    const longer = new SoftKey({ idBytes: 1024 }).register(asked);
    await owner.post("/two-factor/keys", { response: longer }).expect(400);
  });

  test("11. no attestation is asked or judged, no AAGUID kept", async () => {
    const store = memoryStore();
    const host = startKeyHost({ options: { store } });
    const owner = host.browser();
    await owner.login();
    const asked = await optionsAt(owner, "/keys/options");
    expect(asked["attestation"]).toBe("none");
    const key = new SoftKey();
    const plain = key.register(asked) as unknown as { response: { attestationObject: string } };
    // A statement that nobody could verify: it is left unread.
    const text = Buffer.from(plain.response.attestationObject, "base64url").toString("latin1");
    const packed = text.replace("dnone", "fpacked");
    plain.response.attestationObject = Buffer.from(packed, "latin1").toString("base64url");
    await owner.post("/two-factor/keys", { response: plain }).expect(201);
    expect((await store.get('["user","1"]'))?.record).not.toContain("packed");
  });
});
