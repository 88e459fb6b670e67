import { beforeEach, describe, expect, test } from "vitest";
import { stopClock } from "../../support/clock";
import { generateEncryptionKey, memoryStore, type TwoFactorEvent, type TwoFactorOptions } from "../../../src";
import { startHost, type HostUser } from "../../support/host";
import { hotpTokens } from "./index";
import { rfc4226Codes as codes, rfc4226Secret as secret } from "./rfc4226";

beforeEach(() => void stopClock());

const verify = "/two-factor/verify";
const inventory = { reason: "inventory", by: "ann@example.com" };

function start(options: Partial<TwoFactorOptions<HostUser>> = {}) {
  const events: TwoFactorEvent[] = [];
  const shared = { store: memoryStore(), otpSecretEncryptionKey: generateEncryptionKey() };
  const onEvent = (event: TwoFactorEvent) => events.push(event);
  const host = startHost({ options: { ...shared, factors: [hotpTokens()], onEvent, ...options } });
  const signIn = async () => {
    const browser = host.browser();
    await browser.login();
    return browser;
  };
  const handOut = (serial = "T-1") =>
    host.tfa.addFactor("1", { kind: "hotp-tokens", details: { serial, secret }, by: "ann@example.com" });
  return { ...host, ...shared, events, signIn, handOut };
}

const types = (events: readonly TwoFactorEvent[]) => events.map(({ type }) => type);

