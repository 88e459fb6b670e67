import { describe, expect, test } from "vitest";
import { memoryStore, type StoredRecord } from "../../src";
import type { Browser } from "../support/host";
import { onProcess, startProcesses, stopClock } from "../support/processes";

const setup = "/two-factor/setup";
const verify = "/two-factor/verify";

async function enrolled() {
  const clock = stopClock();
  const store = memoryStore();
  const [host, second] = startProcesses(2, { options: { store } });
  const owner = host.browser();
  await owner.login();
  await owner.enrol();
  const signIn = async () => {
    const browser = host.browser();
    await browser.login();
    return browser;
  };
  const record = async () => (await store.get('["user","1"]')) as StoredRecord;
  const later = async () => {
    clock.later(60);
    return owner.code();
  };
  return { clock, host, second: second ?? host, owner, signIn, record, nextCode: later };
}

const begin = async (browser: Browser, fields: object = {}) =>
  ((await browser.post(setup, { replace: true, ...fields }).expect(200)).body as { secret: string }).secret;

const hasKey = (html: string) => html.includes('id="two-factor-secret"');

describe("An abandoned or failed set-up never touches the live secret", () => {
  test("one that is begun, looked at and left changes nothing that is stored", async () => {
    const { owner, signIn, record, nextCode } = await enrolled();
    const before = await record();
    await begin(owner);
    await owner.visit(setup).expect(200);
    await begin(owner);
    await owner.post(`${setup}/verify`, { code: "12" }).expect(400);
    await owner.post("/logout").expect(200);
    const factorsOf = ({ record: text }: StoredRecord) => (JSON.parse(text) as { factors: unknown[] }).factors;
    expect(factorsOf(before)).toHaveLength(2);
    expect(factorsOf(await record())).toEqual(factorsOf(before));
    await (await signIn()).post(verify, { code: await nextCode() }).expect(200);
  });

  test("wrong codes, and the old authenticator's, do not confirm it", async () => {
    const { owner, signIn, nextCode } = await enrolled();
    const secret = await begin(owner);
    const code = await nextCode();
    if (code !== owner.code(0, secret)) await owner.post(`${setup}/verify`, { code }).expect(422);
    await (await signIn()).post(verify, { code }).expect(200);
  });

  test("until it is confirmed, the new authenticator lets nobody in", async () => {
    const { owner, signIn } = await enrolled();
    const secret = await begin(owner);
    await (await signIn()).post(verify, { code: owner.code(0, secret) }).expect(422);
  });

  test("confirmed, it ends the old secret, the old recovery codes, other sessions and browsers, on every process", async () => {
    const { clock, owner, second, signIn, nextCode } = await enrolled();
    const session = await signIn();
    await session.post(verify, { code: await nextCode() }).expect(200);
    const remembered = await signIn();
    await remembered.post(verify, { code: await nextCode() }).expect(200);
    await remembered.post("/logout").expect(200);
    await remembered.login();
    await onProcess(session, second).get("/page").expect(200);
    await remembered.get("/page").expect(200);
    const elsewhere = onProcess(owner, second);
    // The first proof is too old for a change by now or not: a code settles it.
    const secret = await begin(owner, { code: await nextCode() });
    await session.get("/page").expect(200);
    const { body } = await owner.post(`${setup}/verify`, { code: owner.code(0, secret) }).expect(200);

    await session.get("/page").expect(403);
    await remembered.get("/page").expect(403);
    await owner.get("/page").expect(200);
    clock.later(31);
    await onProcess(session, second).get("/page").expect(403);
    await elsewhere.get("/page").expect(200);
    await session.post(verify, { code: owner.code() }).expect(422);
    await session.post(verify, { code: owner.recoveryCodes[0] }).expect(422);
    await session.post(verify, { code: (body as { recoveryCodes: string[] }).recoveryCodes[0] }).expect(200);
  });

  test("of two sessions that replace at once, one wins, and the other is told of the conflict", async () => {
    const { owner, signIn, nextCode } = await enrolled();
    const rival = await signIn();
    await rival.post(verify, { code: await nextCode() }).expect(200);
    const [mine, theirs] = [await begin(owner), await begin(rival)];
    const answers = await Promise.all([
      owner.post(`${setup}/verify`, { code: owner.code(0, mine) }),
      rival.post(`${setup}/verify`, { code: owner.code(0, theirs) }),
    ]);
    // The loser meets the conflict, or, a moment later, finds its own proof void.
    const told = answers.map(({ status }) => status);
    expect(told.filter((status) => status === 200)).toHaveLength(1);
    expect([403, 409]).toContain(told.find((status) => status !== 200));
    expect((await (answers[0]?.status === 200 ? owner : rival).get("/two-factor")).body).toMatchObject({
      enabled: true,
    });
  });

  test("a replacement whose time is up shows no key that could not be confirmed", async () => {
    const { clock, owner } = await enrolled();
    const secret = await begin(owner);
    clock.later(601);
    await owner.post(`${setup}/verify`, { code: owner.code(0, secret) }).expect(410);
    const page = await owner.submit(`${setup}/verify`, { code: owner.code(0, secret) }).expect(410);
    expect(hasKey(page.text)).toBe(false);
    // It says so, asks whether to begin anew, and for a code.
    expect(/role="alert"[^]*name="code"/.test(page.text)).toBe(true);
    await owner.submit(setup, { replace: "1", code: owner.code() }).expect(303);
    expect(hasKey((await owner.visit(setup)).text)).toBe(true);
  });
});
