import { describe, expect, it, test, vi } from "vitest";
import { generateEncryptionKey, memoryStore, twoFactor, type TwoFactorOptions } from "../../src";
import { bringLogin, carry, copyOf, loginTextOf, textsOf } from "../support/carrying";
import { later, stopClock } from "../support/clock";
import { startHost, type Browser, type Host, type HostUser } from "../support/host";
import { addKey, optionsAt, startKeyHost } from "../support/keys";
import { heldStore } from "../support/held-store";
import { lostEverything } from "../support/recovery";
import { SoftKey } from "../support/soft-key";
import { onlyWithCookies, signInHere, state, type WithClaims } from "../support/states";

/** Run by vitest.states.config.mts, with cookies and with tokens. */
const loginAt = (req: unknown) => (req as WithClaims).auth?.iat ?? 0;
const one = { recoveryCodes: { count: 1 }, revalidateSeconds: 0, rememberBrowser: "never" as const };

const start = (options: Partial<TwoFactorOptions<HostUser>> = {}) =>
  startHost({ options: { ...one, loginAt, ...options } });

async function ownerOf(host: Pick<Host, "browser">): Promise<Browser> {
  const owner = host.browser();
  await owner.login();
  await owner.enrol();
  later(60);
  return owner;
}

/** The same login, with nothing of ours. */
function bareCopyOf(browser: Browser, host: Pick<Host, "browser">): Browser {
  const copy = copyOf(browser, host);
  carry(copy, {});
  return copy;
}

const codeOf = async (answer: PromiseLike<{ body: unknown }>): Promise<unknown> =>
  ((await answer).body as { code?: unknown }).code;

describe("With loginAt, no login of before the last factor went sets up, whatever it leaves out", () => {
  const reasons = { reason: "stolen", by: "admin" };
  it.each([
    ["an administrator removed it", (host: Host) => host.tfa.removeFactor("1", "totp", reasons), true],
    [
      "its owner turned it off",
      (_: Host, owner: Browser) => owner.post("/two-factor/disable", { code: owner.code() }),
      true,
    ],
    [
      "its owner turned it off, who need not have one",
      (_: Host, owner: Browser) => owner.post("/two-factor/disable", { code: owner.code() }),
      false,
    ],
  ])("where %s", async (_what, end, must) => {
    stopClock();
    const host = start({ needTwoFactorAuthentication: () => must });
    const owner = await ownerOf(host);
    const thief = host.browser();
    thief.secret = owner.secret;
    await thief.login();
    await thief.post("/two-factor/verify", { code: owner.code() }).expect(200);
    later(60);
    await end(host, owner);
    const login = loginTextOf(thief);
    for (const texts of [textsOf(thief), {}]) {
      bringLogin(thief, login);
      carry(thief, texts);
      expect(await codeOf(thief.post("/two-factor/setup"))).toBe("LOGIN_SESSION_EXPIRED");
    }
    const fresh = host.browser();
    later(1);
    await fresh.login();
    await fresh.enrol();
  });

  it("nor where it was the last security key", async () => {
    stopClock();
    const host = startKeyHost({ options: { ...one, loginAt } });
    const owner = host.browser();
    await owner.login();
    const added = (await addKey(owner)).body as { key: { id: string } };
    later(60);
    const thief = bareCopyOf(owner, host);
    await host.tfa.removeKey("1", added.key.id, reasons);
    expect(await codeOf(thief.post("/two-factor/setup"))).toBe("LOGIN_SESSION_EXPIRED");
  });

  it("but of who never had one any does, however old it is", async () => {
    stopClock();
    const browser = start({ pendingLoginSeconds: 120 }).browser();
    await browser.login();
    later(3600);
    await browser.enrol();
    await browser.get("/private").expect(200);
  });

  it("but the one that has turned it off itself does", async () => {
    stopClock();
    const owner = await ownerOf(start());
    await owner.post("/two-factor/disable", { code: owner.code() }).expect(200);
    later(60);
    await owner.enrol();
    await owner.get("/private").expect(200);
  });
});

describe("With loginAt, the login that has turned it off sets up until it is logged out", () => {
  it.each([60, 700, 86_400])("and %i seconds after that no copy of it does", async (seconds) => {
    stopClock();
    const host = start();
    const owner = await ownerOf(host);
    await owner.post("/two-factor/disable", { code: owner.code() }).expect(200);
    const copy = copyOf(owner, host);
    await owner.post("/logout").expect(200);
    later(seconds);
    expect(await codeOf(copy.post("/two-factor/setup"))).toBe("LOGIN_SESSION_EXPIRED");
  });
});

