import { describe, expect, it, vi } from "vitest";
import { generateEncryptionKey, memoryStore, type TwoFactorEvent, type TwoFactorOptions } from "../../src";
import { bringLogin, carry, copyOf, loginTextOf, textsOf } from "../support/carrying";
import { later, stopClock } from "../support/clock";
import { heldStore } from "../support/held-store";
import { ownerAndUnproven, startHost, type Browser, type Host, type HostUser } from "../support/host";
import { optionsAt, ownerOfKey, startKeyHost } from "../support/keys";
import { onlyWithCookies, signInHere, state, type WithClaims } from "../support/states";

/** Run by vitest.states.config.mts, with cookies and with tokens. */
const one = { recoveryCodes: { count: 1 }, revalidateSeconds: 0 };
const loginAt = (req: unknown) => (req as WithClaims).auth?.iat ?? 0;

const start = (options: Partial<TwoFactorOptions<HostUser>> = {}) => startHost({ options: { ...one, ...options } });

/** Two processes with one store. */
function twoProcesses(options: Partial<TwoFactorOptions<HostUser>> = {}): [Host, Host] {
  const shared = { store: memoryStore(), otpSecretEncryptionKey: generateEncryptionKey(), ...options };
  return [start(shared), start(shared)];
}

async function ownerOf(host: Host, user?: HostUser): Promise<Browser> {
  const owner = host.browser();
  await owner.login(user);
  await owner.enrol();
  await owner.get("/private").expect(200);
  return owner;
}

describe("What a client carries is worth one login of one user, and no more than the record says", () => {
  it("a proof is good for the login that it was given in", async () => {
    const host = start();
    const owner = await ownerOf(host);
    const proof = textsOf(owner);
    await owner.login();
    carry(owner, proof);
    expect((await owner.get("/private").expect(403)).body).toMatchObject({ code: "TWO_FACTOR_REQUIRED" });
    const other = await ownerOf(host, { id: "2" });
    carry(other, proof);
    await other.get("/private").expect(403);
  });

  it("and for its scope", async () => {
    const shared = { store: memoryStore(), otpSecretEncryptionKey: generateEncryptionKey() };
    const customers = start(shared);
    const staff = start({ ...shared, scope: "staff", path: "/staff/2fa" });
    const owner = await ownerOf(customers);
    const colleague = staff.browser();
    await colleague.login();
    await colleague.enrol("/staff/2fa");
    await colleague.get("/private").expect(200);
    await copyOf(owner, customers).get("/private").expect(200);
    const elsewhere = copyOf(owner, staff);
    if (state === "cookie") {
      const { proof = "" } = textsOf(owner);
      elsewhere.agent.jar.setCookie(`tfa_proof_staff=${proof}; path=/`, "127.0.0.1", "/");
    }
    await elsewhere.get("/private").expect(403);
  });

  it("and what is pending is, too: another login neither sees nor confirms it", async () => {
    const browser = start().browser();
    await browser.login();
    const { body } = await browser.post("/two-factor/setup").expect(200);
    const { secret } = body as { secret: string };
    const begun = textsOf(browser);
    for (const user of [{ id: "1" }, { id: "2" }]) {
      await browser.login(user);
      carry(browser, begun);
      const code = browser.code(0, secret);
      const answer = await browser.post("/two-factor/setup/verify", { code }).expect(410);
      expect(answer.body).toMatchObject({ code: "SETUP_SESSION_EXPIRED" });
      expect(JSON.stringify((await browser.get("/two-factor/setup")).body)).not.toContain(secret);
    }
  });

  it("cut, lengthened, exchanged or made up, it is as if it were not there", async () => {
    const host = start();
    const owner = await ownerOf(host);
    await owner.post("/two-factor/setup", { replace: true }).expect(200);
    const { proof = "", pending = "" } = textsOf(owner);
    expect([proof, pending]).toEqual([expect.stringMatching(/^[\w.-]+$/), expect.stringMatching(/^[\w.-]+$/)]);
    const [body = "", signature = ""] = proof.split(".");
    const forged = Buffer.from(JSON.stringify({ proof: { id: "x", epoch: "", method: "totp", at: 1 }, endsAt: 9e9 }));
    for (const wrong of [
      proof.slice(0, -1),
      proof.slice(1),
      `${proof}.`,
      `${proof}A`,
      `${body}.`,
      `.${signature}`,
      `${forged.toString("base64url")}.${signature}`,
      pending,
      "A".repeat(3000),
    ]) {
      carry(owner, { proof: wrong, pending });
      expect([wrong, (await owner.get("/private")).status]).toEqual([wrong, 403]);
    }
    for (const wrong of [pending.slice(0, -4), pending.slice(9), `${pending}AAAA`, proof, "0.0", "A".repeat(3000)]) {
      carry(owner, { proof, pending: wrong });
      await owner.get("/private").expect(200);
      const code = owner.code();
      expect([wrong, (await owner.post("/two-factor/setup/verify", { code })).status]).toEqual([wrong, 409]);
    }
    carry(owner, { proof, pending });
    await owner.get("/private").expect(200);
  });

  it("a proof of under a key of the ring is good, and of one that is gone is none", async () => {
    const [old, fresh] = [generateEncryptionKey(), generateEncryptionKey()];
    const store = memoryStore();
    const owner = await ownerOf(start({ store, otpSecretEncryptionKey: old }));
    const keys = async (otpSecretEncryptionKey: string) =>
      (await copyOf(owner, start({ store, otpSecretEncryptionKey })).get("/private")).status;
    expect([await keys(`${fresh},${old}`), await keys(fresh)]).toEqual([200, 403]);
  });
});

