import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { challenge, check, entryFor, kindOf, tools, type Entry } from "../factors/security-keys/support";
import { stopClock } from "../support/clock";
import { startHost } from "../support/host";
import { addKey, optionsAt, ownerOfKey, startKeyHost } from "../support/keys";
import { SoftKey } from "../support/soft-key";
import fixtures from "../factors/security-keys/fixtures/keys-version-1.json";
import recordFixture from "../factors/security-keys/fixtures/record-version-1.json";
import { memoryStore } from "../../src";
import { script } from "../../src/http/render/stylesheet";

/** 100,000 with `KEY_CHANGES=100000`: `npm run test:keys`. */
const numRuns = Number(process.env["KEY_CHANGES"] ?? 1500);
const asked = { challenge: challenge.value };
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

describe("security keys", () => {
  test("26. options come with the page and the prompt with the click, never on load", async () => {
    const clock = stopClock();
    const host = startKeyHost();
    const { owner, browser } = await ownerOfKey(host);
    const { text } = await browser.visit("/two-factor/verify").expect(200);
    expect(text).toMatch(/data-options="\{&#34;challenge/);
    expect(text).toContain('type="button" id="use-security-key"');
    // What a browser loads ahead is asked nothing.
    const ahead = await browser.visit("/two-factor/verify").set("sec-purpose", "prefetch");
    expect(ahead.text).not.toContain("challenge");
    // Nor is who comes from another site, such as by a link in a mail; the button asks when it is pressed.
    const linked = await browser.visit("/two-factor/verify").set("sec-fetch-site", "cross-site");
    expect(linked.text).not.toContain("challenge");
    expect(linked.text).toContain('id="use-security-key"');
    // A page that adds one is no other: and who must prove anew before is asked nothing either.
    const newcomer = host.browser();
    await newcomer.login({ id: "2", email: "two@example.com" });
    const adding = async (headers: Record<string, string> = {}) =>
      (await newcomer.visit("/two-factor/setup").set(headers)).text;
    expect(await adding()).toMatch(/data-options="\{&#34;rp/);
    for (const headers of [{ "sec-purpose": "prefetch" }, { "sec-fetch-site": "cross-site" }]) {
      expect(await adding(headers)).not.toMatch(/data-options|challenge/);
    }
    expect((await owner.visit("/two-factor")).text).toMatch(/data-options="\{&#34;rp/);
    clock.later(301);
    expect((await owner.visit("/two-factor")).text).not.toMatch(/data-options|challenge/);
    expect(script.body.byteLength).toBeLessThanOrEqual(3072);
  });

  test("27. a page without keys loads no script", async () => {
    const without = startHost();
    const nobody = without.browser();
    await nobody.login();
    for (const path of ["", "/setup"]) {
      expect((await nobody.visit(`/two-factor${path}`)).text).not.toMatch(/<script|webauthn|security-key/i);
    }
    await nobody.get("/two-factor/keys").expect(404);
    await nobody.post("/two-factor/verify/options").expect(404);
    const host = startKeyHost();
    const app = host.browser();
    await app.login();
    await app.enrol();
    const other = host.browser();
    await other.login();
    expect((await other.visit("/two-factor/verify").expect(200)).text).not.toContain("<script");
    for (const { text } of [await app.visit("/two-factor/disable"), await app.visit("/two-factor/recovery-codes")]) {
      expect(text).not.toContain("<script");
    }
    const codes = await app.submit("/two-factor/recovery-codes", {}).expect(200);
    expect(codes.text).toContain("data-recovery-code");
    expect(codes.text).not.toContain("<script");
    // Nor is it noted what such a user has used last: there is no choice.
    await other.post("/two-factor/verify", { code: app.code(1) }).expect(200);
    expect(other.cookie("last_tfa")).toBeUndefined();
    // Nor is anything of keys shown where the host has loaded none, or to whom set-up is closed.
    const closed = startKeyHost({ options: { needTwoFactorAuthentication: () => "never" } }).browser();
    await closed.login();
    await nobody.enrol();
    for (const { text } of [await closed.visit("/two-factor"), await nobody.visit("/two-factor")]) {
      expect(text).not.toMatch(/<script|webauthn|security-key|\/keys/i);
    }
  });

  test("28. stored keys of every released version still sign in", async () => {
    for (const { entry, answer } of fixtures) {
      const stored = entry as unknown as Entry;
      expect(await check(stored, answer)).toMatchObject({ is: "right" });
    }
    // As a store holds them, under the key ring of the time: what they were signed with is still made the same way.
    const { otpSecretEncryptionKey, key, record } = recordFixture;
    const store = memoryStore();
    await store.compareAndSet(key, undefined, { record: JSON.stringify(record), revision: "1" });
    const browser = startKeyHost({ options: { store, otpSecretEncryptionKey } }).browser();
    await browser.login();
    const { allowCredentials } = await optionsAt(browser, "/verify/options");
    expect(allowCredentials).toEqual([
      { id: record.factors[0]?.id, type: "public-key", transports: ["usb", "nfc"] },
      { id: record.factors[2]?.id, type: "public-key", transports: ["hybrid", "internal"] },
    ]);
  });

  test("28. half of a point is kept, and which half it is: keys of either kind sign in", async () => {
    const isOdd = (key: SoftKey) => ((key.cose.get(-3) as Buffer).at(-1)! & 1) === 1;
    for (const odd of [false, true]) {
      let key = new SoftKey();
      while (isOdd(key) !== odd) key = new SoftKey();
      expect(await check(await entryFor(key), key.assert(asked))).toMatchObject({ is: "right" });
    }
  });

  test("29. removed keys are signalled to the browser, best effort", async () => {
    const host = startKeyHost();
    const { owner, key } = await ownerOfKey(host);
    await addKey(owner);
    await owner.submit("/two-factor/keys/remove", { id: key.id }).expect(303);
    const { text } = await owner.visit("/two-factor").expect(200);
    expect(text).toContain("data-tf-signal");
    expect(text).toContain(key.id);
    expect((await owner.visit("/two-factor")).text).not.toContain("data-tf-signal");
  });

  test("30. of many assertions with one field changed, none passes", { timeout: 3_600_000 }, async () => {
    const keys = await Promise.all(
      ([-7, -8, -257] as const).map(async (algorithm) => {
        const key = new SoftKey({ algorithm, counter: 5, flags: { verified: true } });
        return { entry: await entryFor(key), answer: key.assert(asked, { counter: 6 }) };
      }),
    );
    const { factor, ceremony } = kindOf();
    const own = tools();
    const flip = (text: string, at: number, by: number) => {
      const bytes = Buffer.from(text, "base64url");
      bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ by;
      return bytes.toString("base64url");
    };
    const change = fc.oneof(
      fc.record({
        field: fc.constantFrom("clientDataJSON", "authenticatorData", "signature", "userHandle", "id"),
        how: fc.constantFrom("flip", "cut", "longer", "spelling"),
        at: fc.nat(2000),
        by: fc.integer({ min: 1, max: 255 }),
      }),
    );
    for (const { entry, answer } of keys) expect(await check(entry, answer)).toMatchObject({ is: "right" });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...keys), change, async ({ entry, answer }, { field, how, at, by }) => {
        const changed = structuredClone(answer) as unknown as Record<string, unknown> & {
          response: Record<string, string>;
        };
        const before = (field === "id" ? changed["id"] : changed.response[field]) as string;
        const after = {
          flip: () => flip(before, at, by),
          cut: () => before.slice(0, at % before.length),
          longer: () => before + "AAAA".slice(0, 1 + (at % 4)),
          // Where the last letter has bits to spare, these are the same bytes.
          spelling: () => before.slice(0, -1) + letters.charAt(letters.indexOf(before.slice(-1)) ^ 1),
        }[how]();
        if (after === before) return;
        if (field === "id") Object.assign(changed, { id: after, rawId: after });
        else changed.response[field] = after;
        // No name of the user at all is what keys say that keep none.
        if (field === "userHandle" && after === "") return;
        const read = factor.read({ fields: { key: changed } });
        if (read === undefined) return;
        const { is } = await factor.check(entry, ceremony.answered(read, challenge), own);
        expect(is).toBe("refused");
      }),
      { numRuns },
    );
  });

  test("30. nor does the same signature in another spelling", async () => {
    const key = new SoftKey({ counter: 5 });
    const entry = await entryFor(key);
    const answer = key.assert(asked, { counter: 6 }) as unknown as { response: { signature: string } };
    const der = Buffer.from(answer.response.signature, "base64url");
    const rLength = der[3] ?? 0;
    const [r, s] = [der.subarray(4, 4 + rLength), der.subarray(6 + rLength)];
    const sequence = (...numbers: readonly Buffer[]) => {
      const body = Buffer.concat(numbers.flatMap((number) => [Buffer.from([2, number.length]), number]));
      return Buffer.concat([Buffer.from([0x30, body.length]), body]).toString("base64url");
    };
    const zero = Buffer.alloc(1);
    expect(sequence(r, s)).toBe(answer.response.signature);
    for (const numbers of [
      [Buffer.concat([zero, r]), s],
      [r, Buffer.concat([zero, s])],
    ]) {
      const spelled = { ...answer, response: { ...answer.response, signature: sequence(...numbers) } };
      expect(await check(entry, spelled)).toEqual({ is: "refused", reason: "key" });
    }
    expect(await check(entry, answer)).toMatchObject({ is: "right" });
  });

  test("what is no answer at all is told so, costs nothing and loses nothing", async () => {
    const host = startKeyHost();
    const { browser, key } = await ownerOfKey(host);
    const publicKey = await optionsAt(browser, "/verify/options");
    const whole = key.assert(publicKey) as unknown as Record<string, unknown> & { response: Record<string, unknown> };
    const wrongs: unknown[] = [
      undefined,
      null,
      1,
      true,
      [],
      {},
      "",
      "A",
      "a+b/",
      "AA==",
      "\0",
      "AA\0A",
      "A".repeat(20_000),
    ];
    const broken: unknown[] = [null, 1, true, [], {}, "x", "{", "[]", "null", JSON.stringify({ id: key.id })];
    for (const name of ["id", "rawId", "type", "response", "clientExtensionResults"]) {
      for (const wrong of wrongs) {
        if (name === "clientExtensionResults" && typeof wrong === "object" && wrong !== null && !Array.isArray(wrong))
          continue;
        broken.push({ ...whole, [name]: wrong });
      }
    }
    for (const name of ["clientDataJSON", "authenticatorData", "signature"]) {
      for (const wrong of wrongs) broken.push({ ...whole, response: { ...whole.response, [name]: wrong } });
    }
    broken.push(new SoftKey().register(publicKey as never));
    for (const one of broken) {
      const { status, body, text } = await browser.post("/two-factor/verify", { key: one });
      if (status === 410) throw new Error(`It was taken for an answer: ${JSON.stringify(one)}`);
      expect([status, JSON.stringify(one)?.slice(0, 200)]).toEqual([
        status < 500 && status >= 400 ? status : 400,
        JSON.stringify(one)?.slice(0, 200),
      ]);
      expect(text).not.toMatch(/ at .*\.(js|ts):\d/);
      if (status === 422) expect(body).toMatchObject({ code: "KEY_REFUSED" });
    }
    await browser.post("/two-factor/verify", { key: { ...whole, more: "A".repeat(1_048_576) } }).expect(400);
    await browser.post("/two-factor/verify", { key: whole }).expect(200);
  });
});
