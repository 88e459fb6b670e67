import { describe, expect, it } from "vitest";
import { generateEncryptionKey, memoryStore, type TwoFactorOptions } from "../../src";
import { bringLogin, carry, copyOf, loginTextOf, textsOf, type Texts } from "../support/carrying";
import { later, stopClock } from "../support/clock";
import { heldStore } from "../support/held-store";
import { startHost, type Browser, type Host, type HostUser } from "../support/host";
import { onlyWithCookies } from "../support/states";

/** Run by vitest.states.config.mts, with cookies and with tokens. */
const one = { recoveryCodes: { count: 1 }, revalidateSeconds: 0, rememberBrowser: "never" as const };

type Options = Partial<TwoFactorOptions<HostUser>>;

/** Two processes with one store. */
function twoProcesses(options: Options = {}, there: Options = {}): [Host, Host] {
  const shared = { ...one, store: memoryStore(), otpSecretEncryptionKey: generateEncryptionKey(), ...options };
  return [startHost({ options: shared }), startHost({ options: { ...shared, ...there } })];
}

async function ownerOf(host: Host): Promise<Browser> {
  const owner = host.browser();
  await owner.login();
  await owner.enrol();
  later(60);
  return owner;
}

/** Another login of theirs, which owes its code. */
async function unprovenOf(owner: Browser, host: Host): Promise<Browser> {
  const browser = host.browser();
  browser.secret = owner.secret;
  await browser.login();
  return browser;
}

const verified = async (browser: Browser): Promise<Browser> => {
  await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
  await browser.get("/private").expect(200);
  later(30);
  return browser;
};

/** A logout of this login, from wherever. */
async function leave(host: Host, login: string, texts: Texts): Promise<void> {
  const leaving = host.browser();
  bringLogin(leaving, login);
  carry(leaving, texts);
  await leaving.post("/logout").expect(200);
}

const statuses = (browsers: readonly Browser[]): Promise<number[]> =>
  Promise.all(browsers.map(async (browser) => (await browser.get("/private")).status));

describe("tfa.logout ends all that a login has proven, on every process", () => {
  it.each([
    ["one of its two proofs", ([first]: Texts[]) => first ?? {}],
    ["the other one", ([, second]: Texts[]) => second ?? {}],
    ["nothing of ours", () => ({})],
    ["a text that is none", () => ({ proof: "junk", pending: "junk" })],
  ])("where the logout brings %s", async (_what, brought) => {
    stopClock();
    const [here, there] = twoProcesses();
    const owner = await ownerOf(here);
    const first = await unprovenOf(owner, here);
    const second = await verified(copyOf(first, there));
    await verified(first);
    const all = [first, second, copyOf(first, there), copyOf(second, here)];
    expect(await statuses(all)).toEqual([200, 200, 200, 200]);
    await leave(here, loginTextOf(first), brought([textsOf(first), textsOf(second)]));
    expect(await statuses(all)).toEqual([403, 403, 403, 403]);
    expect((await second.post("/two-factor/setup", { replace: true })).status).toBe(403);
    expect(await statuses([owner])).toEqual([200]);
  });

  it("where its proof is hidden behind another cookie of that name", async () => {
    onlyWithCookies("A header cannot be tossed.");
    stopClock();
    const host = startHost({ options: one });
    const owner = await ownerOf(host);
    const copy = copyOf(owner, host);
    const { proof = "", pending = "" } = textsOf(owner);
    const tossed = `tfa_proof=junk; tfa_pending=junk; login=${loginTextOf(owner)}; tfa_proof=${proof}; tfa_pending=${pending}`;
    const raw = host.browser();
    await raw.agent.get("/private").set("cookie", tossed).expect(200);
    await raw.agent.post("/logout").set("cookie", tossed).expect(200);
    await copy.get("/private").expect(403);
  });

  it("where its own clock is minutes behind that of the proof", async () => {
    stopClock();
    const [here, there] = twoProcesses();
    const owner = await ownerOf(here);
    later(180);
    const ahead = await verified(await unprovenOf(owner, there));
    const copy = copyOf(ahead, there);
    later(-180);
    await copyOf(ahead, here).post("/logout").expect(200);
    later(180);
    await copy.get("/private").expect(403);
  });

  it("where proofs are good for less long than at the process that gave it", async () => {
    stopClock();
    const [here, there] = twoProcesses({ proofForSeconds: 3600 }, { proofForSeconds: 600 });
    const owner = await ownerOf(here);
    const copy = copyOf(owner, here);
    await copyOf(owner, there).post("/logout").expect(200);
    await copy.get("/private").expect(403);
  });

  it("also what it proves after a logout, where the host still takes the login", async () => {
    stopClock();
    const host = startHost({ options: one });
    const owner = await ownerOf(host);
    const login = await unprovenOf(owner, host);
    const text = loginTextOf(login);
    for (const round of [1, 2, 3]) {
      later(30);
      await verified(login);
      const copy = copyOf(login, host);
      await leave(host, text, round === 2 ? textsOf(login) : {});
      expect([round, ...(await statuses([login, copy, owner]))]).toEqual([round, 403, 403, 200]);
    }
  });
});

