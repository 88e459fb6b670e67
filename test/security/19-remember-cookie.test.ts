import { beforeEach, describe, expect, it, vi } from "vitest";
import { later, stopClock } from "../support/clock";
import { generateEncryptionKey, memoryStore, type TwoFactorOptions } from "../../src";
import { startHost, type Browser, type Host, type HostUser } from "../support/host";
import { sendRaw } from "../support/raw";

type Options = Partial<TwoFactorOptions<HostUser>>;

const name = "remember_tfa";
const setCookieOf = (answer: { headers: Record<string, unknown> }, cookie = name): string | undefined =>
  [answer.headers["set-cookie"] ?? []].flat().find((text): text is string => String(text).startsWith(`${cookie}=`));
const valueOf = (answer: { headers: Record<string, unknown> }, cookie = name): string =>
  (setCookieOf(answer, cookie) ?? "").slice(cookie.length + 1).split(";", 1)[0] ?? "";

beforeEach(() => void stopClock());

describe("The remember cookie is worth one browser of one user of one epoch", () => {
  describe("and comes with a code typed at a sign-in, never with a set-up", () => {
    const signOutAndIn = async (browser: Browser) => {
      await browser.post("/logout").expect(200);
      await browser.login();
    };

    it("so who sets up, logs out and logs in is asked for the code, and after it not again", async () => {
      const browser = startHost().browser();
      await browser.login();
      expect(setCookieOf(await browser.enrol())).toBeUndefined();
      await browser.get("/admin").expect(200);
      await signOutAndIn(browser);
      await browser.get("/admin").expect(403);
      expect(setCookieOf(await browser.post("/two-factor/verify", { code: browser.code(1) }).expect(200))).toBeTruthy();
      await signOutAndIn(browser);
      await browser.get("/admin").expect(200);
    });

    it("nor with a new authenticator, which ends what was remembered before", async () => {
      const host = startHost({ options: { revalidateSeconds: 0 } });
      const browser = host.browser();
      await browser.login();
      await browser.enrol();
      await browser.remember();
      const begun = await browser.post("/two-factor/setup", { replace: true }).expect(200);
      const code = browser.code(0, (begun.body as { secret: string }).secret);
      expect(setCookieOf(await browser.submit("/two-factor/setup/verify", { code }).expect(200))).toBeUndefined();
      expect((await host.tfa.status("1")).browsers).toEqual([]);
      await browser.get("/admin").expect(200);
      await signOutAndIn(browser);
      await browser.get("/admin").expect(403);
    });
  });

  describe.each([4, 5] as const)("on Express %i", (version) => {
    const key = generateEncryptionKey();
    const start = (options: Options = {}, early?: (app: Host["app"]) => void): Host =>
      startHost({
        version,
        options: { recoveryCodes: { count: 1 }, otpSecretEncryptionKey: key, ...options },
        ...(early && { early }),
      });

    async function remembered(host: Host, id = "1"): Promise<{ browser: Browser; cookie: string }> {
      const browser = host.browser();
      await browser.login({ id });
      await browser.enrol();
      return { browser, cookie: valueOf(await browser.remember()) };
    }

    /** Whether a new login of this user with this cookie is let in. */
    async function letsIn(host: Host, cookie: string, id = "1", as = name): Promise<boolean> {
      const browser = host.browser();
      const login = await browser.login({ id });
      const session = String(login.headers["set-cookie"]).split(";", 1)[0];
      const answer = await sendRaw(browser.server, ["GET /admin HTTP/1.1", `Cookie: ${session}; ${as}=${cookie}`]);
      // 401: the login of who brings a cookie of a dead epoch is ended.
      expect([200, 401, 403]).toContain(answer.status);
      return answer.status === 200;
    }

    it("and lets that browser in at the next login, till its time is up on the server", async () => {
      const host = start({ rememberOtpSessionForSeconds: 3600 });
      const { cookie } = await remembered(host);
      expect(await letsIn(host, cookie)).toBe(true);
      later(3599);
      expect(await letsIn(host, cookie)).toBe(true);
      later(2);
      expect(await letsIn(host, cookie)).toBe(false);
    });

    it("and the option as it is now decides, for cookies already out", async () => {
      const store = memoryStore();
      const { cookie } = await remembered(start({ store }));
      later(3601);
      expect(await letsIn(start({ store }), cookie)).toBe(true);
      expect(await letsIn(start({ store, rememberOtpSessionForSeconds: 3600 }), cookie)).toBe(false);
      expect(await letsIn(start({ store, rememberOtpSessionForSeconds: 0 }), cookie)).toBe(false);
      expect(await letsIn(start({ store, rememberBrowser: "never" }), cookie)).toBe(false);
    });

    it("and nothing to anybody else, to another scope, or under another key", async () => {
      const store = memoryStore();
      const host = start({ store });
      const { cookie } = await remembered(host);
      await remembered(host, "2");
      expect(await letsIn(host, cookie, "2")).toBe(false);
      const admins = start({ store, scope: "admin", path: "/admin-2fa" });
      const { browser } = await (async () => {
        const browser = admins.browser();
        await browser.login();
        await browser.enrol("/admin-2fa");
        expect(setCookieOf(await browser.remember("/admin-2fa"), "remember_tfa_admin")).toBeTruthy();
        return { browser };
      })();
      await browser.get("/admin").expect(200);
      expect(await letsIn(admins, cookie, "1", "remember_tfa_admin")).toBe(false);
      expect(await letsIn(start({ store, cookie: { secret: "another secret of 32 characters!" } }), cookie)).toBe(
        false,
      );
      expect(await letsIn(start({ store, otpSecretEncryptionKey: `${generateEncryptionKey()},${key}` }), cookie)).toBe(
        true,
      );
    });

    it("and nothing when it is forged", async () => {
      const host = start();
      const { cookie } = await remembered(host);
      const other = await remembered(host, "2");
      const [epoch = "", token = "", signature = ""] = cookie.split(".");
      const [theirEpoch = "", theirToken = "", theirSignature = ""] = other.cookie.split(".");
      const flipped = (text: string) => (text.startsWith("A") ? "B" : "A") + text.slice(1);
      const forged = [
        ...[
          "",
          ".",
          "..",
          "...",
          "x",
          "a.b.c",
          `${epoch}.${token}`,
          `${epoch}.${token}.`,
          `.${token}.${signature}`,
          `${cookie}.`,
          `${cookie}.x`,
          `${cookie}x`,
        ],
        ...[
          `${flipped(epoch)}.${token}.${signature}`,
          `${epoch}.${flipped(token)}.${signature}`,
          `${epoch}.${token}.${flipped(signature)}`,
        ],
        ...[
          `${theirEpoch}.${token}.${signature}`,
          `${epoch}.${theirToken}.${signature}`,
          `${epoch}.${token}.${theirSignature}`,
          other.cookie,
        ],
        ...[
          `${epoch}${token}..${signature}`,
          `${token}.${epoch}.${signature}`,
          cookie.toUpperCase(),
          cookie.slice(0, -1),
          encodeURIComponent(`["${cookie}"]`),
          "%00",
          "%",
        ],
        ...["x".repeat(4000), `${cookie}%00`, `j:{"a":1}`],
      ];
      for (const text of forged) expect([text, await letsIn(host, text)]).toEqual([text, false]);
      expect(await letsIn(host, cookie)).toBe(true);
    });

    it("and nothing after the epoch has moved", async () => {
      const moves: ((host: Host, browser: Browser) => Promise<unknown>)[] = [
        (host) => host.tfa.forgetBrowsers("1"),
        (host) => host.tfa.reset("1", { by: "test", reason: "test" }),
        (_host, browser) => browser.post("/two-factor/browsers/forget").expect(200),
        async (_host, browser) => {
          await browser.post("/two-factor/disable").expect(200);
          await browser.enrol();
        },
      ];
      for (const move of moves) {
        const host = start();
        const { browser, cookie } = await remembered(host);
        expect(await letsIn(host, cookie)).toBe(true);
        await move(host, browser);
        expect(await letsIn(host, cookie)).toBe(false);
      }
    });

    it("so a session let in by it is let go with it, and other browsers stay", async () => {
      const host = start();
      const { browser: first } = await remembered(host);
      const second = host.browser();
      second.secret = first.secret;
      await second.login();
      later(60);
      await second.post("/two-factor/verify", { code: second.code() }).expect(200);
      // New logins: what lets them in is the cookie alone.
      for (const browser of [first, second]) {
        await browser.post("/logout").expect(200);
        await browser.login();
        await browser.get("/admin").expect(200);
      }
      const browsers = (await host.tfa.status("1")).browsers;
      expect(browsers).toHaveLength(2);
      later(60);
      const forgetful = host.browser();
      forgetful.secret = first.secret;
      await forgetful.login();
      await forgetful.post("/two-factor/verify", { code: forgetful.code() }).expect(200);
      await forgetful.post("/two-factor/browsers/forget", { id: browsers[0]?.id }).expect(200);
      await first.get("/admin").expect(403);
      await second.get("/admin").expect(200);
      await host.tfa.forgetBrowsers("1");
      await second.get("/admin").expect(403);
    });

    it("and what it lets in is in the history, at most once an hour and browser", async () => {
      const told: string[] = [];
      const host = start({ onEvent: ({ type }) => told.push(type) });
      const { browser, cookie } = await remembered(host);
      const used = async () => (await host.tfa.status("1")).activity.filter(({ type }) => type === "browser-used");
      // Whoever has typed a code is let in by that, also where the store is asked again.
      later(31);
      await browser.get("/admin").expect(200);
      await browser.get("/two-factor").expect(200);
      expect(await used()).toEqual([]);
      for (let times = 0; times < 5; times += 1) expect(await letsIn(host, cookie)).toBe(true);
      await vi.waitFor(async () => expect(await used()).toHaveLength(1));
      later(3590);
      expect(await letsIn(host, cookie)).toBe(true);
      expect(told.filter((type) => type === "browser-used")).toHaveLength(1);
      later(20);
      for (let times = 0; times < 5; times += 1) expect(await letsIn(host, cookie)).toBe(true);
      await vi.waitFor(() => expect(told.filter((type) => type === "browser-used")).toHaveLength(2));
      expect((await host.tfa.status("1")).activity[0]).toMatchObject({ type: "browser-used" });
    });

    it("and goes at a logout only with deleteCookieOnLogout, on the server too", async () => {
      for (const deleteCookieOnLogout of [true, false]) {
        const host = start({ deleteCookieOnLogout });
        const { browser, cookie } = await remembered(host);
        const out = await browser.post("/logout").expect(200);
        expect(setCookieOf(out)?.includes("Expires=Thu, 01 Jan 1970") ?? false).toBe(deleteCookieOnLogout);
        expect(await letsIn(host, cookie)).toBe(!deleteCookieOnLogout);
      }
    });

    it("and is set with care", async () => {
      const text = async (
        options: Options,
        headers: Record<string, string> = {},
        early?: (app: Host["app"]) => void,
      ) => {
        const browser = start(options, early).browser();
        await browser.login();
        browser.agent.set(headers);
        await browser.enrol();
        return (
          setCookieOf(await browser.remember(), `${options.cookie?.prefix ?? ""}${options.cookie?.name ?? name}`) ?? ""
        )
          .split("; ")
          .slice(1);
      };
      const https = { "x-forwarded-proto": "https" };
      const behindTls = (app: Host["app"]) => app.set("trust proxy", 1);
      const plain = await text({});
      expect(plain).toEqual(expect.arrayContaining(["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=86400"]));
      expect(plain).not.toContain("Secure");
      expect(plain.some((part) => part.startsWith("Domain"))).toBe(false);
      expect(await text({}, https)).not.toContain("Secure");
      expect(await text({}, https, behindTls)).toContain("Secure");
      expect(await text({ cookie: { secure: true } })).toContain("Secure");
      expect(await text({ cookie: { secure: false } }, https, behindTls)).not.toContain("Secure");
      expect(await text({ cookie: { sameSite: "strict", name: "mfa" } })).toContain("SameSite=Strict");
      expect(await text({ cookie: { prefix: "__Host-" } })).toEqual(
        expect.arrayContaining(["Secure", "Path=/", "HttpOnly"]),
      );
    });

    it("and the record knows only its hash, the page and the answers not even that", async () => {
      const store = memoryStore();
      const host = start({ store });
      const { browser, cookie } = await remembered(host);
      const { record = "" } = (await store.get(JSON.stringify(["user", "1"]))) ?? {};
      const [, token = "x", signature = "x"] = cookie.split(".");
      for (const text of [record, (await browser.get("/two-factor")).text, (await browser.visit("/two-factor")).text]) {
        expect(text).not.toContain(token);
        expect(text).not.toContain(signature);
      }
      const second = await remembered(host, "2");
      expect(second.cookie.split(".")[1]).not.toBe(token);
    });
  });
});
