import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import * as recoveryHash from "../../src/crypto/recovery-hash";
import type { SubmissionResult } from "../../src/service/submissions";
import { memoryStore } from "../../src/stores/memory";
import { faultyStore } from "./faults";
import {
  ada,
  code,
  enrolAda,
  later,
  origin,
  presented,
  recoveryCodesIn,
  startService,
  stopClock,
  stored,
  totpOf,
  wrongTotp,
  type Rig,
} from "./support";

// As it is; only counted.
vi.mock("../../src/crypto/recovery-hash", async (original) => {
  const actual = await original<typeof recoveryHash>();
  return { ...actual, hashRecoveryCode: vi.fn<typeof actual.hashRecoveryCode>(actual.hashRecoveryCode) };
});
const scrypts = vi.mocked(recoveryHash.hashRecoveryCode);

beforeEach(() => stopClock());
afterEach(() => {
  vi.useRealTimers();
});

const submit = ({ service }: Rig, text: string): Promise<SubmissionResult> =>
  service.submissions.submit(ada, code(text), origin);

/** How often each answer was given. */
function tally(results: readonly SubmissionResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { is } of results) counts[is] = (counts[is] ?? 0) + 1;
  return counts;
}

/** Two instances on one store: as two processes are. */
async function twoProcesses(): Promise<{ rigs: [Rig, Rig]; secret: string; recoveryCodes: readonly string[] }> {
  const store = memoryStore();
  const rigs: [Rig, Rig] = [startService({ store }), startService({ store })];
  return { rigs, ...(await enrolAda(rigs[0])) };
}

describe("in parallel, over two processes", () => {
  test("200 wrong codes are told exactly 3 outcomes, and one lock falls", async () => {
    const { rigs, secret } = await twoProcesses();
    const wrong = wrongTotp(secret);
    const results = await Promise.all(Array.from({ length: 200 }, (_, index) => submit(rigs[index % 2] as Rig, wrong)));
    expect(tally(results)).toEqual({ wrong: 2, locked: 198 });
    const events = rigs.flatMap((rig) => rig.events).filter(({ type }) => type === "locked");
    expect(events).toEqual([expect.objectContaining({ round: 1, until: new Date(Date.now() + 60_000) })]);
    expect((await stored(rigs[0].store))?.attempts).toMatchObject({ failures: 0, rounds: 1, inARow: 3 });
  });

  test("40 uses of one right code have one winner, and cost no attempt", async () => {
    const { rigs, secret } = await twoProcesses();
    const right = totpOf(secret);
    const results = await Promise.all(Array.from({ length: 40 }, (_, index) => submit(rigs[index % 2] as Rig, right)));
    expect(tally(results)).toEqual({ passed: 1, used: 39 });
    expect((await stored(rigs[0].store))?.attempts.failures).toBe(0);
  });

  test("one recovery code has one winner", async () => {
    const { rigs, recoveryCodes } = await twoProcesses();
    const results = await Promise.all(
      Array.from({ length: 6 }, (_, index) => submit(rigs[index % 2] as Rig, recoveryCodes[0] ?? "")),
    );
    expect(tally(results)["passed"]).toBe(1);
    expect(recoveryCodesIn(await stored(rigs[0].store))?.hashes).toHaveLength(1);
  });

  test("200 guesses at recovery codes are no guesses, and run scrypt ten times: a budget of work", async () => {
    const { rigs } = await twoProcesses();
    scrypts.mockClear();
    const results = await Promise.all(Array.from({ length: 200 }, () => submit(rigs[0], "ZZZZ-ZZZZ-ZZZZ-ZZZZ")));
    expect(tally(results)).toEqual({ refused: 10, "too-often": 190 });
    expect(scrypts).toHaveBeenCalledTimes(10);
    expect((await stored(rigs[0].store))?.attempts.inARow).toBe(0);
  });
});

describe("one submission", () => {
  test("of a recovery code runs scrypt once, however often somebody else is faster", async () => {
    const store = faultyStore();
    const rig = startService({ store });
    const { recoveryCodes } = await enrolAda(rig);
    scrypts.mockClear();
    let conflicts = 5;
    const { compareAndSet } = store.inner;
    store.compareAndSet = async (...write) => (conflicts-- > 0 ? false : compareAndSet(...write));
    expect((await submit(rig, recoveryCodes[1] ?? "")).is).toBe("passed");
    expect(scrypts).toHaveBeenCalledTimes(1);
  });

  test("of digits runs none; a recovery code passes during a lock", async () => {
    const rig = startService();
    const { secret, recoveryCodes } = await enrolAda(rig);
    scrypts.mockClear();
    for (let index = 0; index < 3; index += 1) await submit(rig, wrongTotp(secret));
    expect(scrypts).not.toHaveBeenCalled();
    expect((await submit(rig, recoveryCodes[0] ?? "")).is).toBe("passed");
    expect((await submit(rig, totpOf(secret))).is).toBe("locked");
  });

  test("that is told of a lost acknowledgement has passed: its own revision is there", async () => {
    const store = faultyStore();
    const rig = startService({ store });
    const { secret } = await enrolAda(rig);
    store.faults.write = "lost acknowledgement";
    expect((await submit(rig, totpOf(secret))).is).toBe("passed");
    store.faults.write = "none";
    expect((await submit(rig, totpOf(secret))).is).toBe("used");
  });

  test("spends no attempt on a store that fails", async () => {
    const store = faultyStore();
    const rig = startService({ store, storeTimeoutSeconds: 0.1 });
    const { secret } = await enrolAda(rig);
    for (const fault of ["hang", "reject", "throw", "conflict"] as const) {
      store.faults.write = fault;
      await expect(submit(rig, wrongTotp(secret))).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    }
    store.faults.write = "none";
    expect((await stored(store))?.attempts.failures).toBe(0);
    expect(rig.events.filter(({ type }) => type === "challenge-failed")).toEqual([]);
  });
});