describe("A code that another process is still checking proves nothing once the login was left", () => {
  it.each(["first", "step-up"])("a %s proof", async (which) => {
    stopClock();
    const { store, slow, ...writes } = heldStore();
    const [here, there] = twoProcesses({ store }, { store: slow });
    const owner = await ownerOf(here);
    const login = await unprovenOf(owner, there);
    if (which === "step-up") await verified(login);
    const leaving = copyOf(login, here);
    const text = loginTextOf(login);
    writes.hold();
    const answer = login
      .post("/two-factor/verify", { code: login.code() })
      .then(({ status, body }) => ({ status, body }));
    await writes.isHeld();
    await leaving.post("/logout").expect(200);
    writes.release();
    expect(await answer).toMatchObject({ status: 401, body: { code: "LOGIN_SESSION_EXPIRED" } });
    bringLogin(login, text);
    expect(await statuses([login, copyOf(login, here)])).toEqual([403, 403]);
  });

  it("or is only then begun to be checked; one that is typed later does, where the host still takes the login", async () => {
    stopClock();
    const [here, there] = twoProcesses();
    const owner = await ownerOf(here);
    const login = await unprovenOf(owner, there);
    const text = loginTextOf(login);
    await leave(here, text, textsOf(login));
    expect((await login.post("/two-factor/verify", { code: login.code() }).expect(401)).body).toMatchObject({
      code: "LOGIN_SESSION_EXPIRED",
    });
    later(30);
    bringLogin(login, text);
    await verified(login);
  });
});

describe("Who has the password alone ends nothing by logging out", () => {
  it("however often, and for whom", async () => {
    stopClock();
    const store = memoryStore();
    const host = startHost({ options: { ...one, store } });
    const owner = await ownerOf(host);
    const stored = async () => JSON.parse((await store.get('["user","1"]'))?.record ?? "{}") as Record<string, unknown>;
    const before = await stored();
    let writes = 0;
    const stranger = host.browser();
    for (let round = 0; round < 40; round += 1) {
      await stranger.login();
      const { left } = await stored();
      await stranger.post("/logout").expect(200);
      if (JSON.stringify((await stored())["left"]) !== JSON.stringify(left)) writes += 1;
    }
    const { left, ...rest } = await stored();
    expect(rest).toEqual(before);
    expect(left).toHaveLength(3);
    expect(writes).toBeLessThanOrEqual(10);
    await owner.get("/private").expect(200);
  });

  it("nor with a proof that was ended before", async () => {
    stopClock();
    const host = startHost({ options: one });
    const owner = await ownerOf(host);
    const login = await verified(await unprovenOf(owner, host));
    const [text, texts] = [loginTextOf(login), textsOf(login)];
    for (let round = 0; round < 30; round += 1) await leave(host, text, texts);
    expect(await statuses([owner, login])).toEqual([200, 403]);
  });
});