test("With loginAt, a login that was logged out while it turned it off does not set up either", async () => {
  stopClock();
  const { store, slow, hold, isHeld, release } = heldStore();
  const shared = { otpSecretEncryptionKey: generateEncryptionKey() };
  const [here, there] = [start({ ...shared, store: slow }), start({ ...shared, store })];
  const owner = await ownerOf(here);
  const leaving = copyOf(owner, there);
  hold();
  const turned = owner.post("/two-factor/disable", { code: owner.code() }).then(({ status }) => status);
  await isHeld();
  await leaving.post("/logout").expect(200);
  release();
  await turned;
  later(30);
  const copy = copyOf(owner, there);
  expect((await copy.post("/two-factor/setup")).status).toBe(401);
  expect(await codeOf(bareCopyOf(owner, there).post("/two-factor/setup"))).not.toBeUndefined();
});

describe("With loginAt, a proof that has run out keeps no login alive", () => {
  const times = { proofForSeconds: 600, pendingLoginSeconds: 120 };

  it("longer than pendingLoginSeconds after its end", async () => {
    stopClock();
    const host = start(times);
    const owner = await ownerOf(host);
    later(545);
    const { proof = "" } = textsOf(owner);
    const kept = copyOf(owner, host);
    expect(await codeOf(owner.get("/private"))).toBe("TWO_FACTOR_REQUIRED");
    for (let minutes = 0; minutes < 3; minutes += 1) {
      later(60);
      carry(kept, { proof });
      expect([minutes, await codeOf(kept.get("/private"))]).toEqual([
        minutes,
        minutes < 1 ? "TWO_FACTOR_REQUIRED" : minutes === 1 ? "LOGIN_SESSION_EXPIRED" : undefined,
      ]);
    }
  });

  it("nor one that a logout has ended", async () => {
    stopClock();
    const host = start(times);
    const owner = await ownerOf(host);
    const copy = copyOf(owner, host);
    await owner.post("/logout").expect(200);
    later(545);
    expect(await codeOf(copy.get("/private"))).toBe("LOGIN_SESSION_EXPIRED");
  });

  it("and turning off takes it along: the login that did it goes on", async () => {
    stopClock();
    const host = start({ ...times, rememberBrowser: "always", pendingLoginSeconds: 7200 });
    const owner = await ownerOf(host);
    await owner.remember();
    later(700);
    await owner.get("/private").expect(200);
    await owner.post("/two-factor/disable", { code: owner.code() }).expect(200);
    expect(textsOf(owner).proof).toBeUndefined();
    expect(await codeOf(owner.get("/private"))).toBe("TWO_FACTOR_SETUP_REQUIRED");
    await owner.enrol();
  });
});

describe("What the host says of a login", () => {
  it("in milliseconds is a mistake that is told; of a time to come it is as old as can be", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const now = () => Math.floor(Date.now() / 1000);
    for (const wrong of [() => Date.now(), () => now() + 90_000, () => new Date(Date.now() + 90_000_000)]) {
      const browser = start({ loginAt: wrong }).browser();
      await browser.login();
      expect((await browser.get("/private").expect(500)).body).toMatchObject({ code: "MISCONFIGURED" });
    }
    expect(console.error).toHaveBeenCalledWith(
      expect.objectContaining({ message: expect.stringContaining("milliseconds") }),
    );
    const ahead = start({ loginAt: () => now() + 60 }).browser();
    await ahead.login();
    await ahead.get("/private").expect(403);
    const shared = { store: memoryStore(), otpSecretEncryptionKey: generateEncryptionKey() };
    await ownerOf(start(shared));
    const setBack = start({ ...shared, loginAt: () => now() + 3600 }).browser();
    await setBack.login();
    expect(await codeOf(setBack.get("/private"))).toBe("LOGIN_SESSION_EXPIRED");
    vi.restoreAllMocks();
  });

  it("a machine, of which it says nothing, is refused what needs a login, and told so", async () => {
    const host = startHost({
      options: { ...one, loginId: () => undefined, needTwoFactorAuthentication: () => "never" as const },
      behind: (app, tfa) => app.post("/payout", tfa.requireRecent({ seconds: 60 }), (_req, res) => void res.json({})),
      before: (app) =>
        app.get("/pending", (req, res, next) => void host.tfa.pending(req).then((owed) => res.json(owed), next)),
    });
    const machine = host.browser();
    await machine.login();
    const refused = {
      "/two-factor/setup": 403,
      "/two-factor/setup/verify": 403,
      "/two-factor/verify": 401,
      "/payout": 403,
    };
    for (const [path, status] of Object.entries(refused)) {
      const answer = await machine.post(path, { code: "123456" });
      const code = status === 403 ? "SETUP_NOT_OFFERED" : "UNAUTHORIZED";
      expect([path, answer.status, (answer.body as { code: string }).code]).toEqual([path, status, code]);
    }
    expect((await machine.get("/two-factor").expect(200)).body).toMatchObject({ setupOffered: false });
    await machine.get("/pending").expect(200);
    await machine.post("/logout").expect(200);
  });

  it("nor does it prove anything for a user who has a second factor", async () => {
    const isMachine = (req: { get(name: string): string | undefined }) => req.get("x-api-key") === "right";
    const host = startHost({
      options: {
        ...one,
        loginId: (req) => (isMachine(req) ? undefined : (req as WithClaims).auth?.jti),
        needTwoFactorAuthentication: (_user, req) => (isMachine(req) ? "never" : true),
      },
      behind: (app, tfa) => app.post("/payout", tfa.requireRecent({ seconds: 60 }), (_req, res) => void res.json({})),
    });
    stopClock();
    const owner = await ownerOf(host);
    for (const path of ["/two-factor/verify", "/two-factor/disable", "/payout"]) {
      const answer = await owner.agent.post(path).set("x-api-key", "right").send({ code: owner.code() });
      expect([path, answer.status]).toEqual([path, 401]);
    }
    await owner.post("/two-factor/verify", { code: owner.code() }).expect(200);
  });
});

