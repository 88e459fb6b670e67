import type { RequestHandler } from "express";
import helmet from "helmet";
import { describe, expect, it } from "vitest";
import { startHost, type Browser } from "../support/host";

const own = "frame-ancestors 'none'";

const sets =
  (name: string, value: string): RequestHandler =>
  (_req, res, next) => {
    res.set(name, value);
    next();
  };

describe("Our pages may not be framed, unless the host says so", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    async function signedIn(early?: RequestHandler): Promise<Browser> {
      const host = startHost({
        version,
        options: { recoveryCodes: { count: 1 } },
        ...(early && { early: (app) => app.use(early) }),
      });
      const browser = host.browser();
      await browser.login();
      return browser;
    }

    const framing = async (browser: Browser, path = "/two-factor") => {
      const { headers } = await browser.visit(path);
      return [headers["x-frame-options"], headers["content-security-policy"]] as unknown[];
    };

    it("on every page, redirect and problem shown as a page", async () => {
      const browser = await signedIn();
      for (const path of ["", "/setup", "/verify", "/disable", "/recovery-codes", "/nothing"]) {
        expect([path, ...(await framing(browser, `/two-factor${path}`))]).toEqual([path, "DENY", own]);
      }
      expect(await framing(browser, "/admin")).toEqual(["DENY", own]);
      for (const answer of [
        await browser.submit("/two-factor/verify", {}),
        await browser.submit("/two-factor/setup", {}).set("sec-fetch-site", "cross-site").expect(403),
        await browser.submit("/admin", {}).expect(403),
      ]) {
        expect([answer.status, answer.headers["x-frame-options"]]).toEqual([answer.status, "DENY"]);
        expect(answer.headers["content-security-policy"]).toBe(own);
      }
    });

    it.each([
      ["default-src 'self'", `default-src 'self'; ${own}`],
      ["default-src 'self'; ", `default-src 'self'; ${own}`],
      ["", own],
      ["img-src *, script-src 'self';", `img-src *, script-src 'self'; ${own}`],
      ["report-to x-frame-ancestors", `report-to x-frame-ancestors; ${own}`],
    ])("added to the host's policy: %j", async (policy, whole) => {
      const browser = await signedIn(sets("Content-Security-Policy", policy));
      expect(await framing(browser)).toEqual(["DENY", whole]);
    });

    it("and to the last of several", async () => {
      const policies = ["img-src *", "script-src 'self'"];
      const browser = await signedIn((_req, res, next) => {
        res.setHeader("Content-Security-Policy", policies);
        next();
      });
      expect(await framing(browser)).toEqual(["DENY", `img-src *, script-src 'self'; ${own}`]);
    });

    it.each([
      "frame-ancestors https://portal.example",
      "default-src 'self'; Frame-Ancestors 'self'",
      "default-src 'self';frame-ancestors",
      "img-src *,frame-ancestors 'self'",
    ])("while its own word stays: %s", async (policy) => {
      const browser = await signedIn(sets("Content-Security-Policy", policy));
      expect(await framing(browser)).toEqual([undefined, policy]);
    });

    it("also where it is X-Frame-Options, or helmet's", async () => {
      const said = await signedIn(sets("X-Frame-Options", "SAMEORIGIN"));
      expect(await framing(said)).toEqual(["SAMEORIGIN", undefined]);
      const [option, policy] = await framing(await signedIn(helmet()));
      expect(option).toBe("SAMEORIGIN");
      expect(String(policy).match(/frame-ancestors[^;]*/g)).toEqual(["frame-ancestors 'self'"]);
      const withoutFrames = helmet({
        frameguard: false,
        contentSecurityPolicy: { directives: { "frame-ancestors": null } },
      });
      const [added, whole] = await framing(await signedIn(withoutFrames));
      expect(added).toBe("DENY");
      expect(whole).toMatch(/script-src 'self'.*; frame-ancestors 'none'$/);
    });

    it("and programs are told nothing of frames", async () => {
      const browser = await signedIn();
      const { headers } = await browser.get("/two-factor").expect(200);
      expect(headers["x-frame-options"]).toBeUndefined();
    });
  });
});