describe("A proof ends", () => {
  it("after proofForSeconds, as the option is now; and the login goes on with a code", async () => {
    stopClock();
    const shared = { store: memoryStore(), otpSecretEncryptionKey: generateEncryptionKey(), loginAt };
    const host = start({ ...shared, proofForSeconds: 3600 });
    const owner = await ownerOf(host);
    later(1800);
    await owner.get("/private").expect(200);
    await copyOf(owner, start({ ...shared, proofForSeconds: 1200 }))
      .get("/private")
      .expect(403);
    later(1800);
    expect((await owner.get("/private").expect(403)).body).toMatchObject({ code: "TWO_FACTOR_REQUIRED" });
    await owner.post("/two-factor/verify", { code: owner.code() }).expect(200);
    await owner.get("/private").expect(200);
  });

  it("and is no longer good for having been given by a clock that is ahead", async () => {
    stopClock();
    const [here, there] = twoProcesses({ proofForSeconds: 600 });
    later(3600);
    const owner = await ownerOf(there);
    later(-3600);
    await copyOf(owner, here).get("/private").expect(403);
  });

  it("at a logout, in the record: nothing that was copied before is proven any more, on any process", async () => {
    const [here, there] = twoProcesses();
    const owner = await ownerOf(here);
    const copies = [copyOf(owner, here), copyOf(owner, there)];
    for (const copy of copies) await copy.get("/private").expect(200);
    await owner.post("/logout").expect(200);
    for (const copy of copies) await copy.get("/private").expect(403);
  });

  it("at a logout of the same login that knows nothing of it: what another process has just accepted", async () => {
    const [here, there] = twoProcesses({ rememberBrowser: "never" });
    const { owner, browser } = await ownerAndUnproven(here);
    const leaving = copyOf(browser, there);
    await browser.post("/two-factor/verify", { code: owner.code(1) }).expect(200);
    await browser.get("/private").expect(200);
    await leaving.post("/logout").expect(200);
    await browser.get("/private").expect(403);
    await owner.get("/private").expect(200);
  });

  it("and a code that is still being checked at the logout proves nothing", async () => {
    const { slow, hold, isHeld, release } = heldStore();
    const host = start({ store: slow });
    const { owner, browser } = await ownerAndUnproven(host);
    const login = loginTextOf(browser);
    const before = textsOf(browser);
    hold();
    const verified = browser
      .post("/two-factor/verify", { code: owner.code(1) })
      .then(({ status, body }) => ({ status, body }));
    await isHeld();
    const leaving = host.browser();
    bringLogin(leaving, login);
    carry(leaving, before);
    const left = leaving.post("/logout").then(({ status }) => status);
    await new Promise((resolve) => setTimeout(resolve, 100));
    release();
    expect(await left).toBe(200);
    expect(await verified).toMatchObject({ status: 401, body: { code: "LOGIN_SESSION_EXPIRED" } });
    expect(textsOf(browser).proof).toBeUndefined();
  });

  it.each([
    ["a reset", (host: Host) => host.tfa.reset("1", { reason: "lost", by: "test" })],
    ["forgetting all", (host: Host) => host.tfa.forgetBrowsers("1")],
    ["turning off", (_host: Host, owner: Browser) => owner.post("/two-factor/disable").expect(200)],
  ])("on every process, and what is pending with it, at %s", async (_name, end) => {
    const [here, there] = twoProcesses();
    const owner = await ownerOf(here);
    await owner.post("/two-factor/setup", { replace: true }).expect(200);
    const copies = [copyOf(owner, here), copyOf(owner, there)];
    await end(here, owner);
    for (const copy of copies) {
      expect((await copy.get("/private")).status).toBeGreaterThan(400);
      expect((await copy.post("/two-factor/setup/verify", { code: copy.code() })).status).toBeGreaterThan(400);
    }
  });
});

