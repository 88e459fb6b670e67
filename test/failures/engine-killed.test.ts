import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { startHost, type Browser, type Host } from "../support/host";
import { engines, startEngine, startWire, storeOn, type Engine } from "./engines";

const storeTimeoutSeconds = 1;

async function hostOn(engine: Engine, url: string): Promise<Host> {
  return startHost({ options: { store: await storeOn(engine, url), storeTimeoutSeconds, rememberBrowser: "never" } });
}

/** The same submission until the store is back: service returns by itself. */
async function untilAnswered(submit: () => Promise<{ status: number; body: unknown }>) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answer = await submit();
    if (answer.status !== 503 || Date.now() > deadline) return answer;
    await pause(200);
  }
}

async function newLogin(host: Host, secret: string): Promise<Browser> {
  const browser = host.browser();
  browser.secret = secret;
  await browser.login();
  return browser;
}

describe.each(engines)("%s killed and started again", (engine) => {
  test("in the middle of a set-up, of a code, of a recovery code: 503, nothing passes, nothing is lost", async () => {
    const server = await startEngine(engine);
    const host = await hostOn(engine, server.url);
    const owner = host.browser();
    await owner.login();
    owner.secret = ((await owner.post("/two-factor/setup").expect(200)).body as { secret: string }).secret;
    const confirm = () => owner.post("/two-factor/setup/verify", { code: owner.code() });

    await server.kill9();
    const refused = await confirm().expect(503);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect(refused.body).toMatchObject({ code: "STORE_UNAVAILABLE" });
    await owner.get("/admin").expect(503);
    await server.restart();
    const done = await untilAnswered(confirm);
    expect(done.status).toBe(200);
    const [recoveryCode] = (done.body as { recoveryCodes: string[] }).recoveryCodes;

    const login = await newLogin(host, owner.secret);
    await server.kill9();
    await login.post("/two-factor/verify", { code: login.code(1) }).expect(503);
    await login.post("/two-factor/verify", { code: login.wrongCode() }).expect(503);
    await login.get("/admin").expect(503);
    await server.restart();
    // No attempt was spent on our fault, and the code was not used up.
    const wrong = await untilAnswered(() => login.post("/two-factor/verify", { code: login.wrongCode() }));
    expect(wrong).toMatchObject({ status: 422, body: { attemptsRemaining: 2 } });
    await login.post("/two-factor/verify", { code: login.code(1) }).expect(200);

    const other = await newLogin(host, owner.secret);
    await server.kill9();
    await other.post("/two-factor/verify", { code: recoveryCode }).expect(503);
    await server.restart();
    const recovered = await untilAnswered(() => other.post("/two-factor/verify", { code: recoveryCode }));
    expect(recovered).toMatchObject({ status: 200, body: { recoveryCodesRemaining: 9 } });

    // What was acknowledged survives the next crash.
    await server.kill9();
    await server.restart();
    const last = await newLogin(host, owner.secret);
    const again = await untilAnswered(() => last.post("/two-factor/verify", { code: recoveryCode }));
    expect(again.status).toBe(409);
    expect(host.reached).toEqual([]);
  });
});

describe.each(engines)("the network to %s", (engine) => {
  test("hangs: a bounded wait, then 503 with Retry-After, and service returns by itself", async () => {
    const server = await startEngine(engine);
    const wire = await startWire(server.url);
    const host = await hostOn(engine, wire.url);
    const owner = host.browser();
    await owner.login();
    await owner.enrol();
    const login = await newLogin(host, owner.secret);

    wire.hang();
    const start = Date.now();
    const refused = await login.post("/two-factor/verify", { code: login.code(1) }).expect(503);
    expect(Date.now() - start).toBeLessThan((2 * storeTimeoutSeconds + 3) * 1000);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    await login.get("/admin").expect(503);
    wire.resume();
    const passed = await untilAnswered(() => login.post("/two-factor/verify", { code: login.code(1) }));
    expect(passed.status).toBe(200);
  });

  test("loses the answer to a write: our own revision is read again, and the code was accepted once", async () => {
    const server = await startEngine(engine);
    const wire = await startWire(server.url);
    const host = await hostOn(engine, wire.url);
    const owner = host.browser();
    await owner.login();
    await owner.enrol();
    const login = await newLogin(host, owner.secret);

    wire.loseNextAnswer();
    await login.post("/two-factor/verify", { code: login.code(1) }).expect(200);
    const other = await newLogin(host, owner.secret);
    await other.post("/two-factor/verify", { code: other.code(1) }).expect(409);
  });
});