describe("a kind of factor from outside", () => {
  test("is handed out, asked for, accepted once, and looks ahead by ten", async () => {
    const { signIn, handOut, events } = start();
    expect(await handOut()).toBe("hotp-tokens:T-1");
    const browser = await signIn();
    await browser.get("/page").expect(403, /TWO_FACTOR_REQUIRED/);
    const passed = await browser.post(verify, { code: codes[0] }).expect(200);
    expect(passed.body).toMatchObject({ method: "hotp-token", recoveryCodesRemaining: 0 });
    await browser.get("/page").expect(200);
    const other = await signIn();
    await other.post(verify, { code: codes[0] }).expect(422);
    await other.post(verify, { code: codes[9] }).expect(200);
    await (await signIn()).post(verify, { code: codes[5] }).expect(422);
    expect(types(events)).toContain("factor-added");
  });

  test("is locked with all others", async () => {
    const { signIn, handOut } = start();
    await handOut();
    const browser = await signIn();
    for (let times = 0; times < 2; times += 1) await browser.post(verify, { code: "000000" }).expect(422);
    await browser.post(verify, { code: "000000" }).expect(429);
    await browser.post(verify, { code: codes[0] }).expect(429);
  });

  test("is accepted once of fifty at once", async () => {
    const { signIn, handOut } = start();
    await handOut();
    const browsers = await Promise.all(Array.from({ length: 50 }, signIn));
    const answers = await Promise.all(browsers.map((browser) => browser.post(verify, { code: codes[0] })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test("is listed by `status` and on the account page, in the words that it brings", async () => {
    const { signIn, handOut, tfa } = start();
    await handOut();
    await handOut("T-2");
    expect(await tfa.status("1")).toMatchObject({
      enabled: true,
      methods: ["hotp-token"],
      factors: [
        { id: "hotp-tokens:T-1", kind: "hotp-tokens", name: "T-1" },
        { id: "hotp-tokens:T-2", kind: "hotp-tokens", name: "T-2" },
      ],
    });
    expect(JSON.stringify(await tfa.status("1"))).not.toContain(secret.toString("base64").slice(0, 12));
    const browser = await signIn();
    const asked = await browser.visit(verify).expect(200);
    expect(asked.text).toContain("Press the button on your token and type its 6 digits.");
    const french = await browser.visit(verify).set("accept-language", "fr").expect(200);
    expect(french.text).toContain("Jeton matériel");
    expect((await browser.get(verify)).body).toMatchObject({ accepts: { totp: false, others: ["hotp-token"] } });
    await browser.post(verify, { code: codes[0] }).expect(200);
    expect((await browser.get("/two-factor")).body).toMatchObject({ enabled: true, methods: ["hotp-token"] });
    expect((await browser.visit("/two-factor")).text).toContain("Hardware token");
  });

  test("gives its user recovery codes, and may be turned off by a code of its own", async () => {
    const { signIn, handOut, tfa } = start({ needTwoFactorAuthentication: () => false });
    await handOut();
    const browser = await signIn();
    await browser.post(verify, { code: codes[0] }).expect(200);
    const made = await browser.post("/two-factor/recovery-codes").expect(200);
    const [recoveryCode] = (made.body as { recoveryCodes: string[] }).recoveryCodes;
    await (await signIn()).post(verify, { code: recoveryCode }).expect(200, /recovery-code/);
    await (await signIn()).post("/two-factor/disable", { code: codes[1] }).expect(403);
    await browser.post("/two-factor/disable", { code: codes[1] }).expect(200);
    expect(await tfa.status("1")).toMatchObject({ enabled: false, factors: [], recoveryCodesRemaining: 0 });
  });

  test("stands beside an authenticator: either is asked for, and each is lost alone", async () => {
    const { signIn, handOut, tfa } = start();
    const owner = await signIn();
    await owner.enrol();
    const id = await handOut();
    const browser = await signIn();
    expect((await browser.get(verify)).body).toMatchObject({ accepts: { totp: true, others: ["hotp-token"] } });
    await browser.post(verify, { code: codes[0] }).expect(200);
    await (await signIn()).post(verify, { code: owner.code(1) }).expect(200);
    await tfa.removeFactor("1", id, inventory);
    await (await signIn()).post(verify, { code: codes[1] }).expect(422);
    expect(await tfa.status("1")).toMatchObject({ enabled: true, methods: ["totp", "recovery-code"] });
  });

  test("is gone with what was proven by it, and the last one takes the recovery codes along", async () => {
    const { signIn, handOut, tfa, events } = start();
    const id = await handOut();
    const browser = await signIn();
    await browser.post(verify, { code: codes[0] }).expect(200);
    await browser.post("/two-factor/recovery-codes").expect(200);
    await tfa.removeFactor("1", "hotp-tokens:T-9", inventory);
    expect(types(events)).not.toContain("factor-removed");
    await tfa.removeFactor("1", id, inventory);
    expect(events.at(-2)).toMatchObject({ type: "factor-removed", kind: "hotp-tokens", ...inventory });
    expect(await tfa.status("1")).toMatchObject({ enabled: false, factors: [], recoveryCodesRemaining: 0 });
    const left = await browser.get("/page");
    expect([200]).not.toContain(left.status);
  });

  test("is ended by a reset, and comes under a new key", async () => {
    const { signIn, handOut, tfa, store, otpSecretEncryptionKey } = start();
    await handOut();
    const rotated = start({ store, otpSecretEncryptionKey: `${generateEncryptionKey()},${otpSecretEncryptionKey}` });
    expect(await rotated.tfa.reencrypt('["user","1"]')).toBe(true);
    expect(await rotated.tfa.reencrypt('["user","1"]')).toBe(false);
    await (await rotated.signIn()).post(verify, { code: codes[0] }).expect(200);
    // Not under the old key alone any more.
    await (await signIn()).post(verify, { code: codes[1] }).expect(500);
    await tfa.reset("1", inventory);
    expect(await tfa.status("1")).toMatchObject({ enabled: false, factors: [] });
  });

  test("that is not loaded still counts: nobody passes for want of its code", async () => {
    const { signIn, handOut, store, otpSecretEncryptionKey } = start();
    await handOut();
    const without = start({ store, otpSecretEncryptionKey, factors: [] });
    const browser = await without.signIn();
    await browser.get("/page").expect(403);
    await browser.post("/two-factor/setup").expect(403);
    await browser.post(verify, { code: codes[0] }).expect(422);
    await (await signIn()).post(verify, { code: codes[0] }).expect(200);
  });
});

describe("handing out", () => {
  test.each([
    ["a kind that is not loaded", { kind: "no-such-kind", details: {}, by: "ann" }],
    ["a kind that is set up by its user", { kind: "totp", details: {}, by: "ann" }],
    ["details that are none of its", { kind: "hotp-tokens", details: { serial: "T-1", secret: "text" }, by: "ann" }],
    ["nobody who says so", { kind: "hotp-tokens", details: { serial: "T-1", secret }, by: "" }],
  ])("with %s is a TypeError, and changes nothing", async (_, given) => {
    const { tfa } = start();
    await expect(tfa.addFactor("1", given)).rejects.toThrow(TypeError);
    expect(await tfa.status("1")).toMatchObject({ enabled: false, factors: [] });
  });

  test("kinds that are none, or of one name, are refused at construction", () => {
    expect(() => start({ factors: [hotpTokens as never] })).toThrow(/Did you forget to call it/);
    expect(() => start({ factors: [hotpTokens(), hotpTokens()] })).toThrow(/loaded already/);
    expect(() => start({ factors: [{ ...hotpTokens(), kind: "totp" }] })).toThrow(/"totp", which is loaded already/);
    expect(() => start({ factors: hotpTokens() as never })).toThrow(/must be a list of kinds of factors/);
  });

  test.each([
    ["a method of ours", { method: "totp" }, /method` is "totp", which is loaded already: name each method once/],
    ["a method that is no name", { method: "TOTP 2" }, /method` must be a short name in lower case/],
    ["rank weak", { rank: "weak" as const }, /rank` must be "strong" or "backup"/],
    [
      "a set-up by a shown secret",
      { setUp: {} as never },
      /setUp` is only for kinds of ours: hand yours out with `assign`/,
    ],
    ["a delivery", { delivery: {} as never }, /delivery` is only for kinds of ours/],
  ])("a kind with %s is refused at construction: it would never be asked for", (_, part, said) => {
    expect(() => start({ factors: [{ ...hotpTokens(), ...part }] })).toThrow(said);
  });

  test("two kinds that answer a challenge, or are told by one method, are refused at construction", () => {
    const asked = { ...hotpTokens(), ceremony: {} as never };
    const other = { ...hotpTokens(), kind: "other", ceremony: {} as never };
    expect(() => start({ factors: [asked, other] })).toThrow(/method` is "hotp-token", which is loaded already/);
    expect(() => start({ factors: [asked, { ...other, method: "other" }] })).toThrow(
      /has a `ceremony`, as "hotp-tokens" has: one kind of this sort at a time/,
    );
  });

  test("the last one taken away is told as that, and one that is not there as nothing done", async () => {
    const { tfa, handOut, events } = start();
    const id = await handOut();
    expect(await tfa.removeFactor("1", "T-1", inventory)).toBe(false);
    expect(await tfa.removeFactor("1", id, inventory)).toBe(true);
    expect(types(events)).toEqual(["factor-added", "factor-removed", "disabled"]);
  });

  test("one that the user has is not handed out again: its counter would begin anew", async () => {
    const { tfa } = start();
    const token = { kind: "hotp-tokens", details: { serial: "T-1", secret }, by: "ann" };
    const id = await tfa.addFactor("1", token);
    await expect(tfa.addFactor("1", token)).rejects.toThrow(/"hotp-tokens:T-1" already: remove it first/);
    await tfa.removeFactor("1", id, { reason: "lost", by: "ann" });
    expect(await tfa.addFactor("1", token)).toBe(id);
  });
});
