import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { issueProof, type Proof } from "../../src/core/proof";
import type { Authority, SubmissionResult } from "../../src/service/submissions";
import { faultyStore } from "./faults";
import {
  ada,
  code,
  enrolAda,
  later,
  origin,
  recoveryCodesIn,
  startService,
  stopClock,
  stored,
  totpIn,
  totpOf,
  type Rig,
  wrongTotp,
} from "./support";

beforeEach(() => stopClock());
afterEach(() => {
  vi.useRealTimers();
});

/** As a session does it that goes on in the epoch of the change which it has made. */
const moved = async ({ store }: Rig, proof: Proof): Promise<Proof> => ({
  ...proof,
  epoch: (await stored(store))?.epoch ?? "",
});

let sessions = 0;
/** A session that has just been proven. */
async function proven({ service, store }: Rig, more: Partial<Proof> = {}): Promise<Proof> {
  const id = `${String((sessions += 1)).padStart(8, "0")}-session`;
  return issueProof(await stored(store), { id, method: "totp", at: service.clock(), ...more }, service.clock());
}

const holds = async ({ service }: Rig, proof: Proof) =>
  (await service.access.read(ada, { proof }, origin)).proof !== undefined;

type Change = (rig: Rig, by: Authority) => Promise<SubmissionResult>;
const disable: Change = ({ service }, by) => service.changes.disable(ada, by, origin);
const forgetAll: Change = ({ service }, by) => service.changes.forgetAllBrowsers(ada, by, origin);
const forgetOne: Change = ({ service }, by) => service.changes.forgetBrowser(ada, by, "no such id", origin);
const regenerate: Change = async ({ service }, by) =>
  (await service.changes.regenerateRecoveryCodes(ada, undefined, by, origin)).result;

describe.each<[string, Change]>([
  ["turning off", disable],
  ["forgetting all browsers", forgetAll],
  ["forgetting one browser", forgetOne],
  ["new recovery codes", regenerate],
])("%s", (_, change) => {
  test("takes a right code", async () => {
    const rig = startService();
    const { secret } = await enrolAda(rig);
    expect((await change(rig, code(totpOf(secret), { change: true }))).is).toBe("passed");
  });

  test("takes a proof of the last 300 s, and no older one", async () => {
    const rig = startService();
    await enrolAda(rig);
    const proof = await proven(rig);
    later(301);
    expect(await change(rig, { proof })).toEqual({ is: "stale" });
    later(-1);
    expect((await change(rig, { proof })).is).toBe("passed");
  });

  test("takes no proof by mail, of another epoch, or ended by a logout", async () => {
    const rig = startService();
    await enrolAda(rig);
    expect(await change(rig, { proof: await proven(rig, { method: "direct-code" }) })).toEqual({ is: "stale" });
    expect(await change(rig, { proof: { ...(await proven(rig)), epoch: "another" } })).toEqual({ is: "stale" });
    const proof = await proven(rig);
    await rig.service.changes.logout(ada, { proofs: [proof] }, origin);
    expect(await change(rig, { proof })).toEqual({ is: "stale" });
    expect(totpIn(await stored(rig.store))).toBeDefined();
  });

  test("changes nothing for a wrong code, and counts it", async () => {
    const rig = startService();
    const { epoch, secret } = await enrolAda(rig);
    expect((await change(rig, code("AAAA-AAAA-AAAA-AAAA", { change: true }))).is).toBe("refused");
    expect((await change(rig, code(wrongTotp(secret), { change: true }))).is).toBe("wrong");
    const record = await stored(rig.store);
    expect(record).toMatchObject({ epoch, attempts: { failures: 1 } });
    expect(totpIn(record)).toBeDefined();
    expect(recoveryCodesIn(record)?.hashes).toHaveLength(2);
  });
});

describe("the epoch", () => {
  test("moves when the factor is turned off, and with it every proof is void", async () => {
    const rig = startService();
    const { epoch } = await enrolAda(rig);
    const proof = await proven(rig);
    await disable(rig, { proof });
    const record = await stored(rig.store);
    expect(record?.epoch).toMatch(/^[\w-]{22}$/);
    expect(record?.epoch).not.toBe(epoch);
    expect(await holds(rig, proof)).toBe(false);
  });

  test("moves when all browsers are forgotten, and the factor stays", async () => {
    const rig = startService();
    const { epoch, secret } = await enrolAda(rig);
    const { browser } = await rig.service.submissions.submitAndRemember(ada, code(totpOf(secret)), origin, undefined);
    const proof = await proven(rig);
    await forgetAll(rig, { proof });
    const access = await rig.service.access.read(ada, { proof, cookie: browser }, origin);
    expect(Object.keys(access)).toEqual(["record"]);
    expect(access.record?.epoch).not.toBe(epoch);
    expect(totpIn(access.record)).toBeDefined();
  });

  test("stays when one browser is forgotten, or recovery codes are made anew", async () => {
    const rig = startService();
    const { epoch } = await enrolAda(rig);
    const proof = await proven(rig);
    await forgetOne(rig, { proof });
    await regenerate(rig, { proof });
    expect((await stored(rig.store))?.epoch).toBe(epoch);
    expect(await holds(rig, proof)).toBe(true);
  });
});

