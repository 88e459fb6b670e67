import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { issueProof } from "../../src/core/proof";
import { TwoFactorError } from "../../src/errors";
import { faultyStore, type FaultyStore } from "./faults";
import {
  ada,
  code,
  encryptionKey,
  enrolAda,
  later,
  origin,
  presented,
  startService,
  stopClock,
  stored,
  totpOf,
  wrongTotp,
} from "./support";

const warnings: string[] = [];

beforeEach(() => {
  stopClock();
  warnings.length = 0;
  vi.spyOn(process, "emitWarning").mockImplementation((warning) => void warnings.push(String(warning)));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Everything that was ever written to the store. */
function recording(store: FaultyStore): string[] {
  const written: string[] = [];
  const { compareAndSet } = store.inner;
  store.inner.compareAndSet = (key, expected, next) => {
    written.push(next.record);
    return compareAndSet(key, expected, next);
  };
  return written;
}

/** A life with everything in it. @returns what nobody may ever read, each with a name */
async function live(rig: ReturnType<typeof startService>): Promise<Map<string, string>> {
  const { service, store } = rig;
  const hidden = new Map<string, string>([["the key", encryptionKey]]);
  const { secret, recoveryCodes } = await enrolAda(rig);
  hidden.set("the secret", secret);
  for (const [index, text] of recoveryCodes.entries()) {
    hidden.set(`recovery code ${index}`, text);
    hidden.set(`recovery code ${index}, plain`, text.replaceAll("-", ""));
  }
  const codes = [wrongTotp(secret), totpOf(secret), recoveryCodes[0] ?? ""];
  for (const text of codes) {
    hidden.set(`the code ${text}`, text);
    await service.submissions.submit(ada, code(text), origin);
    await service.submissions.submit(ada, code(text), origin);
  }
  later(60);
  const { browser } = await service.submissions.submitAndRemember(ada, code(totpOf(secret)), origin, undefined);
  hidden.set("the cookie", browser ?? "");
  hidden.set("the cookie's token", browser?.split(".")[1] ?? "");
  let sent = "";
  await service.deliveries.send(ada, async (text) => (sent = text), origin, { opening: false });
  hidden.set("the code by mail", sent);
  const proof = issueProof(
    await stored(store),
    { id: "session-of-ada", method: "totp", at: service.clock() },
    service.clock(),
  );
  const made = await service.changes.regenerateRecoveryCodes(ada, undefined, { proof }, origin);
  hidden.set("a new recovery code", made.recoveryCodes[0] ?? "");
  const { pending, secret: fresh } = await service.enrolments.begin(ada, await stored(store), true);
  hidden.set("a pending secret", fresh);
  hidden.set("a pending secret, in bytes", Buffer.from(fresh).toString("base64url"));
  await service.enrolments.confirm(ada, pending, presented(wrongTotp(fresh)), origin);
  await service.changes.logout(ada, { proofs: [proof] }, origin);
  await service.changes.disable(ada, code(made.recoveryCodes[1] ?? "", { change: true }), origin);
  await service.administration.reset("ada", { reason: "phone lost", by: "support" });
  return hidden;
}

describe("secrets, codes and keys", () => {
  test("are in no event, no warning, no status and nothing that is stored, ever", async () => {
    const store = faultyStore();
    const written = recording(store);
    const rig = startService({ store, sendTwoFactorAuthenticationCode: async () => undefined });
    const hidden = await live(rig);
    const status = await rig.service.administration.status("ada");
    expect(new Set(rig.events.map(({ type }) => type)).size).toBeGreaterThanOrEqual(12);
    expect(written.length).toBeGreaterThan(10);
    const told = JSON.stringify([rig.events, warnings, status, written]);
    const leaked = [...hidden].filter(([, text]) => text.length > 6 && told.includes(text));
    expect(leaked.map(([name]) => name)).toEqual([]);
    // Six digits can stand in a time or a hash by chance, so they are looked for as words.
    const words = new Set(told.match(/(?<![\w-])\d{6,8}(?![\w-])/g));
    expect([...hidden].filter(([, text]) => words.has(text)).map(([name]) => name)).toEqual([]);
  });

  test("are in no error, whatever fails", async () => {
    const store = faultyStore();
    const rig = startService({ store, storeTimeoutSeconds: 0.1 });
    const { secret } = await enrolAda(rig);
    const right = totpOf(secret);
    const record = (await store.inner.get(ada.key))?.record ?? "";
    const errors: unknown[] = [];
    for (const fault of ["hang", "reject", "throw", "conflict"] as const) {
      store.faults.write = fault;
      await rig.service.submissions.submit(ada, code(right), origin).catch((error: unknown) => errors.push(error));
    }
    store.faults.write = "none";
    store.get = () =>
      Promise.resolve({ record: record.replace('"lastStep":', '"lastStep":"x","was":'), revision: "r" });
    await rig.service.submissions.submit(ada, code(right), origin).catch((error: unknown) => errors.push(error));
    expect(errors).toHaveLength(5);
    for (const error of errors) {
      expect(error).toBeInstanceOf(TwoFactorError);
      const { message, stack, cause } = error as TwoFactorError;
      const told = `${message} ${stack} ${String((cause as Error | undefined)?.stack)}`;
      expect(told).not.toContain(secret);
      expect(told).not.toMatch(new RegExp(`\\b${right}\\b`));
      expect(told).not.toContain(record.slice(100, 140));
    }
  });
});
