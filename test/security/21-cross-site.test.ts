import helmet from "helmet";
import { describe, expect, it } from "vitest";
import type { TwoFactorOptions } from "../../src";
import { startHost, type Browser, type Host, type HostUser } from "../support/host";

type Headers = Readonly<Record<string, string>>;

const posts = ["/setup", "/setup/verify", "/verify", "/verify/send", "/recovery-codes", "/disable", "/browsers/forget"];

describe("Unsafe requests from another site are refused on own routes", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    const start = (options: Partial<TwoFactorOptions<HostUser>> = {}, early?: (app: Host["app"]) => void) =>
      startHost({ version, options: { recoveryCodes: { count: 1 }, ...options }, ...(early && { early }) });

    async function signedIn(host: Host): Promise<Browser> {
      const browser = host.browser();
      await browser.login();
      return browser;
    }

    /** Whether a POST with these headers gets past; one that does finds nothing to disable. */
    async function passes(browser: Browser, headers: Headers): Promise<boolean> {
      const answer = await browser
        .post("/two-factor/disable", { code: "123456" })
        .set({ host: "app.example:8080", ...headers });
      const { code } = answer.body as { code: string };
      expect([headers, code]).toEqual([headers, answer.status === 409 ? "2FA_NOT_ENABLED" : "CROSS_SITE_REQUEST"]);
      return answer.status === 409;
    }

    it("by Sec-Fetch-Site where there is one", async () => {
      const browser = await signedIn(start());
      const own = { origin: "http://app.example:8080" };
      for (const site of ["same-origin", "none"]) {
        for (const more of [{}, own, { origin: "null" }]) {
          expect([site, await passes(browser, { "sec-fetch-site": site, ...more })]).toEqual([site, true]);
        }
      }
      for (const site of ["same-site", "cross-site", "", "Same-Origin", "same-origin, same-origin", "nonsense"]) {
        for (const more of [{}, own]) {
          expect([site, await passes(browser, { "sec-fetch-site": site, ...more })]).toEqual([site, false]);
        }
      }
    });

    it("by Origin where there is none", async () => {
      const browser = await signedIn(start());
      expect(await passes(browser, { origin: "http://app.example:8080" })).toBe(true);
      const others = [
        ...[
          "null",
          "",
          "http://app.example",
          "https://app.example:8080",
          "http://app.example:80",
          "http://evil.example",
          "http://app.example:8080.evil.example",
        ],
        ...[
          "http://sub.app.example:8080",
          "http://app.example:8080/",
          "HTTP://APP.EXAMPLE:8080",
          "http://app.example:8080, http://evil.example",
          "file://",
          "app.example:8080",
        ],
      ];
      for (const origin of others) expect([origin, await passes(browser, { origin })]).toEqual([origin, false]);
      // The default port is no part of an origin.
      expect(await passes(browser, { host: "app.example", origin: "http://app.example" })).toBe(true);
      expect(await passes(browser, { host: "app.example:80", origin: "http://app.example" })).toBe(true);
      expect(await passes(browser, { host: "not a host", origin: "http://not a host" })).toBe(false);
    });

    it("and lets pass what has neither, whatever the Referer: that is no browser", async () => {
      const browser = await signedIn(start());
      expect(await passes(browser, {})).toBe(true);
      expect(await passes(browser, { referer: "http://evil.example/" })).toBe(true);
    });

    it("on every route, before anything else is looked at", async () => {
      const host = start();
      const browser = await signedIn(host);
      const stranger = host.browser();
      for (const path of posts) {
        for (const headers of [
          { "sec-fetch-site": "cross-site" },
          { origin: "http://evil.example" },
          { origin: "null" },
        ]) {
          for (const who of [browser, stranger]) {
            const refused = await who.post(`/two-factor${path}`, { code: "x" }).set(headers).expect(403);
            expect(refused.body).toMatchObject({ code: "CROSS_SITE_REQUEST", status: 403 });
            const page = await who
              .submit(`/two-factor${path}`, { code: "x" })
              .set("sec-fetch-site", "cross-site")
              .expect(403);
            expect(page.text).toContain('role="alert"');
          }
        }
      }
      await browser.agent
        .post("/two-factor/verify")
        .set("sec-fetch-site", "cross-site")
        .type("text/plain")
        .send("x")
        .expect(403);
    });

    it("where other origins are allowed, only those by their whole name", async () => {
      const allowedOrigins = ["https://front.example"];
      const browser = await signedIn(start({ allowedOrigins }));
      expect(await passes(browser, { origin: "https://front.example" })).toBe(true);
      expect(await passes(browser, { origin: "https://front.example", "sec-fetch-site": "cross-site" })).toBe(true);
      for (const origin of [
        "http://front.example",
        "https://front.example:8443",
        "https://x.front.example",
        "https://front.example.evil.example",
        "null",
      ]) {
        expect([origin, await passes(browser, { origin, "sec-fetch-site": "cross-site" })]).toEqual([origin, false]);
        expect([origin, await passes(browser, { origin })]).toEqual([origin, false]);
      }
    });

    it("behind a proxy, X-Forwarded-* counting only where the host trusts it", async () => {
      const forwarded = { host: "10.0.0.1:3000", "x-forwarded-host": "app.example", "x-forwarded-proto": "https" };
      const origin = "https://app.example";
      const trusting = await signedIn(start({}, (app) => void app.set("trust proxy", 1)));
      expect(await passes(trusting, { ...forwarded, origin })).toBe(true);
      expect(await passes(trusting, { ...forwarded, "x-forwarded-host": "app.example, 10.0.0.2", origin })).toBe(true);
      expect(await passes(trusting, { ...forwarded, origin: "http://app.example" })).toBe(false);
      expect(await passes(trusting, { ...forwarded, origin: "http://10.0.0.1:3000" })).toBe(false);
      const wary = await signedIn(start());
      expect(await passes(wary, { ...forwarded, origin })).toBe(false);
      expect(await passes(wary, { ...forwarded, origin: "http://10.0.0.1:3000" })).toBe(true);
      const others = await signedIn(start({}, (app) => void app.set("trust proxy", "192.0.2.1")));
      expect(await passes(others, { ...forwarded, origin })).toBe(false);
    });

    it("so our pages keep their own Origin under helmet's defaults", async () => {
      const browser = await signedIn(start({}, (app) => void app.use(helmet())));
      for (const path of ["/two-factor", "/two-factor/setup"]) {
        const page = await browser.visit(path).expect(200);
        expect(page.headers["referrer-policy"]).toBe("same-origin");
        expect(page.headers["content-security-policy"]).toContain("script-src 'self'");
        expect(page.text).not.toMatch(/<script|\sstyle=|\son\w+=/i);
      }
      const refused = await browser.submit("/two-factor/verify", {}).expect(400);
      expect(refused.headers["referrer-policy"]).toBe("same-origin");
    });

    it("and a GET from another site begins nothing", async () => {
      const host = start();
      const browser = await signedIn(host);
      for (const headers of [
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" },
        { "sec-purpose": "prefetch" },
        { purpose: "prefetch" },
      ]) {
        const page = await browser.visit("/two-factor/setup").set(headers).expect(200);
        expect(page.text).not.toContain("two-factor-secret");
      }
    });
  });
});
