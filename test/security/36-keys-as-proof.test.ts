import cookieSession from "cookie-session";
import { describe, expect, test } from "vitest";
import { generateEncryptionKey, memoryStore } from "../../src";
import { addKey, optionsAt, ownerOfKey, startKeyHost, verifyWith } from "../support/keys";
import { stopClock } from "../support/clock";
import { SoftKey } from "../support/soft-key";

const recordOf = async (store: ReturnType<typeof memoryStore>, key = '["user","1"]') => {
  const stored = await store.get(key);
  return JSON.parse(stored?.record ?? "null") as {
    handle: string;
    attempts: { failures: number; inARow: number };
    factors: { kind: string; id?: string; key: (string | number)[]; mac: string; name: string }[];
  };
};

async function rewrite(store: ReturnType<typeof memoryStore>, change: (record: any) => void, key = '["user","1"]') {
  const stored = await store.get(key);
  const record = JSON.parse(stored?.record ?? "null");
  change(record);
  await store.compareAndSet(key, stored?.revision, { record: JSON.stringify(record), revision: "by-hand" });
}

describe("security keys", () => {
  test("12. the user was present; verified, if the option says so, and the proof notes it", async () => {
    const host = startKeyHost();
    const { browser, key } = await ownerOfKey(host);
    expect((await verifyWith(browser, key, { flags: { present: false } })).body).toMatchObject({ reason: "presence" });
    await verifyWith(browser, key, { flags: { verified: true } });
    expect(host.events.find(({ type }) => type === "challenge-passed")).toMatchObject({
      method: "security-key",
      userVerified: true,
      synced: false,
    });
    // Of a key that has been copied as well; and the list says what it did when it was last used.
    const copied = startKeyHost();
    const owner = await ownerOfKey(copied, { flags: { eligible: true } });
    expect((await copied.tfa.status("1")).keys).toMatchObject([{ userVerified: false }]);
    await verifyWith(owner.browser, owner.key, { flags: { verified: true, synced: true } });
    expect(copied.events.find(({ type }) => type === "challenge-passed")).toMatchObject({
      userVerified: true,
      synced: true,
    });
    expect((await copied.tfa.status("1")).keys).toMatchObject([{ userVerified: true, synced: true }]);
    const strict = startKeyHost({ keys: { userVerification: "required" } });
    const owned = await ownerOfKey(strict, { flags: { verified: true } });
    const unverified = await verifyWith(owned.browser, owned.key, { flags: { verified: false } });
    expect(unverified.body).toMatchObject({ code: "KEY_REFUSED", reason: "verification" });
  });

  test("13. a counter that does not move is refused only where either is above zero; the key stays", async () => {
    const host = startKeyHost();
    const { browser, key } = await ownerOfKey(host, { counter: 7 });
    expect((await verifyWith(browser, key, { counter: 7 })).body).toMatchObject({ reason: "counter" });
    expect((await verifyWith(browser, key, { counter: 0 })).body).toMatchObject({ reason: "counter" });
    const { keys = [] } = await host.tfa.status("1");
    expect(keys).toHaveLength(1);
    const name = keys[0]?.name ?? "";
    const told = host.events.filter(({ type }) => type === "key-suspicious");
    expect(told).toMatchObject([
      { name, userId: "1" },
      { name, userId: "1" },
    ]);
    expect(name).not.toBe("");
    expect((await verifyWith(browser, key)).status).toBe(200);
    const silent = startKeyHost();
    const other = await ownerOfKey(silent);
    for (let times = 0; times < 2; times += 1) expect((await verifyWith(other.browser, other.key)).status).toBe(200);
  });

  test("14. counter and last use are written with the proof: of two at once with one counter, one wins", async () => {
    const store = memoryStore();
    const host = startKeyHost({ options: { store } });
    const { browser, key } = await ownerOfKey(host, { counter: 7 });
    const second = host.browser();
    await second.login();
    const asked = [await optionsAt(browser, "/verify/options"), await optionsAt(second, "/verify/options")] as const;
    const answers = await Promise.all([
      browser.post("/two-factor/verify", { key: key.assert(asked[0], { counter: 8 }) }),
      second.post("/two-factor/verify", { key: key.assert(asked[1], { counter: 8 }) }),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422]);
    const [entry] = (await recordOf(store)).factors;
    expect(entry?.key[2]).toBe(8);
    expect((await host.tfa.status("1")).keys).toHaveProperty("0.lastUsedAt");
  });

  test("15. a refused key is no guess; twenty in ten minutes give 429 for keys alone", async () => {
    const store = memoryStore();
    const host = startKeyHost({ options: { store } });
    const { browser, recoveryCodes } = await ownerOfKey(host);
    const foreign = new SoftKey();
    for (let times = 0; times < 20; times += 1) expect((await verifyWith(browser, foreign)).status).toBe(422);
    const { status, body } = await verifyWith(browser, foreign);
    expect([status, body]).toMatchObject([429, { code: "TOO_MANY_ATTEMPTS", reason: "too-soon" }]);
    expect((await recordOf(store)).attempts).toMatchObject({ failures: 0, inARow: 0 });
    await browser.post("/two-factor/verify", { code: recoveryCodes[0] }).expect(200);
  });

  test("15. strangers with the password cannot use up the tries of the owner, who has a key or adds the first", async () => {
    const host = startKeyHost();
    const { browser, key } = await ownerOfKey(host);
    const foreign = new SoftKey();
    const stranger = host.browser();
    await stranger.login();
    for (let times = 0; times < 21; times += 1) await verifyWith(stranger, foreign);
    expect((await verifyWith(stranger, foreign)).status).toBe(429);
    expect((await verifyWith(browser, key)).status).toBe(200);

    const [other, newcomer] = [host.browser(), host.browser()];
    await other.login({ id: "2" });
    await newcomer.login({ id: "2" });
    for (let times = 0; times < 21; times += 1) {
      const asked = await optionsAt(other, "/keys/options");
      await other.post("/two-factor/keys", { response: foreign.register(asked, { rpId: "evil.example" }) });
    }
    expect((await addKey(newcomer)).status).toBe(201);
  });

  test("15. nor where sessions are in cookies: each login has its own tries, and copies of its cookie bring no new ones", async () => {
    const host = startKeyHost({ session: false, early: (app) => app.use(cookieSession({ name: "s", keys: ["k"] })) });
    const { browser, key } = await ownerOfKey(host);
    const foreign = new SoftKey();
    for (let times = 0; times < 25; times += 1) {
      const stranger = host.browser();
      await stranger.login();
      expect((await verifyWith(stranger, foreign)).status).toBe(422);
    }
    const asked = await optionsAt(browser, "/verify/options");
    expect((await browser.post("/two-factor/verify", { key: key.assert(asked) })).status).toBe(200);
    const one = host.browser();
    await one.login();
    const answer = foreign.assert(await optionsAt(one, "/verify/options"));
    const seen = { s: one.cookie("s"), "s.sig": one.cookie("s.sig") };
    const told: number[] = [];
    for (let times = 0; times < 21; times += 1) {
      const copy = host.browser();
      for (const [name, value] of Object.entries(seen)) copy.agent.jar.setCookie(`${name}=${value}`, "127.0.0.1", "/");
      told.push((await copy.post("/two-factor/verify", { key: answer })).status);
    }
    expect([told.slice(0, 20).every((status) => status === 422), told[20]]).toEqual([true, 429]);
  });

  test("16. the lock for codes does not stop a key, and its proof gives an attacker no new guesses", async () => {
    const store = memoryStore();
    const host = startKeyHost({ options: { store } });
    const { browser, key } = await ownerOfKey(host);
    for (let times = 0; times < 3; times += 1) {
      await browser.post("/two-factor/verify", { code: `00000${times}` });
    }
    await browser.post("/two-factor/verify", { code: "000003" }).expect(429);
    // It is not the lock that such a user is told about, but what is owed.
    expect((await browser.get("/private").expect(403)).body).toMatchObject({ code: "TWO_FACTOR_REQUIRED" });
    const page = await browser.visit("/two-factor/verify");
    expect(page.text).toContain('id="use-security-key"');
    expect((await verifyWith(browser, key)).status).toBe(200);
    await browser.get("/private").expect(200);
    expect((await recordOf(store)).attempts).toMatchObject({ inARow: 3 });
    const attacker = host.browser();
    await attacker.login();
    await attacker.post("/two-factor/verify", { code: "000004" }).expect(429);
  });

  test("17. recovery codes come with the first strong factor, and die with the last", async () => {
    const host = startKeyHost({ options: { needTwoFactorAuthentication: () => "optional" } });
    const { owner, key, recoveryCodes } = await ownerOfKey(host);
    expect(recoveryCodes).toHaveLength(2);
    expect((await addKey(owner)).body).not.toHaveProperty("recoveryCodes");
    expect((await host.tfa.status("1")).recoveryCodesRemaining).toBe(2);
    await owner.post("/two-factor/keys/remove", { id: key.id }).expect(200);
    expect((await host.tfa.status("1")).recoveryCodesRemaining).toBe(2);
    const [last] = (await host.tfa.status("1")).keys ?? [];
    await owner.post("/two-factor/keys/remove", { id: last?.id }).expect(200);
    expect(await host.tfa.status("1")).toMatchObject({ enabled: false, recoveryCodesRemaining: 0 });
    const browser = host.browser();
    await browser.login();
    await browser.post("/two-factor/verify", { code: recoveryCodes[0] }).expect(409);
  });

  test("18. the last factor of somebody who must have one is not removed; removing it otherwise is turning off", async () => {
    const store = memoryStore();
    const host = startKeyHost({ options: { store } });
    const { owner, key } = await ownerOfKey(host);
    const { body } = await owner.post("/two-factor/keys/remove", { id: key.id }).expect(409);
    expect(body).toMatchObject({ code: "LAST_FACTOR" });
    // That is told before a code is looked at: a wrong one is not counted, a right one not used up.
    const wrong = await owner.post("/two-factor/keys/remove", { id: key.id, code: "000000" }).expect(409);
    expect(wrong.body).toMatchObject({ code: "LAST_FACTOR" });
    expect((await recordOf(store)).attempts).toMatchObject({ failures: 0 });
    expect((await host.tfa.status("1")).recoveryCodesRemaining).toBe(2);
    const kept = startKeyHost({
      options: { needTwoFactorAuthentication: () => "optional", mayTurnOff: () => false },
    });
    const owned = await ownerOfKey(kept);
    await owned.owner.post("/two-factor/keys/remove", { id: owned.key.id }).expect(409);
    const free = startKeyHost({ options: { needTwoFactorAuthentication: () => "optional" } });
    const other = await ownerOfKey(free);
    await other.owner.post("/two-factor/keys/remove", { id: other.key.id }).expect(200);
    expect(free.events.map(({ type }) => type)).toContain("disabled");
  });

  test("18. nor by two removals at once", async () => {
    const host = startKeyHost();
    const { owner, browser, key, recoveryCodes } = await ownerOfKey(host);
    const second = new SoftKey();
    await addKey(owner, second);
    await verifyWith(browser, key);
    const other = host.browser();
    await other.login();
    await verifyWith(other, second);
    const answers = await Promise.all([
      browser.post("/two-factor/keys/remove", { id: key.id, code: recoveryCodes[0] }),
      other.post("/two-factor/keys/remove", { id: second.id, code: recoveryCodes[1] }),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    expect(await host.tfa.status("1")).toMatchObject({ enabled: true, recoveryCodesRemaining: 1 });
  });

  test("19. adding and removing take a code, a key or a proof of the last 300 seconds", async () => {
    const host = startKeyHost();
    const { owner, browser, key, recoveryCodes } = await ownerOfKey(host);
    const second = new SoftKey();
    await addKey(owner, second);
    await browser.post("/two-factor/verify", { code: recoveryCodes[0] }).expect(200);
    // From here on only a remembered browser speaks for them, which is no proof.
    await browser.post("/logout");
    await browser.login();
    await browser.get("/private").expect(200);
    const { body } = await browser.get("/two-factor/keys").expect(200);
    expect(body).toMatchObject({ needsProof: true });
    const owed = await browser.post("/two-factor/keys/options").expect(403);
    expect(owed.body).toMatchObject({ code: "TWO_FACTOR_REQUIRED", reason: "recent" });
    await browser.post("/two-factor/keys/remove", { id: key.id }).expect(403);
    const asked = await optionsAt(browser, "/verify/options", { for: "keys" });
    await browser.post("/two-factor/keys/options", { key: key.assert(asked) }).expect(200);
    const other = host.browser();
    await other.login();
    await other.post("/two-factor/verify", { code: recoveryCodes[1] }).expect(200);
    await other.post("/two-factor/keys/remove", { id: second.id }).expect(200);
  });

  test("19. a proof is good for either for 300 seconds, and not for 301", async () => {
    const clock = stopClock();
    const host = startKeyHost();
    const { owner, key } = await ownerOfKey(host);
    const second = new SoftKey();
    clock.later(299);
    await addKey(owner, second);
    clock.later(2);
    expect((await owner.post("/two-factor/keys/options").expect(403)).body).toMatchObject({ reason: "recent" });
    await owner.post("/two-factor/keys/remove", { id: key.id }).expect(403);
    expect((await host.tfa.status("1")).keys).toHaveLength(2);
  });

  test("19. a sent code allows neither to somebody who has a strong factor", async () => {
    let sent = "";
    const host = startKeyHost({
      options: {
        sendTwoFactorAuthenticationCode: (_user, code) => void (sent = code),
        directOtp: () => true,
        directOtpResendAfterSeconds: 0,
      },
    });
    const [owner, browser] = [host.browser(), host.browser()];
    await owner.login();
    await owner.get("/two-factor/verify");
    await owner.post("/two-factor/verify", { code: sent }).expect(200);
    const key = new SoftKey();
    expect((await addKey(owner, key)).status).toBe(201);
    await browser.login();
    await browser.post("/two-factor/verify/send").expect(200);
    await browser.post("/two-factor/verify", { code: sent }).expect(200);
    await browser.post("/two-factor/keys/options").expect(403);
    await browser.post("/two-factor/verify/send").expect(200);
    expect((await browser.post("/two-factor/keys/options", { code: sent })).status).toBe(422);
    expect((await browser.post("/two-factor/keys/remove", { id: key.id })).status).toBe(409);
  });

  test("20. for requiredFor, only a key passes; recovery codes lead to the set-up of a key and nowhere else", async () => {
    const host = startKeyHost({ keys: { requiredFor: ({ role }) => role === "admin" } });
    const admin = { id: "1", email: "one@example.com", role: "admin" };
    const [owner, browser, third] = [host.browser(), host.browser(), host.browser()];
    await owner.login(admin);
    await owner.visit("/two-factor/setup").expect(303).expect("location", "/two-factor/keys");
    await owner.post("/two-factor/setup").expect(403);
    const key = new SoftKey();
    const added = await addKey(owner, key);
    const { recoveryCodes } = added.body as { recoveryCodes: string[] };
    await owner.get("/private").expect(200);

    await browser.login(admin);
    const { body } = await browser.get("/two-factor/verify").expect(200);
    expect(body).toMatchObject({ accepts: { key: true, totp: false, recoveryCode: true } });
    await browser.post("/two-factor/verify", { code: "123456" }).expect(403);
    expect((await verifyWith(browser, key)).status).toBe(200);
    await browser.get("/private").expect(200);

    await third.login(admin);
    await third.post("/two-factor/verify", { code: recoveryCodes[0] }).expect(200);
    const refused = await third.get("/private").expect(403);
    expect(refused.body).toMatchObject({ code: "KEY_REQUIRED" });
    await third.get("/two-factor").expect(403);
    await third.post("/two-factor/disable").expect(403);
    expect((await addKey(third)).status).toBe(201);
    await third.get("/private").expect(200);

    // A browser counts only if a key remembered it.
    const remembered = host.browser();
    await remembered.login(admin);
    await remembered.post("/two-factor/verify", { code: recoveryCodes[1] }).expect(200);
    await remembered.post("/logout");
    await remembered.login(admin);
    await remembered.get("/private").expect(403);
    await browser.post("/logout");
    await browser.login(admin);
    await browser.get("/private").expect(200);
  });

  test("20. an authenticator set up before is no proof any more, and cannot add or remove a key", async () => {
    let strict = false;
    const host = startKeyHost({ keys: { requiredFor: () => strict } });
    const [owner, browser] = [host.browser(), host.browser()];
    await owner.login();
    await owner.enrol();
    expect((await addKey(owner)).status).toBe(201);
    await browser.login();
    browser.secret = owner.secret;
    await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200);
    await browser.get("/private").expect(200);
    strict = true;
    await browser.get("/private").expect(403);
    await browser.post("/two-factor/keys/options").expect(403);
    await browser.post("/two-factor/verify", { code: browser.code(2) }).expect(403);
  });

  test("20. a recovery code leads to another key and changes nothing, in an old session that a key has proven, too", async () => {
    const clock = stopClock();
    const host = startKeyHost({ keys: { requiredFor: () => true }, options: { recoveryCodes: { count: 4 } } });
    const { owner, recoveryCodes } = await ownerOfKey(host);
    clock.later(301);
    const [code] = recoveryCodes;
    for (const path of ["/disable", "/recovery-codes", "/browsers/forget"]) {
      const { body } = await owner.post(`/two-factor${path}`, { code }).expect(403);
      expect(body).toMatchObject({ code: "KEY_REQUIRED" });
    }
    const page = await owner.visit("/two-factor/disable").expect(200);
    expect(page.text).not.toContain('name="code"');
    expect((await optionsAt(owner, "/keys/options", { code })).user.id).toHaveLength(43);
  });

  test("18. who need not have one takes the last away as they would turn it off", async () => {
    const host = startKeyHost({
      keys: { requiredFor: () => true },
      options: { needTwoFactorAuthentication: () => false },
    });
    const { owner } = await ownerOfKey(host);
    const { keys } = (await owner.get("/two-factor/keys")).body as { keys: { id: string }[] };
    await owner.post("/two-factor/keys/remove", { id: keys[0]?.id }).expect(200);
    expect(await host.tfa.status("1")).toMatchObject({ enabled: false });
  });

  test("a key that was removed in another tab is told as that, with the keys that there are", async () => {
    const host = startKeyHost();
    const { owner } = await ownerOfKey(host);
    for (const [path, fields] of [
      ["/keys/remove", { id: "gone" }],
      ["/keys/rename", { id: "gone", name: "blue" }],
    ] as const) {
      const page = await owner.submit(`/two-factor${path}`, fields).expect(404);
      expect(page.text).toContain("Something changed in the meantime");
      expect(page.text).toContain("data-key-id");
      expect((await owner.post(`/two-factor${path}`, fields).expect(404)).body).toMatchObject({ code: "NOT_FOUND" });
    }
  });

  test("21. the user handle is 32 random bytes, made once, kept over resets", async () => {
    const store = memoryStore();
    const host = startKeyHost({ options: { store } });
    const { owner } = await ownerOfKey(host);
    const { user } = await optionsAt(owner, "/keys/options");
    expect(Buffer.from(user.id, "base64url")).toHaveLength(32);
    expect((await recordOf(store)).handle).toBe(user.id);
    await host.tfa.reset("1", { reason: "lost", by: "ann" });
    const again = host.browser();
    await again.login();
    expect((await optionsAt(again, "/keys/options")).user.id).toBe(user.id);
  });

  test("21. of two asked before there was one, the second is asked anew: a user has one handle", async () => {
    stopClock();
    const host = startKeyHost();
    const owner = host.browser();
    await owner.login();
    await owner.enrol();
    const asked = [await optionsAt(owner, "/keys/options"), await optionsAt(owner, "/keys/options")] as const;
    await owner.post("/two-factor/keys", { response: new SoftKey().register(asked[0]) }).expect(201);
    await owner.post("/two-factor/keys", { response: new SoftKey().register(asked[1]) }).expect(410);
    expect((await optionsAt(owner, "/keys/options")).user.id).toBe(asked[0].user.id);
  });

  test("22. names are text: 60 graphemes, plainName, no twins", async () => {
    const host = startKeyHost();
    const { owner, key } = await ownerOfKey(host);
    const family = "👨‍👩‍👧‍👦";
    const named = await addKey(owner, new SoftKey(), { name: `\u202Eblue\u0000 ${family.repeat(70)}` });
    const { name } = (named.body as { key: { name: string } }).key;
    for (const hidden of ["\u202E", "\0"]) expect(name).not.toContain(hidden);
    expect([...new Intl.Segmenter().segment(name)].length).toBeLessThanOrEqual(60);
    await owner.post("/two-factor/keys/rename", { id: key.id, name: "Work" }).expect(200);
    const twin = await addKey(owner, new SoftKey(), { name: " work " });
    expect((twin.body as { key: { name: string } }).key.name).toBe("work 2");
    const renamed = async (to: string) =>
      (await owner.post("/two-factor/keys/rename", { id: key.id, name: to }).expect(200)).body.keys[0].name as string;
    expect(await renamed("WORK 2")).toBe("WORK 2 2");
    // Letters of another width are the same to the eye.
    expect(await renamed("ｗｏｒｋ 2")).toBe("ｗｏｒｋ 2 2");
    // Counted as people do: a letter with its accent is one.
    const full = (behind: number) => "e\u0301".repeat(5) + "a".repeat(55 - behind);
    expect(await renamed(`\u202E${full(-10)}`)).toBe(full(0));
    const long = await addKey(owner, new SoftKey(), { name: full(0) });
    expect((long.body as { key: { name: string } }).key.name).toBe(`${full(2)} 2`);
    await owner.post("/two-factor/keys/rename", { id: key.id, name: "\u202E\u0000" }).expect(400);
    await owner.post("/two-factor/keys/rename", { id: key.id, name: { is: "x" } }).expect(400);
  });

  test("23. a change of backup eligibility is refused, backup state is updated", async () => {
    const host = startKeyHost();
    const { browser, key } = await ownerOfKey(host, { flags: { eligible: true } });
    expect((await verifyWith(browser, key, { flags: { eligible: false } })).body).toMatchObject({ reason: "backup" });
    expect((await host.tfa.status("1")).keys).toMatchObject([{ synced: false }]);
    expect((await verifyWith(browser, key, { flags: { synced: true } })).status).toBe(200);
    expect((await host.tfa.status("1")).keys).toMatchObject([{ synced: true }]);
    expect((await browser.visit("/two-factor")).text).toContain("synced");
    // What cannot be copied is none, whatever it says.
    const other = startKeyHost();
    const bound = await ownerOfKey(other);
    const lie = { flags: { eligible: false, synced: true } };
    expect((await verifyWith(bound.browser, bound.key, lie)).body).toMatchObject({ reason: "backup" });
    expect((await addKey(bound.owner, new SoftKey(lie))).body).toMatchObject({ reason: "backup" });
  });

  test("24. keys of one scope are none of another, with one rpId too", async () => {
    const store = memoryStore();
    const otpSecretEncryptionKey = generateEncryptionKey();
    const user = startKeyHost({ options: { store, otpSecretEncryptionKey } });
    const admin = startKeyHost({
      options: {
        store,
        otpSecretEncryptionKey,
        scope: "admin",
        path: "/two-factor-admin",
        user: (req) => req.user as never,
      },
    });
    const { key } = await ownerOfKey(user);
    const browser = admin.browser();
    await browser.login();
    const own = new SoftKey();
    const asked = await browser.post("/two-factor-admin/keys/options").expect(200);
    await browser.post("/two-factor-admin/keys", { response: own.register(asked.body.publicKey) }).expect(201);
    const entry = (await recordOf(store)).factors[0];
    await rewrite(store, (record) => record.factors.push(entry), '["admin","1"]');
    const other = admin.browser();
    await other.login();
    const options = await other.post("/two-factor-admin/verify/options").expect(200);
    const allowed = options.body.publicKey.allowCredentials.map(({ id }: { id: string }) => id);
    expect(allowed).toEqual([own.id]);
    for (const change of [{}, { userHandle: null }]) {
      const { body } = await other.post("/two-factor-admin/verify/options").expect(200);
      const answer = key.assert(body.publicKey, change);
      await other.post("/two-factor-admin/verify", { key: answer }).expect(422);
    }
  });

  test("25. an entry that we did not write is refused alone; other factors go on, and re-encryption signs anew", async () => {
    const store = memoryStore();
    const [older, newer] = [generateEncryptionKey(), generateEncryptionKey()];
    const host = startKeyHost({ options: { store, otpSecretEncryptionKey: older } });
    const { owner, browser, key, recoveryCodes } = await ownerOfKey(host);
    const warned: unknown[] = [];
    const listen = (warning: Error & { code?: string }) => warned.push(warning.code);
    process.on("warning", listen);
    // Somebody who can write to the store puts the public key of theirs in.
    const theirs = new SoftKey();
    const attacker = host.browser();
    await attacker.login({ id: "2", email: "two@example.com" });
    await addKey(attacker, theirs);
    const copied = (await recordOf(store, '["user","2"]')).factors.find(({ id }) => id === theirs.id);
    await rewrite(store, (record) => record.factors.push(copied));
    const { allowCredentials } = await optionsAt(browser, "/verify/options");
    expect(allowCredentials.map(({ id }) => id)).toEqual([key.id]);
    // It does not become ours by a new name.
    await owner.post("/two-factor/keys/rename", { id: theirs.id, name: "ours" });
    const forged = await verifyWith(browser, theirs, { userHandle: null });
    expect(forged.body).toMatchObject({ code: "KEY_REFUSED", reason: "key" });
    expect((await verifyWith(browser, key)).status).toBe(200);
    await browser.post("/two-factor/verify", { code: recoveryCodes[0] }).expect(200);
    await new Promise(setImmediate);
    process.off("warning", listen);
    expect(warned).toContain("TWO_FACTOR_KEY_REFUSED");

    const both = startKeyHost({ options: { store, otpSecretEncryptionKey: `${newer},${older}` } });
    expect(await both.tfa.reencrypt('["user","1"]')).toBe(true);
    const fresh = startKeyHost({ options: { store, otpSecretEncryptionKey: newer } });
    const other = fresh.browser();
    await other.login();
    expect((await verifyWith(other, key)).status).toBe(200);
    expect((await verifyWith(other, theirs, { userHandle: null })).status).toBe(422);
  });

  test("25. nothing of it is changed in the store", async () => {
    const store = memoryStore();
    const host = startKeyHost({ options: { store } });
    const { browser, key } = await ownerOfKey(host, { counter: 7 });
    const [whole] = (await recordOf(store)).factors;
    const numbers = ["bytes", "algorithm", "counter", "transports", "backup", "verified", "addedAt", "usedAt"];
    for (const part of ["name", ...numbers.slice(2)]) {
      const asked = await optionsAt(browser, "/verify/options");
      await rewrite(store, ({ factors: [entry] }) => {
        if (part === "name") entry.name = "their key";
        else entry.key[numbers.indexOf(part)] += 1;
      });
      const { body } = await browser.post("/two-factor/verify", { key: key.assert(asked, { counter: 100 }) });
      expect([part, body]).toMatchObject([part, { code: "KEY_REFUSED", reason: "key" }]);
      await rewrite(store, (record) => (record.factors[0] = whole));
    }
    // What an answer is called stands outside of what the key signs.
    const renamed = { id: "AAAA", rawId: "AAAA" };
    await rewrite(store, ({ factors: [entry] }) => (entry.id = renamed.id));
    const asked = await optionsAt(browser, "/verify/options").catch(() => undefined);
    expect(asked).toBeUndefined();
    await rewrite(store, (record) => (record.factors[0] = whole));
    const publicKey = await optionsAt(browser, "/verify/options");
    await rewrite(store, ({ factors: [entry] }) => (entry.id = renamed.id));
    const answer = { ...key.assert(publicKey, { counter: 100 }), ...renamed };
    const { body } = await browser.post("/two-factor/verify", { key: answer });
    expect(body).toMatchObject({ code: "KEY_REFUSED", reason: "key" });
    await rewrite(store, (record) => (record.factors[0] = whole));
    expect((await verifyWith(browser, key)).status).toBe(200);
  });

  test("after a reset that demands a code, no key is added without it", async () => {
    const host = startKeyHost();
    await ownerOfKey(host);
    const enrolmentCode = await host.tfa.reset("1", { reason: "lost", by: "ann", enrolmentCode: true });
    const browser = host.browser();
    await browser.login();
    const { body } = await browser.post("/two-factor/keys/options").expect(403);
    expect(body).toMatchObject({ code: "ENROLMENT_CODE_REQUIRED" });
    expect((await browser.visit("/two-factor/keys")).text).not.toContain("data-options");
    expect((await browser.visit("/two-factor/setup")).text).not.toContain("data-options");
    const asked = await optionsAt(browser, "/keys/options", { enrolmentCode });
    await browser.post("/two-factor/keys", { response: new SoftKey().register(asked) }).expect(201);
    await browser.get("/private").expect(200);
  });
});
