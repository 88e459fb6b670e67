import { describe, expect, it } from "vitest";
import { startHost, type Browser, type Host } from "../support/host";

type Headers = Readonly<Record<string, string>>;

/** What a page load looks like, in browsers new and old. */
const navigations: Headers[] = [
  { "sec-fetch-mode": "navigate", accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" },
  { "sec-fetch-mode": "navigate", accept: "*/*" },
  { "sec-fetch-mode": "navigate", accept: "application/json" },
  { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site" },
  { accept: "text/html" },
  { accept: "TEXT/HTML; charset=utf-8" },
  { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" },
  { accept: "application/xhtml+xml, */*" },
  { accept: "application/json;q=0.9, text/html;q=0.9" },
  { accept: "application/json;q=0.5, text/html" },
];

const programs: Headers[] = [
  {},
  { accept: "*/*" },
  { accept: "application/json" },
  { accept: "application/json, text/plain, */*" },
  { accept: "application/problem+json" },
  { accept: "application/json, text/html;q=0.9" },
  { accept: "application/problem+json, text/html;q=0.9" },
  { accept: "text/*" },
  { accept: "text/html;q=0" },
  { accept: "text/html;q=nonsense" },
  { accept: "text/htmlx, xtext/html" },
  { accept: "image/avif,image/webp,*/*" },
  { accept: "text/html", "sec-fetch-mode": "cors" },
  { accept: "text/html", "sec-fetch-mode": "no-cors" },
  { accept: "text/html", "sec-fetch-mode": "same-origin" },
  { accept: "text/html", "sec-fetch-mode": "Navigate" },
  { accept: "text/html", "sec-fetch-mode": "" },
];

describe("A browser is redirected, everyone else gets a problem.", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    async function unproven(enrolled = true): Promise<{ host: Host; browser: Browser }> {
      const host = startHost({ version });
      if (enrolled) {
        const owner = host.browser();
        await owner.login();
        await owner.enrol();
      }
      const browser = host.browser();
      await browser.login();
      return { host, browser };
    }

    const noted = (headers: Record<string, unknown>) => {
      expect(String(headers["cache-control"])).toBe("no-store");
      expect(String(headers["vary"])).toMatch(/\bAccept\b/);
    };

    it.each([
      [true, "/two-factor/verify"],
      [false, "/two-factor/setup"],
    ])("redirects a navigation by GET and HEAD (enrolled: %s)", async (enrolled, to) => {
      const { host, browser } = await unproven(enrolled);
      for (const headers of navigations) {
        const got = await browser.agent.get("/admin").set(headers);
        expect([headers, got.status, got.headers["location"]]).toEqual([headers, 303, to]);
        noted(got.headers);
        const head = await browser.agent.head("/admin").set(headers);
        expect([headers, head.status, head.headers["location"]]).toEqual([headers, 303, to]);
      }
      expect(host.reached).toEqual([]);
    });

    it.each([
      [true, "TWO_FACTOR_REQUIRED"],
      [false, "TWO_FACTOR_SETUP_REQUIRED"],
    ])("gives everybody else a problem document (enrolled: %s)", async (enrolled, code) => {
      const { host, browser } = await unproven(enrolled);
      for (const headers of programs) {
        for (const method of ["get", "post", "put", "delete"] as const) {
          const got = await browser.agent[method]("/admin").set(headers);
          expect([headers, method, got.status]).toEqual([headers, method, 403]);
          expect(got.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
          expect(got.headers["location"]).toBeUndefined();
          expect(got.body).toMatchObject({ type: "about:blank", status: 403, code });
          expect((got.body as { title: string }).title).not.toBe("");
          noted(got.headers);
        }
      }
      expect(host.reached).toEqual([]);
    });

    it.each([
      [true, "/two-factor/verify"],
      [false, "/two-factor/setup"],
    ])("shows a form that meets it the problem as a page, with the way on (enrolled: %s)", async (enrolled, to) => {
      const { host, browser } = await unproven(enrolled);
      const page = await browser.submit("/admin/delete", { everything: "1" }).expect(403);
      expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
      expect(page.text).toContain('role="alert"');
      expect(page.text).toContain(`href="${to}"`);
      expect(page.text).not.toContain("everything");
      noted(page.headers);
      expect(page.headers["location"]).toBeUndefined();
      expect(host.reached).toEqual([]);
    });

    it("redirects only to its own pages, so that a redirect ends there", async () => {
      const { browser } = await unproven();
      await browser.visit("/admin").expect(303).expect("location", "/two-factor/verify");
      await browser.visit("/two-factor").expect(303).expect("location", "/two-factor/verify");
      const page = await browser.visit("/two-factor/verify").expect(200);
      noted(page.headers);
      expect(page.headers["referrer-policy"]).toBe("same-origin");
      const fresh = (await unproven(false)).browser;
      await fresh.visit("/admin").expect(303).expect("location", "/two-factor/setup");
      noted((await fresh.visit("/two-factor/setup").expect(200)).headers);
    });

    it("keeps no-store and Vary on every answer of its own routes", async () => {
      const { browser } = await unproven();
      noted((await browser.get("/two-factor/verify").expect(200)).headers);
      noted((await browser.get("/two-factor/nothing").expect(404)).headers);
      noted((await browser.agent.put("/two-factor/verify").expect(405)).headers);
      noted((await browser.post("/two-factor/verify", {}).expect(400)).headers);
      noted(
        (await browser.post("/two-factor/verify", { code: "x" }).set("sec-fetch-site", "cross-site").expect(403))
          .headers,
      );
      noted((await browser.get("/two-factor/setup").expect(403)).headers);
    });
  });
});
