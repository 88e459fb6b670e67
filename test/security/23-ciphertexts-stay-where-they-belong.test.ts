import session from "express-session";
import { describe, expect, test } from "vitest";
import { generateEncryptionKey, memoryStore, type TwoFactorStore } from "../../src";
import { startHost, type Browser } from "../support/host";
import { keepLog, startProcesses, stopClock } from "../support/processes";
import { textOf } from "./text-of";

const verify = "/two-factor/verify";
const key = (id: string, scope = "user") => JSON.stringify([scope, id]);

interface Raw {
  user: string;
  factors: { kind: string; secret?: string; salt?: string }[];
  attempts: { failures: number };
}

const rawOf = async (store: TwoFactorStore, id: string) => JSON.parse((await store.get(id))?.record ?? "{}") as Raw;

const entryIn = (raw: Raw, kind: string) => {
  const entry = raw.factors.find((held) => held.kind === kind);
  if (entry === undefined) throw new Error(`There is no ${kind}.`);
  return entry;
};
const secretIn = (raw: Raw): string => entryIn(raw, "totp").secret ?? "";
const withSecret = (raw: Raw, secret: string): Raw => ({
  ...raw,
  factors: raw.factors.map((entry) => (entry.kind === "totp" ? { ...entry, secret } : entry)),
});
const withCodes = (raw: Raw, codes: object): Raw => ({
  ...raw,
  factors: raw.factors.map((entry) => (entry.kind === "recovery-codes" ? { ...entry, ...codes } : entry)),
});

/** As somebody with a hand in the database would. */
async function overwrite(store: TwoFactorStore, id: string, change: (raw: Raw) => Raw): Promise<void> {
  const stored = await store.get(id);
  const record = JSON.stringify(change(await rawOf(store, id)));
  expect(await store.compareAndSet(id, stored?.revision, { record, revision: `by hand ${Math.random()}` })).toBe(true);
}

async function twoUsers(options: object = {}) {
  stopClock();
  const log = keepLog();
  const store = memoryStore();
  const sessions = new session.MemoryStore();
  const otpSecretEncryptionKey = generateEncryptionKey();
  const shared = { store, otpSecretEncryptionKey, recoveryCodes: { count: 2 }, ...options };
  const [host] = startProcesses(1, { options: shared, session: { store: sessions } });
  const enrol = async (id: string) => {
    const browser = host.browser();
    await browser.login({ id });
    await browser.enrol();
    return browser;
  };
  const [ann, bob] = [await enrol("ann"), await enrol("bob")];
  const signIn = async (id: string, at = host) => {
    const browser = at.browser();
    await browser.login({ id });
    return browser;
  };
  return { log, store, sessions, shared, host, ann, bob, signIn };
}

const refused = async (browser: Browser, code: string | undefined, path = verify) => {
  const { body, text } = await browser.post(path, { code }).expect(500);
  expect(body).toMatchObject({ code: "MISCONFIGURED" });
  return text;
};

