import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { issueProof } from "../../src/core/proof";
import { subjectOf } from "../../src/core/user-id";
import { memoryStore } from "../../src/stores/memory";
import {
  ada,
  code,
  enrolAda,
  later,
  origin,
  presented,
  startService,
  stopClock,
  stored,
  totpIn,
  totpOf,
  wrongTotp,
  type Rig,
} from "./support";

beforeEach(() => stopClock());
afterEach(() => {
  vi.useRealTimers();
});

const begin = async ({ service, store }: Rig, replacing = false) =>
  service.enrolments.begin(ada, await stored(store), replacing);
const submit = ({ service }: Rig, text: string) => service.submissions.submit(ada, code(text), origin);

describe("a set-up", () => {
  test("leaves nothing in the record until it is confirmed", async () => {
    const rig = startService();
    await begin(rig);
    expect(await stored(rig.store)).toBeUndefined();
  });

  test("keeps its key after a wrong code of somebody new, and counts apart", async () => {
    const rig = startService();
    const { pending, secret } = await begin(rig);
    const wrong = await rig.service.enrolments.confirm(ada, pending, presented(wrongTotp(secret)), origin);
    expect(wrong).toEqual({ is: "wrong", attemptsRemaining: 2 });
    const record = await stored(rig.store);
    expect(record).toMatchObject({ epoch: "", attempts: { failures: 0 }, setupAttempts: { failures: 1 } });
    expect(await rig.service.enrolments.resume(ada, record, pending)).toBe(secret);
    expect((await rig.service.enrolments.confirm(ada, pending, presented(totpOf(secret)), origin)).is).toBe("enabled");
    expect((await stored(rig.store))?.setupAttempts.failures).toBe(0);
  });

  test("is locked by three wrong codes, for a while and never for good", async () => {
    const rig = startService({ lockout: "until-reset" });
    const { pending, secret } = await begin(rig);
    const wrong = () => rig.service.enrolments.confirm(ada, pending, presented(wrongTotp(secret)), origin);
    await wrong();
    await wrong();
    const now = Math.floor(Date.now() / 1000);
    expect(await wrong()).toEqual({ is: "locked", lock: { until: now + 60 } });
    expect((await rig.service.enrolments.confirm(ada, pending, presented(totpOf(secret)), origin)).is).toBe("locked");
    later(60);
    expect((await rig.service.enrolments.confirm(ada, pending, presented(totpOf(secret)), origin)).is).toBe("enabled");
    expect((await stored(rig.store))?.attempts).toEqual({ failures: 0, rounds: 0, inARow: 0 });
  });

  test("expires, to the second", async () => {
    const rig = startService();
    const { pending, secret } = await begin(rig);
    later(599);
    expect(await rig.service.enrolments.resume(ada, undefined, pending)).toBe(secret);
    later(1);
    expect(await rig.service.enrolments.resume(ada, undefined, pending)).toBeUndefined();
    expect(await rig.service.enrolments.confirm(ada, pending, presented(totpOf(secret)), origin)).toEqual({
      is: "expired",
    });
  });

  test("is void after a reset, of somebody new too", async () => {
    const rig = startService();
    const { pending, secret } = await begin(rig);
    await rig.service.administration.reset("ada", { reason: "phone lost", by: "eve" });
    expect(await rig.service.enrolments.confirm(ada, pending, presented(totpOf(secret)), origin)).toEqual({
      is: "expired",
    });
    expect(totpIn(await stored(rig.store))).toBeUndefined();
  });

  test("in a second session is told that the first was faster", async () => {
    const rig = startService();
    const [one, two] = [await begin(rig), await begin(rig)];
    expect((await rig.service.enrolments.confirm(ada, one.pending, presented(totpOf(one.secret)), origin)).is).toBe(
      "enabled",
    );
    expect((await rig.service.enrolments.confirm(ada, two.pending, presented(totpOf(two.secret)), origin)).is).toBe(
      "already-enabled",
    );
  });

  test("confirmed twice at once over two processes is enabled once, with the codes that are kept", async () => {
    const store = memoryStore();
    const rigs = [startService({ store }), startService({ store })] as const;
    const { pending, secret } = await begin(rigs[0]);
    const results = await Promise.all(
      rigs.map(({ service }) => service.enrolments.confirm(ada, pending, presented(totpOf(secret)), origin)),
    );
    expect(results.map(({ is }) => is).toSorted()).toEqual(["already-enabled", "enabled"]);
    const shown = results.flatMap((result) => (result.is === "enabled" ? result.recoveryCodes : []));
    expect((await submit(rigs[0], shown[0] ?? "")).is).toBe("passed");
  });

  test("moved to another user's session does not open", async () => {
    const rig = startService();
    const { pending, secret } = await begin(rig);
    const eve = subjectOf("user", "eve");
    await expect(rig.service.enrolments.confirm(eve, pending, presented(totpOf(secret)), origin)).rejects.toMatchObject(
      {
        code: "MISCONFIGURED",
      },
    );
  });
});

describe("a replacement", () => {
  test("leaves the old authenticator good until it is confirmed, and for good when it fails", async () => {
    const rig = startService();
    const old = await enrolAda(rig);
    const { pending, secret } = await begin(rig, true);
    expect((await submit(rig, totpOf(old.secret))).is).toBe("passed");
    expect((await rig.service.enrolments.confirm(ada, pending, presented(wrongTotp(secret)), origin)).is).toBe("wrong");
    later(30);
    expect((await submit(rig, totpOf(old.secret))).is).toBe("passed");
    expect((await submit(rig, totpOf(secret))).is).toBe("wrong");
  });

  test("confirmed ends the old authenticator, its recovery codes, its sessions and its browsers", async () => {
    const rig = startService();
    const { service, store, events } = rig;
    const old = await enrolAda(rig);
    const { browser } = await service.submissions.submitAndRemember(ada, code(totpOf(old.secret)), origin, undefined);
    const proof = issueProof(
      await stored(store),
      { id: "session", method: "totp", at: service.clock() },
      service.clock(),
    );
    expect(await service.access.read(ada, { proof, cookie: browser }, origin)).toMatchObject({ proof, browser: {} });
    const replaced = await enrolAda(rig);
    expect(events.at(-1)).toMatchObject({ type: "replaced" });
    expect(replaced.epoch).not.toBe(old.epoch);
    const access = await service.access.read(ada, { proof, cookie: browser }, origin);
    expect(Object.keys(access)).toEqual(["record"]);
    expect((await submit(rig, totpOf(old.secret))).is).toBe("wrong");
    expect((await submit(rig, old.recoveryCodes[0] ?? "")).is).toBe("refused");
    expect((await submit(rig, totpOf(replaced.secret))).is).toBe("passed");
  });

  test("is a conflict when the old authenticator went meanwhile", async () => {
    const rig = startService();
    const { secret } = await enrolAda(rig);
    const { pending, secret: fresh } = await begin(rig, true);
    await rig.service.changes.disable(ada, code(totpOf(secret), { change: true }), origin);
    expect(await rig.service.enrolments.confirm(ada, pending, presented(totpOf(fresh)), origin)).toEqual({
      is: "conflict",
    });
    expect(totpIn(await stored(rig.store))).toBeUndefined();
  });

  test("that nobody asked for is none", async () => {
    const rig = startService();
    const { pending, secret } = await begin(rig);
    const { epoch } = await enrolAda(rig);
    const result = await rig.service.enrolments.confirm(ada, pending, presented(totpOf(secret)), origin);
    expect(result).toEqual({ is: "already-enabled" });
    expect((await stored(rig.store))?.epoch).toBe(epoch);
  });
});