describe("What is refused, spent or left stays so", () => {
  it("a refusal of the identity provider ends what the login had proven", async () => {
    const host = startHost({
      options: { ...one, acceptedAcr: ["strong"], onWeakAcr: "refuse" },
      before: (app) =>
        app.post("/callback/:acr", (req, res, next) => {
          const { acr } = req.params;
          const again = (req as WithClaims).auth !== undefined;
          const login = again ? {} : signInHere(req, res, { id: "1" });
          const answer = async () => {
            await host.tfa.satisfy(req, { method: "acr", acr }).catch(() => undefined);
            res.json({ ...login, ...(acr === "strong" && (await host.tfa.pending(req))) });
          };
          answer().catch(next);
        }),
    });
    const browser = host.browser();
    await browser.post("/callback/strong").expect(200);
    const copy = copyOf(browser, host);
    await copy.get("/private").expect(200);
    await browser.post("/callback/weak").expect(200);
    await copy.get("/private").expect(403);
  });

  it("a challenge that was answered is spent for a slower clock, too", async () => {
    stopClock();
    const shared = { store: memoryStore(), otpSecretEncryptionKey: generateEncryptionKey() };
    const [here, ahead] = [
      startKeyHost({ options: { ...one, ...shared } }),
      startKeyHost({ options: { ...one, ...shared } }),
    ];
    const owner = here.browser();
    const key = new SoftKey();
    await owner.login();
    await addKey(owner, key);
    const signedIn = async (host: Pick<Host, "browser">) => {
      const browser = host.browser();
      await browser.login();
      const asked = await optionsAt(browser, "/verify/options");
      const copy = copyOf(browser, host);
      const answer = key.assert(asked);
      await browser.post("/two-factor/verify", { key: answer }).expect(200);
      return () => copy.post("/two-factor/verify", { key: answer });
    };
    const again = await signedIn(here);
    later(301);
    await signedIn(ahead);
    later(-296);
    expect(await codeOf(again())).toBe("KEY_CHALLENGE_EXPIRED");
  });

  it("of two scopes in one app both are left by one logout", async () => {
    onlyWithCookies("A request brings the header of one scope.");
    const shared = { store: memoryStore(), otpSecretEncryptionKey: generateEncryptionKey() };
    const staff = twoFactor<HostUser>({
      issuer: "Staff",
      ...shared,
      ...one,
      scope: "staff",
      path: "/staff/2fa",
      state: "cookie",
      loginId: (req) => (req as WithClaims).auth?.jti,
    });
    const host = startHost({
      options: { ...one, ...shared },
      before: (app) => app.use(staff.routes),
      mount: (app, tfa) => {
        app.post("/leave", tfa.logout, staff.logout, (_req, res) => void res.json({}));
        app.use(tfa, staff.gate);
      },
    });
    const browser = host.browser();
    await browser.login();
    await browser.enrol();
    await browser.enrol("/staff/2fa");
    await browser.get("/private").expect(200);
    const cookies = () => ["tfa_proof", "tfa_proof_staff"].map((name) => browser.cookie(name) !== undefined);
    expect(cookies()).toEqual([true, true]);
    await browser.post("/leave").expect(200);
    expect(cookies()).toEqual([false, false]);
  });
});

describe("A link in a mail", () => {
  it("is followed in a browser, whatever the app is: it shows a page with the button that stops the recovery", async () => {
    const { box, browser, host } = await lostEverything();
    await browser.post("/two-factor/recovery").expect(200);
    const page = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-site": "same-origin" };
    const shown = await host.browser().agent.get(box.link()).set(page).expect(200);
    expect(shown.text).toMatch(/<form method="post" action="\/two-factor\/recovery\/cancel\?token=/);
    const stopped = await host.browser().agent.post(box.link()).set(page).type("form").send({}).expect(200);
    expect(stopped.type).toBe("text/html");
    expect((await host.tfa.status("1")).recovery).toBeUndefined();
    if (state === "token")
      expect((await host.browser().agent.get("/two-factor/verify").set(page)).type).toMatch(/json$/);
  });
});

describe("A cookie's name", () => {
  it.each(["tfa_proof", "tfa_pending", "known_tfa", "last_tfa", "tfa_proof_staff"])(
    "is refused where another one of ours has it: %s",
    (name) => {
      expect(() => start({ cookie: { name } })).toThrow("cookie.name");
    },
  );
});