describe("A ciphertext moved to another user, scope or purpose does not open", () => {
  test("not for another user, whose attempts are not touched", async () => {
    const { ann, log, store, signIn } = await twoUsers();
    const anns = await rawOf(store, key("ann"));
    await overwrite(store, key("bob"), (raw) => withSecret(raw, secretIn(anns)));
    await refused(await signIn("bob"), ann.code(1));
    expect(await rawOf(store, key("bob"))).toMatchObject({ attempts: { failures: 0 } });
    expect(log.map(textOf).join()).toContain("another user, scope or purpose");
  });

  test("nor does a whole record, or its recovery codes", async () => {
    const { ann, store, signIn } = await twoUsers();
    const anns = await rawOf(store, key("ann"));
    await overwrite(store, key("bob"), (raw) => withCodes(raw, entryIn(anns, "recovery-codes")));
    await refused(await signIn("bob"), ann.recoveryCodes[0]);
    expect(await rawOf(store, key("bob"))).toMatchObject({ attempts: { failures: 0 } });
    await overwrite(store, key("bob"), () => anns);
    await (await signIn("bob")).post(verify, { code: ann.code(1) }).expect(503);
    await overwrite(store, key("bob"), () => ({ ...anns, user: key("bob") }));
    await refused(await signIn("bob"), ann.code(1));
  });

  test("nor in another scope of the same user", async () => {
    const { ann, store, shared } = await twoUsers();
    const admins = startHost({ options: { ...shared, scope: "admin", path: "/admin/2fa" } });
    const browser = admins.browser();
    await browser.login({ id: "ann" });
    await browser.enrol("/admin/2fa");
    const anns = await rawOf(store, key("ann"));
    await overwrite(store, key("ann", "admin"), (raw) => withSecret(raw, secretIn(anns)));
    const other = admins.browser();
    await other.login({ id: "ann" });
    await refused(other, ann.code(1), "/admin/2fa/verify");
  });

  test("nor as a secret of another purpose: one being set up, or one in force", async () => {
    const { ann, store, sessions, signIn } = await twoUsers();
    await ann.post("/two-factor/setup", { replace: true }).expect(200);
    const kept = (sessions as unknown as { sessions: Record<string, string> }).sessions;
    const own = Object.entries(kept).find(([, text]) => text.includes("pending")) as [string, string];
    const state = JSON.parse(own[1]) as { twoFactor: { pending: { secret: string } } };
    const anns = await rawOf(store, key("ann"));
    const pendingSecret = state.twoFactor.pending.secret;
    state.twoFactor.pending.secret = secretIn(anns);
    kept[own[0]] = JSON.stringify(state);
    const shown = await ann.get("/two-factor/setup").expect(500);
    expect(shown.text).not.toContain(ann.secret);
    await overwrite(store, key("ann"), (raw) => withSecret(raw, pendingSecret));
    await refused(await signIn("ann"), ann.code(1));
  });

  test("a damaged one does not open either, and nothing turns it into `no second factor`", async () => {
    const { ann, store, signIn } = await twoUsers();
    for (const damage of [
      (text: string) => text.slice(0, -2),
      (text: string) => `${text.slice(0, -9)}AAAAAAAAA`,
      () => "x",
    ]) {
      await overwrite(store, key("ann"), (raw) => withSecret(raw, damage(secretIn(raw))));
      const browser = await signIn("ann");
      await refused(browser, ann.code(1));
      await browser.get("/page").expect(403);
      await browser.post("/two-factor/setup").expect(403);
    }
  });

  test("a missing key is named by its id, the record is kept, and no attempt is spent", async () => {
    const { ann, log, store, shared, signIn } = await twoUsers();
    const before = await store.get(key("ann"));
    const [id] = secretIn(await rawOf(store, key("ann"))).split(".");
    const without = startHost({ options: { ...shared, otpSecretEncryptionKey: generateEncryptionKey() } });
    const browser = await signIn("ann", without);
    for (let times = 0; times < 5; times += 1) {
      const text = await refused(browser, times === 0 ? ann.code(1) : ann.wrongCode());
      expect(text).not.toContain(id);
    }
    expect(log.map(textOf).join()).toContain(`key ${id}, which is not configured`);
    expect(await store.get(key("ann"))).toEqual(before);

    // Nor is a recovery code looked at without it: another app on this store has other keys.
    await refused(browser, ann.recoveryCodes[0]);
    expect(await store.get(key("ann"))).toEqual(before);
    const both = [generateEncryptionKey(), shared.otpSecretEncryptionKey].join(",");
    const withBoth = startHost({ options: { ...shared, otpSecretEncryptionKey: both } });
    await (await signIn("ann", withBoth)).post(verify, { code: ann.code(1) }).expect(200);
    expect(secretIn(await rawOf(store, key("ann"))).startsWith(`${id}.`)).toBe(false);
  });
});
