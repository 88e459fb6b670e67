import express, { type Request } from "express";
import { beforeEach, describe, expect, test } from "vitest";
import { stopClock } from "../support/clock";
import { memoryStore, type AcrProof, type TwoFactor, type TwoFactorEvent } from "../../src";
import { startHost, type HostOptions, type HostUser } from "../support/host";

beforeEach(() => void stopClock());

const accepted = "https://idp.example/2fa";
const nowSeconds = () => Math.floor(Date.now() / 1000);

interface Said {
  acr?: unknown;
  authTime?: number;
  user?: HostUser | undefined;
}

/** A host whose callback believes the test: `acr` is what a validated ID token said. */
function idpHost(options: HostOptions["options"] = {}, more: HostOptions = {}) {
  const events: TwoFactorEvent[] = [];
  let tfa!: TwoFactor;
  const host = startHost({
    ...more,
    options: { acceptedAcr: [accepted], onEvent: (event) => void events.push(event), ...options },
    mount(app, made) {
      tfa = made;
      app.post("/callback", express.json(), async (req, res) => {
        const { acr, authTime, user } = req.body as Said;
        if (user !== undefined) {
          (req.session as unknown as { user: HostUser }).user = user;
          (req as { user?: unknown }).user = user;
        }
        const proof: AcrProof = {
          method: "acr",
          acr,
          at: authTime === undefined ? undefined : new Date(authTime * 1000),
        };
        try {
          res.json({ proven: await tfa.satisfy(req, proof) });
        } catch (error) {
          const { status, code, message } = error as { status: number; code: string; message: string };
          res.status(status).json({ code, message });
        }
      });
      app.get("/pending", (req, res) => {
        tfa.pending(req).then(
          (pending) => res.json(pending),
          ({ status, code }: { status: number; code: string }) => res.status(status).json({ code }),
        );
      });
      app.get("/check", (req, res, next) => void tfa.check(req).then((passes) => res.json({ passes }), next));
      // Not behind the gate, so that it is what is tested.
      app.post("/payout", tfa.requireRecent({ seconds: 300 }), (_req, res) => void res.json({ paid: true }));
      app.use(tfa);
    },
  });
  const arrive = async (said: Said) => {
    const browser = host.browser();
    const answer = await browser.post("/callback", { user: { id: "1", email: "one@example.com" }, ...said });
    return { browser, answer };
  };
  return { ...host, tfa, events, arrive };
}

describe("an accepted acr", () => {
  test.each([4, 5] as const)("lets the session pass, and only this session (Express %i)", async (version) => {
    const { arrive, browser, events } = idpHost({}, { version });
    const { browser: proven, answer } = await arrive({ acr: accepted, authTime: nowSeconds() });
    expect(answer.body).toEqual({ proven: true });
    await proven.get("/").expect(200);
    expect(events).toMatchObject([{ type: "challenge-passed", method: "acr", userId: "1" }]);

    const other = browser();
    await other.login();
    await other.get("/").expect(403);
  });

  test("holds as long as the session, however long ago the provider asked", async () => {
    const { arrive, browser } = idpHost({ revalidateSeconds: 0 });
    const { browser: proven } = await arrive({ acr: accepted, authTime: nowSeconds() - 86_400 * 30 });
    await proven.get("/").expect(200);
    // 30 logouts of one sign-in at the provider do not use the next one up.
    for (let round = 0; round < 30; round += 1) {
      const again = browser();
      await again.post("/callback", { user: { id: "1" }, acr: accepted, authTime: 1000 }).expect(200);
      await again.get("/").expect(200);
      await again.post("/logout").expect(200);
    }
    const last = browser();
    await last.post("/callback", { user: { id: "1" }, acr: accepted, authTime: 1000 }).expect(200);
    await last.get("/").expect(200);
  });

  test("is ended by a reset, and by erasing the account", async () => {
    const { arrive, tfa } = idpHost({ revalidateSeconds: 0 });
    const { browser } = await arrive({ acr: accepted });
    await browser.get("/").expect(200);
    await tfa.reset("1", { reason: "lost card", by: "admin" });
    await browser.get("/").expect(401);

    const again = await arrive({ acr: accepted, user: { id: "2" } });
    await again.browser.get("/").expect(200);
    await tfa.erase("2");
    await again.browser.get("/").expect(401);
  });

  test("gives the session a new id, and keeps what the host put there", async () => {
    const { browser } = idpHost();
    const visitor = browser();
    const login = await visitor.login();
    const proven = await visitor.post("/callback", { acr: accepted }).expect(200);
    const id = (answer: typeof login) => /connect\.sid=([^;]+)/.exec(String(answer.headers["set-cookie"]))?.[1];
    expect(id(proven)).toBeDefined();
    expect(id(proven)).not.toBe(id(login));
    await visitor.get("/").expect(200);
  });

  test("is named by the account page, in JSON and for people, and by status", async () => {
    const { arrive, tfa } = idpHost();
    const authTime = nowSeconds() - 120;
    const { browser } = await arrive({ acr: accepted, authTime });
    const at = new Date(authTime * 1000);
    const account = await browser.get("/two-factor").expect(200);
    expect(account.body).toMatchObject({
      verified: true,
      enabled: false,
      provenBy: { method: "acr", acr: accepted, at: at.toISOString() },
    });
    expect((await browser.visit("/two-factor").expect(200)).text).toContain(accepted);
    expect(await tfa.status("1")).toMatchObject({ enabled: false, identityProvider: { acr: accepted, at } });
    expect((await tfa.status("2")).identityProvider).toBeUndefined();
  });

  test("without auth_time is named by the time it came", async () => {
    const { arrive, tfa } = idpHost();
    const { browser } = await arrive({ acr: accepted });
    const { body } = (await browser.get("/two-factor").expect(200)) as { body: { provenBy: { at: string } } };
    expect(Date.now() - Date.parse(body.provenBy.at)).toBeLessThan(10_000);
    expect(Date.now() - (await tfa.status("1")).identityProvider!.at.getTime()).toBeLessThan(10_000);
  });

  test("does not pass where the store cannot note it", async () => {
    const store = memoryStore();
    const { arrive } = idpHost({
      store: { ...store, get: (id) => store.get(id), compareAndSet: () => Promise.reject(new Error("down")) },
    });
    const { browser, answer } = await arrive({ acr: accepted });
    expect(answer.body).toMatchObject({ code: "STORE_UNAVAILABLE" });
    await browser.get("/").expect(403);
  });
});