describe("a code", () => {
  test("that is right ends the count, and a wrong one begins it", async () => {
    const rig = startService();
    const { secret } = await enrolAda(rig);
    expect(await submit(rig, wrongTotp(secret))).toMatchObject({ is: "wrong", attemptsRemaining: 2 });
    expect(await submit(rig, wrongTotp(secret))).toMatchObject({ is: "wrong", attemptsRemaining: 1 });
    expect(await submit(rig, totpOf(secret))).toMatchObject({ is: "passed", method: "totp" });
    expect(await submit(rig, wrongTotp(secret))).toMatchObject({ is: "wrong", attemptsRemaining: 2 });
  });

  test("that confirmed the set-up is no login code", async () => {
    const rig = startService();
    const { pending, secret } = await rig.service.enrolments.begin(ada, undefined, false);
    await rig.service.enrolments.confirm(ada, pending, presented(totpOf(secret)), origin);
    expect(await submit(rig, totpOf(secret))).toEqual({ is: "used", method: "totp" });
  });

  test("of a step that is ahead of a clock set back is used, not a crash", async () => {
    const rig = startService();
    const { secret } = await enrolAda(rig);
    expect((await submit(rig, totpOf(secret))).is).toBe("passed");
    later(-3600);
    expect((await submit(rig, totpOf(secret))).is).toBe("used");
  });

  test("proves nothing for somebody without a factor", async () => {
    const rig = startService();
    expect(await submit(rig, "123456")).toEqual({ is: "not-enabled" });
    expect(await stored(rig.store)).toBeUndefined();
  });

  test("is none of another scope's user with the same id", async () => {
    const store = memoryStore();
    const rig = startService({ store });
    const { secret } = await enrolAda(rig);
    const other = startService({ store, scope: "admin", path: "/admin/2fa" });
    const subject = { ...ada, scope: "admin", key: '["admin","ada"]' };
    expect(await other.service.submissions.submit(subject, code(totpOf(secret)), origin)).toEqual({
      is: "not-enabled",
    });
  });
});

describe("the last recovery codes", () => {
  test("are warned about from three on, and each is told as used", async () => {
    const rig = startService({ recoveryCodes: { count: 4 } });
    const { recoveryCodes } = await enrolAda(rig);
    rig.events.length = 0;
    for (const text of recoveryCodes) await submit(rig, text);
    const told = rig.events.map((event) => ("remaining" in event ? `${event.type} ${event.remaining}` : event.type));
    expect(told).toEqual(
      [3, 2, 1, 0].flatMap((left) => ["challenge-passed", `recovery-code-used ${left}`, `recovery-codes-low ${left}`]),
    );
  });
});

describe("codes by mail", () => {
  test("do not count for a change of factors by somebody with an authenticator, and the guess counts", async () => {
    const rig = startService({ sendTwoFactorAuthenticationCode: async () => undefined });
    await enrolAda(rig);
    let sent = "";
    await rig.service.deliveries.send(ada, async (text) => (sent = text), origin, { opening: false });
    const change = code(sent, { weak: true, change: true });
    expect((await rig.service.changes.disable(ada, change, origin)).is).toBe("wrong");
    const login = code(sent, { weak: true });
    expect(await rig.service.submissions.submit(ada, login, origin)).toMatchObject({
      is: "passed",
      method: "direct-code",
    });
  });

  test("do not count once the host says that they no longer serve this user", async () => {
    const rig = startService({ sendTwoFactorAuthenticationCode: async () => undefined });
    await enrolAda(rig);
    let sent = "";
    await rig.service.deliveries.send(ada, async (text) => (sent = text), origin, { opening: false });
    expect((await rig.service.submissions.submit(ada, code(sent, { weak: false }), origin)).is).toBe("wrong");
  });

  test("give somebody without a record an epoch only when right: guesses void no set-up", async () => {
    const rig = startService({ sendTwoFactorAuthenticationCode: async () => undefined });
    const begun = await rig.service.enrolments.begin(ada, undefined, false);
    let sent = "";
    await rig.service.deliveries.send(ada, async (text) => (sent = text), origin, { opening: false });
    const wrong = sent === "000000" ? "111111" : "000000";
    await rig.service.submissions.submit(ada, code(wrong, { weak: true }), origin);
    expect((await stored(rig.store))?.epoch).toBe("");
    expect(await rig.service.enrolments.resume(ada, await stored(rig.store), begun.pending)).toBe(begun.secret);
    const passed = await rig.service.submissions.submit(ada, code(sent, { weak: true }), origin);
    expect(passed.is === "passed" && passed.record.epoch).toMatch(/^[\w-]{22}$/);
  });
});