describe("An older text undoes nothing", () => {
  it("a challenge that was answered is spent, also for who brings it again", async () => {
    const host = startKeyHost({ options: one });
    const { browser, key } = await ownerOfKey(host);
    const asked = await optionsAt(browser, "/verify/options");
    const copy = copyOf(browser, host);
    const answer = key.assert(asked);
    await browser.post("/two-factor/verify", { key: answer }).expect(200);
    const again = await copy.post("/two-factor/verify", { key: answer }).expect(410);
    expect(again.body).toMatchObject({ code: "KEY_CHALLENGE_EXPIRED" });
  });

  it("of two set-ups at once one is confirmed, and the other is void from then on", async () => {
    const host = start();
    const browser = host.browser();
    await browser.login();
    const begin = async () => ({
      secret: ((await browser.post("/two-factor/setup").expect(200)).body as { secret: string }).secret,
      texts: textsOf(browser),
    });
    const [first, second] = [await begin(), await begin()];
    carry(browser, first.texts);
    await browser.post("/two-factor/setup/verify", { code: browser.code(0, first.secret) }).expect(200);
    const { proof = "" } = textsOf(browser);
    const late = async () =>
      (await browser.post("/two-factor/setup/verify", { code: browser.code(0, second.secret) })).body;
    carry(browser, second.texts);
    expect(await late()).toMatchObject({ code: "TWO_FACTOR_REQUIRED" });
    carry(browser, { ...second.texts, proof });
    expect(await late()).toMatchObject({ code: "TOTP_ALREADY_ENABLED" });
    expect((await host.tfa.status("1")).enabled).toBe(true);
  });

  it("whoever leaves all of it out has no more time: with loginAt a login ends pendingLoginSeconds after it was made", async () => {
    stopClock();
    const events: TwoFactorEvent[] = [];
    const host = start({ loginAt, onEvent: (event) => void events.push(event) });
    const { owner, browser } = await ownerAndUnproven(host);
    const login = loginTextOf(browser);
    await browser.get("/private").expect(403);
    later(600);
    for (const path of ["/private", "/two-factor/verify", "/private"]) {
      bringLogin(browser, login);
      carry(browser, {});
      expect((await browser.get(path).expect(401)).body).toMatchObject({ code: "LOGIN_SESSION_EXPIRED" });
    }
    expect(events.filter(({ type }) => type === "login-expired")).toHaveLength(1);
    await owner.get("/private").expect(200);
    await browser.login();
    await browser.post("/two-factor/verify", { code: owner.code() }).expect(200);
    await browser.get("/private").expect(200);
  });

  it("and sets nothing up after a reset: with loginAt no login of before it does", async () => {
    stopClock();
    const host = start({ loginAt });
    const owner = await ownerOf(host);
    const thief = host.browser();
    bringLogin(thief, loginTextOf(owner));
    later(10);
    await host.tfa.reset("1", { reason: "lost", by: "test" });
    const ended = { code: "LOGIN_SESSION_EXPIRED", reason: "reset" };
    expect((await thief.get("/private").expect(401)).body).toMatchObject(ended);
    bringLogin(thief, loginTextOf(owner));
    expect((await thief.post("/two-factor/setup").expect(401)).body).toMatchObject(ended);
    await owner.login();
    await owner.enrol();
    await owner.get("/private").expect(200);
  });

  it("a way back of any length is dropped before the set-up that stands beside it", async () => {
    onlyWithCookies("A client without cookies keeps its way back itself.");
    const browser = start().browser();
    await browser.login();
    await browser.visit(`/private?${"x".repeat(1990)}`).expect(303);
    await browser.enrol();
    await browser.get("/private").expect(200);
  });
});

describe("The host says which login it is", () => {
  it("and where it does not, nobody is let in who is asked for a second factor", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    for (const loginId of [() => undefined, () => null, () => "", () => ({}) as string, () => "x".repeat(256)]) {
      const browser = start({ loginId }).browser();
      await browser.login();
      for (const path of ["/private", "/two-factor", "/two-factor/setup"]) {
        expect((await browser.get(path).expect(500)).body).toMatchObject({ code: "MISCONFIGURED" });
      }
    }
    expect(console.error).toHaveBeenCalledWith(
      expect.objectContaining({ message: expect.stringContaining("loginId") }),
    );
    for (const wrong of [() => "now" as never, () => Number.NaN, async () => new Date("x")]) {
      const browser = start({ loginAt: wrong }).browser();
      await browser.login();
      await browser.get("/private").expect(500);
    }
    vi.restoreAllMocks();
  });

  it("but machines, of whom the predicate says never, need none", async () => {
    const host = start({
      loginId: () => undefined,
      needTwoFactorAuthentication: (_user, req) => (req.get("x-api-key") === "right" ? "never" : true),
    });
    const machine = host.browser();
    await machine.login();
    await machine.agent.get("/private").set("x-api-key", "right").expect(200);
  });

  it("later or at once", async () => {
    const owner = await ownerOf(
      start({
        loginId: async (req) => (req as WithClaims).auth?.jti,
        loginAt: async (req) => new Date(loginAt(req) * 1000),
      }),
    );
    await owner.get("/private").expect(200);
  });
});

