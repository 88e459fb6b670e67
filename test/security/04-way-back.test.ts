import type { Server } from "node:http";
import { beforeEach, describe, expect, it } from "vitest";
import { later, stopClock } from "../support/clock";
import { startHost, type Browser, type Host, type HostOptions } from "../support/host";
import { cookiesOf, sendRaw } from "../support/raw";

beforeEach(() => void stopClock());

/** What a host, or whoever can write its sessions, might have left there. */
const tampered: unknown[] = [
  "//evil.example",
  "///evil.example/x",
  "/\\evil.example",
  "/\\/evil.example",
  "\\\\evil.example",
  "https://evil.example/",
  "http:evil.example",
  "javascript:alert(1)",
  "evil.example",
  " /x",
  "/ /evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "/x\r\nSet-Cookie: a=b",
  "/\u0000",
  "/\u0085x",
  "/\u00e9",
  "/\u2028",
  "/\u{1f600}",
  "/\ud800",
  `/${"x".repeat(2048)}`,
  "",
  1,
  true,
  null,
  ["/x"],
  { toString: "/x" },
];

describe("The way back stays here.", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    async function start(
      given: HostOptions = {},
      path?: string,
    ): Promise<{ host: Host; owner: Browser; other(): Promise<Browser> }> {
      const host = startHost({ version, ...given, options: { recoveryCodes: { count: 1 }, ...given.options } });
      const owner = host.browser();
      await owner.login();
      await owner.enrol(path);
      const other = async () => {
        const browser = host.browser();
        await browser.login();
        browser.secret = owner.secret;
        return browser;
      };
      return { host, owner, other };
    }

    /** Gives the next code, as a person. @returns where that leads */
    async function prove(browser: Browser, path = "/two-factor"): Promise<unknown> {
      later(30);
      return (await browser.submit(`${path}/verify`, { code: browser.code() }).expect(303)).headers["location"];
    }

    const raw = (server: Server, cookie: string, target: string) =>
      sendRaw(server, [`GET ${target} HTTP/1.1`, `Cookie: ${cookie}`, "Sec-Fetch-Mode: navigate"]);

    it("leads back to the page first asked for, as it was written", async () => {
      const { other } = await start();
      for (const url of [
        "/admin",
        "/a/b/?x=1&y=%2F%2Fevil.example&z=a+b&z=%C3%A9",
        "/%2F%2Fevil.example",
        "/a//b",
        "/?next=//evil.example",
        "/:a@b",
      ]) {
        const browser = await other();
        await browser.visit(url).expect(303);
        expect(await prove(browser)).toBe(url);
        expect(await prove(browser)).toBe("/");
      }
    });

    it("tells a program, too", async () => {
      const { other } = await start();
      const browser = await other();
      await browser.visit("/admin?x=1").expect(303);
      later(30);
      expect((await browser.post("/two-factor/verify", { code: browser.code() }).expect(200)).body).toMatchObject({
        next: "/admin?x=1",
      });
    });

    it("leads out of a set-up", async () => {
      const browser = startHost({ version, options: { recoveryCodes: { count: 1 } } }).browser();
      await browser.login();
      await browser.visit("/admin?x=1").expect(303);
      expect((await browser.enrol()).body).toMatchObject({ next: "/admin?x=1" });
    });

    it("keeps up to 2 KB", async () => {
      const { other } = await start();
      for (const [length, to] of [
        [2048, `/${"x".repeat(2047)}`],
        [2049, "/"],
      ] as const) {
        const browser = await other();
        await browser.visit(`/${"x".repeat(length - 1)}`).expect(303);
        expect(await prove(browser)).toBe(to);
      }
    });

    it("is kept for page loads only", async () => {
      const { other } = await start();
      const browser = await other();
      await browser.visit("/admin").expect(303);
      await browser.get("/api/me").expect(403);
      await browser.agent.get("/favicon.ico").set({ "sec-fetch-mode": "no-cors", accept: "image/*" }).expect(403);
      await browser.submit("/admin/delete", {}).expect(403);
      await browser.post("/api/x").expect(403);
      expect(await prove(browser)).toBe("/admin");
    });

    it("is never one of our own pages, nor one that is allowed", async () => {
      const { other } = await start({ options: { allow: ["/help"] } });
      const browser = await other();
      await browser.visit("/admin").expect(303);
      for (const path of ["/two-factor", "/two-factor/", "/TWO-FACTOR/disable", "/two-factor/recovery-codes?x=1"]) {
        await browser.visit(path).expect(303).expect("location", "/two-factor/verify");
      }
      await browser.visit("/help").expect(200);
      await browser.visit("/login").expect(200);
      expect(await prove(browser)).toBe("/admin");
    });

    it("is never another site, however it is written", async () => {
      const { host } = await start({
        before: (app) =>
          app.get("/kept", (req, res) => {
            res.json((req.session as unknown as { twoFactor: { next?: string } }).twoFactor.next ?? "nothing");
          }),
      });
      for (const target of [
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "http://evil.example/admin",
        "/x\\..\\evil",
      ]) {
        const browser = host.browser();
        const cookie = cookiesOf(await browser.login());
        expect((await raw(browser.server, cookie, target)).headers["location"]).toBe("/two-factor/verify");
        const kept = await sendRaw(browser.server, ["GET /kept HTTP/1.1", `Cookie: ${cookie}`]);
        expect([target, kept.text]).toEqual([target, '"nothing"']);
      }
    });

    it("is checked again when it is used", async () => {
      const { host, owner } = await start({
        before: (app) =>
          app.post("/tamper/:index", (req, res) => {
            const state = (req.session as unknown as { twoFactor: { next: unknown } }).twoFactor;
            state.next = tampered[Number(req.params.index)];
            res.end();
          }),
      });
      const browser = host.browser();
      await browser.login();
      browser.secret = owner.secret;
      for (const [index, value] of tampered.entries()) {
        await browser.visit("/admin").expect(index === 0 ? 303 : 200);
        await browser.post(`/tamper/${index}`).expect(200);
        expect([value, await prove(browser)]).toEqual([value, "/"]);
      }
    });

    it("goes when the user changes", async () => {
      const { other } = await start();
      const browser = await other();
      await browser.visit("/admin?secret=of-user-1").expect(303);
      await browser.login({ id: "2" });
      expect((await browser.enrol()).body).toMatchObject({ next: "/" });
    });

    it("holds the mount of a sub-app", async () => {
      const { other } = await start(
        { mount: (app, tfa) => app.use("/app", (req, res, next) => tfa(req, res, next)) },
        "/app/two-factor",
      );
      const browser = await other();
      await browser.visit("/app/x?y=1").expect(303).expect("location", "/app/two-factor/verify");
      expect(await prove(browser, "/app/two-factor")).toBe("/app/x?y=1");
    });
  });
});
