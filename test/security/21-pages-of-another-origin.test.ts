import { beforeEach, describe, expect, it, vi } from "vitest";
import { later, stopClock } from "../support/clock";
import { startHost, type HostOptions } from "../support/host";
import { sendRaw } from "../support/raw";
import { cookieOf } from "../support/sockets";

beforeEach(() => void stopClock());

const front = "https://app.example.com";
const pages = { verify: `${front}/code`, setup: `${front}/set-up?from=2fa`, account: `${front}/security` };

describe("Pages of another origin are where the host says, and only its own are led to", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    const start = ({ options, ...given }: HostOptions = {}) =>
      startHost({ version, options: { pages, allowedOrigins: [front], ...options }, ...given });

    it("by redirects, problems' pages and the login's answer; what is kept is the path of this site", async () => {
      const host = start({
        before: (app) =>
          app.get("/owed", (req, res, next) => void host.tfa.pending(req).then((it) => res.json(it), next)),
      });
      const owner = host.browser();
      await owner.login();
      await owner.visit("/reports?a=1").expect(303).expect("location", pages.setup);
      expect((await owner.get("/owed")).body).toMatchObject({ requiresOtpSetup: true, next: pages.setup });
      await owner.enrol();
      const other = host.browser();
      await other.login();
      expect((await other.get("/owed")).body).toMatchObject({ requiresOtp: true, next: pages.verify });
      await other.visit("/reports?a=1").expect(303).expect("location", pages.verify);
      for (const page of ["/two-factor", "/two-factor/setup", "/two-factor/verify"]) {
        await other.visit(page).expect(303).expect("location", pages.verify);
      }
      later(30);
      const { body } = await other.post("/two-factor/verify", { code: owner.code() }).expect(200);
      expect(body).toMatchObject({ next: "/reports?a=1" });
      await other.visit("/two-factor").expect(303).expect("location", pages.account);
      await other.get("/code").expect(200);
    });

    it("home is there, too, and a session is no place to learn another address from", async () => {
      for (const next of [undefined, `${front}/elsewhere`, "https://evil.example/", `${front}.evil.example/code`]) {
        const host = start({
          before: (app) => {
            app.use((req, _res, proceed) => {
              const kept = (req.session as unknown as Record<string, { next?: string }>)["twoFactor"];
              if (kept !== undefined && next !== undefined) kept.next = next;
              proceed();
            });
          },
        });
        const browser = host.browser();
        await browser.login();
        await browser.post("/two-factor/setup").expect(200);
        const begun = await browser.get("/two-factor/setup").expect(200);
        browser.secret = (begun.body as { secret: string }).secret;
        const done = await browser.post("/two-factor/setup/verify", { code: browser.code() }).expect(200);
        expect(done.body).toMatchObject({ next: `${front}/` });
      }
    });

    it("the set-up page, when it wants a fresh proof, is come back to where it is", async () => {
      const sent: string[] = [];
      const host = start({
        options: { sendTwoFactorAuthenticationCode: (_user, code) => void sent.push(code), directOtp: () => true },
      });
      const browser = host.browser();
      await browser.login();
      await browser.post("/two-factor/verify/send").expect(200);
      await browser.post("/two-factor/verify", { code: sent[0]! }).expect(200);
      later(400);
      const refused = await browser.post("/two-factor/setup").expect(403);
      expect(refused.body).toMatchObject({ code: "TWO_FACTOR_REQUIRED", reason: "recent" });
      expect((await browser.get("/two-factor/verify")).body).toMatchObject({ next: pages.setup });
    });

    it("opens no path of this site, however it is asked for", async () => {
      const host = start();
      const browser = host.browser();
      await browser.login();
      for (const path of ["/code", "/set-up", "/security", "/https://app.example.com/code"]) {
        await browser.get(path).expect(403);
      }
      for (const target of ["https://app.example.com/code", "https://app.example.com/security"]) {
        const lines = [`GET ${target} HTTP/1.1`, `Cookie: ${cookieOf(browser)}`];
        expect((await sendRaw(browser.server, lines)).status).toBe(403);
      }
      expect(host.reached).toEqual([]);
    });

    it("a page of this very site under its full address is told, not led to for ever", async () => {
      const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
      const own = "http://localhost:3000";
      const host = start({ options: { pages: { setup: `${own}/set-up` }, allowedOrigins: [own] } });
      const browser = host.browser();
      await browser.login();
      await browser.visit("/set-up").set("host", "localhost:3000").expect(500);
      expect(said.mock.calls.join()).toContain("write its path alone");
      await browser.visit("/elsewhere").set("host", "localhost:3000").expect(303).expect("location", `${own}/set-up`);
      said.mockRestore();
    });

    it("a first code by mail is sent to who opens the code page there, and for no other origin", async () => {
      const sent: string[] = [];
      const host = start({
        options: { sendTwoFactorAuthenticationCode: (_user, code) => void sent.push(code), directOtp: () => true },
      });
      const browser = host.browser();
      await browser.login();
      const open = (headers: Record<string, string>) => browser.get("/two-factor/verify").set(headers).expect(200);
      const foreign = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" };
      for (const origin of ["https://evil.example", "null", `${front}:8443`, "http://app.example.com"]) {
        await open({ ...foreign, origin });
      }
      await open(foreign);
      expect(sent).toEqual([]);
      await open({ ...foreign, origin: front });
      expect(sent).toHaveLength(1);
    });
  });
});