describe("What an identity provider has proven", () => {
  const provider = (onWeakAcr: "challenge" | "refuse") => {
    const host = startHost({
      options: { ...one, acceptedAcr: ["strong"], onWeakAcr },
      before: (app) =>
        app.post("/callback/:acr", (req, res, next) => {
          const login = signInHere(req, res, { id: req.params.acr });
          const answer = async () => {
            const proven = await host.tfa.satisfy(req, { method: "acr", acr: req.params.acr }).catch(() => "refused");
            res.json({ proven, ...login, ...(proven !== "refused" && (await host.tfa.pending(req))) });
          };
          answer().catch(next);
        }),
    });
    return host.browser();
  };

  it("goes out with the answer of the login", async () => {
    const browser = provider("challenge");
    expect((await browser.post("/callback/strong").expect(200)).body).toMatchObject({
      proven: true,
      requiresOtp: false,
    });
    await browser.get("/private").expect(200);
    expect((await browser.post("/callback/weak").expect(200)).body).toMatchObject({ proven: false });
    await browser.get("/private").expect(403);
  });

  it("and a refusal is for the host to act on: whoever is refused gets no login", async () => {
    expect((await provider("refuse").post("/callback/weak").expect(200)).body).toMatchObject({ proven: "refused" });
  });
});

describe("A remembered browser", () => {
  it("is remembered over logins, and forgotten where the option says so", async () => {
    for (const deleteCookieOnLogout of [false, true]) {
      const host = start({ deleteCookieOnLogout });
      const { owner, browser } = await ownerAndUnproven(host);
      browser.secret = owner.secret;
      await browser.remember();
      await browser.post("/logout").expect(200);
      await browser.login();
      await browser.get("/private").expect(deleteCookieOnLogout ? 403 : 200);
    }
  });
});

describe("With a token", () => {
  it("nothing is in a cookie, and no answer is a page", async () => {
    if (state !== "token") return;
    const host = start();
    const browser = host.browser();
    await browser.login();
    const page = { accept: "text/html", "sec-fetch-mode": "navigate", "turbo-frame": "x", "hx-request": "true" };
    for (const path of ["/private", "/two-factor", "/two-factor/setup", "/two-factor/nothing"]) {
      const answer = await browser.agent.get(path).set(page);
      expect([path, answer.type]).toEqual([path, expect.stringMatching(/json$/)]);
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
  });
});

describe("With cookies", () => {
  it("each is HttpOnly, and SameSite, Secure and named as the option says", async () => {
    onlyWithCookies("There are none.");
    const host = startHost({
      options: { ...one, cookie: { prefix: "__Host-", sameSite: "strict" } },
      early: (app) => app.set("trust proxy", 1),
    });
    const browser = host.browser();
    await browser.login();
    const begun = await browser.agent.post("/two-factor/setup").set({ "x-forwarded-proto": "https" });
    const [pending = ""] = begun.headers["set-cookie"] as unknown as string[];
    expect(pending).toMatch(
      /^__Host-tfa_pending=\S+; Max-Age=86400; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/,
    );
    const { secret } = begun.body as { secret: string };
    const done = await browser.agent
      .post("/two-factor/setup/verify")
      .set({ "x-forwarded-proto": "https", cookie: `login=${loginTextOf(browser)}; ${pending.split(";", 1)[0]}` })
      .send({ code: browser.code(0, secret) })
      .expect(200);
    const set = done.headers["set-cookie"] as unknown as string[];
    const proof = set.find((cookie) => cookie.startsWith("__Host-tfa_proof="));
    expect(proof).toMatch(/; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/);
    expect(set.find((cookie) => cookie.startsWith("__Host-tfa_pending="))).toMatch(/=; .*Expires=Thu, 01 Jan 1970/);
    for (const cookie of set) expect(cookie).not.toMatch(/Domain/i);
  });

  it("and an answer that changes nothing sets none", async () => {
    onlyWithCookies("There are none.");
    const owner = await ownerOf(start());
    for (const path of ["/private", "/two-factor", "/two-factor/verify"]) {
      expect((await owner.get(path)).headers["set-cookie"]).toBeUndefined();
    }
  });
});
