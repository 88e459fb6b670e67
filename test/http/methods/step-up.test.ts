import { beforeEach, describe, expect, test } from "vitest";
import { later, stopClock } from "../../support/clock";
import { startHost, type Host } from "../../support/host";

const seconds = 300;

beforeEach(() => void stopClock());

/** A host with one page and one form that ask for a fresh proof. */
function bank(options = {}): Host {
  return startHost({
    options: { rememberBrowser: "always", ...options },
    behind: (app, tfa) => {
      app.use("/transfer", tfa.requireRecent({ seconds }), (req, res) => void res.send(`transferred by ${req.method}`));
    },
  });
}

async function enrolled(host: Host) {
  const browser = host.browser();
  await browser.login();
  await browser.enrol();
  return browser;
}

describe("requireRecent", () => {
  test("lets a fresh proof through, and leads an old one to the code page although the session is proven, and back", async () => {
    const host = bank();
    const browser = await enrolled(host);
    expect((await browser.visit("/transfer?to=2").expect(200)).text).toBe("transferred by GET");
    later(seconds + 1);
    await browser.visit("/balance").expect(200);
    const led = await browser.visit("/transfer?to=2").expect(303);
    expect(led.headers["location"]).toBe("/two-factor/verify");
    await browser.visit("/two-factor/verify").expect(200);
    const back = await browser.submit("/two-factor/verify", { code: browser.code() }).expect(303);
    expect(back.headers["location"]).toBe("/transfer?to=2");
    await browser.visit("/transfer?to=2").expect(200);
    // Nothing is owed any more: the code page leads on.
    await browser.visit("/two-factor/verify").expect(303);
  });

  test("an unsafe request comes back to the page it was sent from, on this site alone", async () => {
    const host = bank();
    const browser = await enrolled(host);
    later(seconds + 1);
    const form = (referer: string) =>
      browser.submit("/transfer", { amount: 5 }).set("host", "bank.example").set("referer", referer);
    expect((await form("http://bank.example/accounts?page=2").expect(303)).headers["location"]).toBe(
      "/two-factor/verify",
    );
    const back = await browser.submit("/two-factor/verify", { code: browser.code() }).expect(303);
    expect(back.headers["location"]).toBe("/accounts?page=2");

    later(seconds + 1);
    await form("https://evil.example/accounts").expect(303);
    const home = await browser.submit("/two-factor/verify", { code: browser.code() }).expect(303);
    expect(home.headers["location"]).toBe("/");
  });

  test("a program gets 403 with the reason, and a code by JSON is a fresh proof", async () => {
    const browser = await enrolled(bank());
    later(seconds + 1);
    const refused = await browser.get("/transfer").expect(403);
    expect(refused.body).toMatchObject({ code: "TWO_FACTOR_REQUIRED", reason: "recent" });
    await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
    await browser.get("/transfer").expect(200);
  });

  test("a remembered browser is no fresh proof, nor is a proof that a reset ended", async () => {
    const host = bank({ revalidateSeconds: 0 });
    const browser = await enrolled(host);
    await browser.remember();
    await browser.post("/logout").expect(200);
    await browser.login();
    await browser.get("/balance").expect(200);
    await browser.get("/transfer").expect(403);
    later(60);
    await browser.post("/two-factor/verify", { code: browser.code() }).expect(200);
    await browser.get("/transfer").expect(200);
    await host.tfa.reset("1", { reason: "a new phone", by: "an admin" });
    await browser.get("/transfer").expect(401);
  });

  test("who has no factor is led to set one up, and nobody signed in gets 401", async () => {
    const host = bank({ needTwoFactorAuthentication: () => "optional" });
    const browser = host.browser();
    await browser.get("/transfer").expect(401);
    await browser.login();
    const led = await browser.visit("/transfer").expect(303);
    expect(led.headers["location"]).toBe("/two-factor/setup");
    expect((await browser.get("/transfer").expect(403)).body).toMatchObject({ code: "TWO_FACTOR_SETUP_REQUIRED" });
  });

  test("refuses a time that is none, when it is mounted", () => {
    const { tfa } = startHost();
    for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => tfa.requireRecent({ seconds: wrong })).toThrow(TypeError);
    }
  });
});