describe("requireRecent", () => {
  test("goes by auth_time, not by when the user came here", async () => {
    const { arrive } = idpHost();
    const fresh = await arrive({ acr: accepted, authTime: nowSeconds() - 10 });
    await fresh.browser.post("/payout").expect(200);
    const stale = await arrive({ acr: accepted, authTime: nowSeconds() - 400 });
    await stale.browser.get("/").expect(200);
    await stale.browser.post("/payout").expect(403);
  });

  test("without auth_time asks anew", async () => {
    const { arrive } = idpHost();
    const { browser } = await arrive({ acr: accepted });
    await browser.get("/").expect(200);
    await browser.post("/payout").expect(403);
  });

  test("takes no auth_time of the future for longer than now", async () => {
    const { arrive } = idpHost();
    const { browser } = await arrive({ acr: accepted, authTime: nowSeconds() + 86_400 });
    const { body } = (await browser.get("/two-factor").expect(200)) as { body: { provenBy: { at: string } } };
    expect(Date.parse(body.provenBy.at)).toBeLessThanOrEqual(Date.now());
  });
});

const tooWeak: [string, unknown][] = [
  ["none", undefined],
  ["null", null],
  ["a weak one", "pwd"],
  ["another case", accepted.toUpperCase()],
  ["an array", [accepted]],
  ["an object", { 0: accepted }],
];

describe('too weak an acr under onWeakAcr: "challenge"', () => {
  test.each(tooWeak)("%s leads to the local second factor", async (_name, acr) => {
    const { arrive, tfa } = idpHost();
    const { browser, answer } = await arrive({ acr, authTime: nowSeconds() });
    expect(answer.body).toEqual({ proven: false });
    const setup = await browser.visit("/").expect(303);
    expect(setup.headers["location"]).toBe("/two-factor/setup");
    await browser.enrol();
    await browser.get("/").expect(200);
    expect((await tfa.status("1")).identityProvider).toBeUndefined();

    const again = await arrive({ acr });
    const verify = await again.browser.visit("/").expect(303);
    expect(verify.headers["location"]).toBe("/two-factor/verify");
    await again.browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200);
    await again.browser.get("/").expect(200);
  });
});