test("new recovery codes are good, and the old ones are not", async () => {
  const rig = startService();
  const old = await enrolAda(rig);
  const made = await rig.service.changes.regenerateRecoveryCodes(ada, undefined, { proof: await proven(rig) }, origin);
  expect(new Set([...made.recoveryCodes, ...old.recoveryCodes]).size).toBe(4);
  const submit = (text: string) => rig.service.submissions.submit(ada, code(text), origin);
  expect((await submit(old.recoveryCodes[0] ?? "")).is).toBe("refused");
  expect((await submit(made.recoveryCodes[0] ?? "")).is).toBe("passed");
});

test("one browser is forgotten alone, by its id", async () => {
  const rig = startService();
  const { secret } = await enrolAda(rig);
  const remember = async (offset: number) =>
    (await rig.service.submissions.submitAndRemember(ada, code(totpOf(secret, offset)), origin, undefined)).browser;
  const cookies = [await remember(0), await remember(1)];
  const [first] = (await stored(rig.store))?.browsers ?? [];
  await rig.service.changes.forgetBrowser(ada, { proof: await proven(rig) }, first?.id ?? "", origin);
  expect(rig.events.at(-1)).toMatchObject({ type: "browser-forgotten", browser: "Firefox on Linux" });
  const known = await Promise.all(cookies.map((cookie) => rig.service.access.read(ada, { cookie }, origin)));
  expect(known.map(({ browser }) => browser !== undefined)).toEqual([false, true]);
});

describe("a logout", () => {
  test("ends its proof for good, and no other", async () => {
    const rig = startService();
    await enrolAda(rig);
    const [proof, other] = [await proven(rig), await proven(rig)];
    await rig.service.changes.logout(ada, { proofs: [proof] }, origin);
    for (let index = 0; index < 30; index += 1) {
      later(1);
      await rig.service.changes.logout(ada, { proofs: [await proven(rig)] }, origin);
    }
    expect(await holds(rig, proof)).toBe(false);
    expect(await holds(rig, await proven(rig))).toBe(true);
    // As old as a proof that the list no longer names.
    expect(await holds(rig, other)).toBe(false);
  });

  test("pressed many times ends one proof, and takes no other session with it", async () => {
    const rig = startService();
    await enrolAda(rig);
    const [other, proof] = [await proven(rig), await proven(rig)];
    for (let index = 0; index < 30; index += 1) await rig.service.changes.logout(ada, { proofs: [proof] }, origin);
    expect((await stored(rig.store))?.endedProofs).toHaveLength(1);
    expect(await holds(rig, other)).toBe(true);
  });

  test("ends it also where a change moves the session into a new epoch, whichever comes first", async () => {
    const rig = startService();
    const { secret } = await enrolAda(rig);
    const [late, early] = [await proven(rig), await proven(rig)];
    await rig.service.changes.logout(ada, { proofs: [early] }, origin);
    expect((await forgetAll(rig, code(totpOf(secret), { change: true }))).is).toBe("passed");
    expect(await holds(rig, await moved(rig, early))).toBe(false);
    expect(await holds(rig, await moved(rig, late))).toBe(true);
    await rig.service.changes.logout(ada, { proofs: [late] }, origin);
    expect(await holds(rig, await moved(rig, late))).toBe(false);
  });

  test("ends a proof that was made when there was no record", async () => {
    const rig = startService();
    const proof = await proven(rig, { method: "acr" });
    expect(await holds(rig, proof)).toBe(true);
    await rig.service.changes.logout(ada, { proofs: [proof] }, origin);
    expect(await holds(rig, proof)).toBe(false);
    expect(await holds(rig, await proven(rig, { method: "acr" }))).toBe(true);
  });

  test("without a proof or a browser writes nothing, and is told", async () => {
    const store = faultyStore();
    const rig = startService({ store });
    await enrolAda(rig);
    const { write } = store.calls;
    await rig.service.changes.logout(ada, {}, origin);
    await rig.service.changes.logout(ada, { browserId: "gone" }, origin);
    expect(store.calls.write).toBe(write);
    expect(rig.events.at(-1)?.type).toBe("logged-out");
  });
});