describe('too weak an acr under onWeakAcr: "refuse"', () => {
  const refuse = { onWeakAcr: "refuse" } as const;
  const french = "Vous ne pouvez pas accéder au service sans avoir une double authentification installée.";

  test.each(tooWeak)("%s is 403 in the callback, and at every door after it", async (_name, acr) => {
    const { arrive, reached } = idpHost(refuse);
    const { browser, answer } = await arrive({ acr, authTime: nowSeconds() });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ code: "INSUFFICIENT_ACR" });
    for (const path of ["/", "/two-factor", "/two-factor/setup", "/two-factor/verify", "/two-factor/disable"]) {
      const refused = await browser.get(path).expect(403);
      expect(JSON.parse(refused.text)).toMatchObject({ code: "INSUFFICIENT_ACR", status: 403 });
    }
    for (const path of ["/two-factor/setup", "/two-factor/setup/verify", "/two-factor/verify", "/payout"]) {
      await browser.post(path, { code: "123456" }).expect(403);
    }
    expect((await browser.agent.get("/check")).body).toEqual({ passes: false });
    expect(reached).toEqual([]);
  });

  test("the page and the error are in the user's language, with the way to sign in anew", async () => {
    const { arrive, browser } = idpHost(refuse);
    const visitor = browser();
    const thrown = await visitor.post("/callback", { user: { id: "1" }, acr: "pwd" }).set("accept-language", "fr");
    expect(thrown.body).toMatchObject({ code: "INSUFFICIENT_ACR", message: expect.stringContaining(french) as string });
    const page = await visitor.visit("/").set("accept-language", "fr-FR").expect(403);
    expect(page.headers["content-language"]).toBe("fr");
    expect(page.text).toContain(french);
    expect(page.text).toContain('href="/login"');
    const english = await (await arrive({ acr: "pwd" })).browser.visit("/").expect(403);
    expect(english.text).toContain("without two-factor authentication");
  });

  test("the host's own words stand in both", async () => {
    const locales = { fr: { "problem.INSUFFICIENT_ACR.detail": "Prenez votre carte." } };
    const { browser } = idpHost({ ...refuse, locales });
    const visitor = browser();
    const thrown = await visitor.post("/callback", { user: { id: "1" }, acr: "pwd" }).set("accept-language", "fr");
    expect(thrown.body).toMatchObject({ message: "Prenez votre carte." });
    expect((await visitor.visit("/").set("accept-language", "fr").expect(403)).text).toContain("Prenez votre carte.");
  });

  test("no code and no remembered browser is a way round", async () => {
    const { browser, arrive } = idpHost(refuse);
    const local = browser();
    await local.login();
    await local.enrol();
    await local.remember();
    await local.post("/logout");
    await local.login();
    await local.get("/").expect(200);

    await local.post("/callback", { acr: "pwd" }).expect(403);
    await local.get("/").expect(403);
    await local.post("/two-factor/verify", { code: local.code(1) }).expect(403);
    const { browser: elsewhere } = await arrive({ acr: "pwd" });
    await elsewhere.post("/two-factor/verify", { code: local.code(1) }).expect(403);
    await elsewhere.get("/").expect(403);
  });

  test("an earlier proof of the session is gone", async () => {
    const { arrive } = idpHost(refuse);
    const { browser } = await arrive({ acr: accepted, authTime: nowSeconds() });
    await browser.get("/").expect(200);
    await browser.post("/callback", { acr: "pwd" }).expect(403);
    await browser.get("/").expect(403);
    await browser.post("/payout").expect(403);
  });

  test("a stronger sign-in or a logout ends the refusal", async () => {
    const { arrive } = idpHost(refuse);
    const { browser } = await arrive({ acr: "pwd" });
    await browser.get("/").expect(403);
    await browser.post("/callback", { acr: accepted }).expect(200);
    await browser.get("/").expect(200);

    await browser.post("/callback", { acr: "pwd" }).expect(403);
    await browser.post("/logout").expect(200);
    await browser.login();
    // No refusal of this login; but what the provider has proven before, only the provider proves again.
    expect((await browser.get("/two-factor/verify").expect(403)).body).toMatchObject({ code: "INSUFFICIENT_ACR" });
    await browser.login({ id: "2" });
    expect((await browser.get("/").expect(403)).body).toMatchObject({ code: "TWO_FACTOR_SETUP_REQUIRED" });
  });

  test("who is never asked is not refused, and neither is who may have a factor and has none", async () => {
    for (const need of [false, "optional"] as const) {
      const { arrive } = idpHost({ ...refuse, needTwoFactorAuthentication: () => need });
      const { browser, answer } = await arrive({ acr: "pwd" });
      expect(answer.body).toEqual({ proven: false });
      await browser.get("/").expect(200);
    }
  });

  test("tells a login that answers in JSON the same", async () => {
    const { arrive } = idpHost(refuse);
    const { browser } = await arrive({ acr: "pwd" });
    await browser.get("/pending").expect(403, { code: "INSUFFICIENT_ACR" });
  });
});

describe("a call that is wrong", () => {
  test.each<[string, Said, HostOptions["options"]?]>([
    ["before the login", { acr: accepted, user: undefined }],
    ["without acceptedAcr", { acr: accepted, user: { id: "1" } }, { acceptedAcr: [] }],
    ["with an auth_time that is no time", { acr: accepted, user: { id: "1" }, authTime: Number.MAX_VALUE }],
    ["with an auth_time before 1970", { acr: accepted, user: { id: "1" }, authTime: -1 }],
  ])("%s is a fault of the host, and proves nothing", async (_name, said, options) => {
    const { browser } = idpHost(options);
    const visitor = browser();
    const answer = await visitor.post("/callback", said).expect(500);
    expect(answer.body).toMatchObject({ code: "MISCONFIGURED" });
    await visitor.login();
    await visitor.get("/").expect(403);
  });

  test("with another method", async () => {
    const { tfa } = idpHost();
    const req = { session: {}, user: { id: "1" }, headers: {}, get: () => undefined } as unknown as Request;
    await expect(tfa.satisfy(req, { method: "amr" as never, acr: accepted })).rejects.toMatchObject({
      code: "MISCONFIGURED",
    });
  });
});
