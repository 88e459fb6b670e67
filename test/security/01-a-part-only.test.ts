import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { TwoFactorOptionsError } from "../../src";
import { makeApp, startHost, type HostOptions } from "../support/host";
import { cookiesOf, sendRaw } from "../support/raw";
import { nginxBefore } from "../support/services";

/** Ways to write `/admin/secret.html` that a file server, a parameter route or a proxy reads as that. */
const disguises = [
  "/admin/secret.html",
  "/%61dmin/secret.html",
  "//admin/secret.html",
  "///admin//secret.html",
  "/./admin/secret.html",
  "/x/../admin/secret.html",
  "/x/..//admin/secret.html",
  "/x/%2e%2e/admin/secret.html",
  "/x/..%2fadmin/secret.html",
  "/%2e/admin/secret.html",
  "/admin%2fsecret.html",
  "/admin%2Fsecret.html",
  "/%2fadmin/secret.html",
  "/ADMIN/secret.html",
  "/%41DMIN/secret.html",
  "/admin\\secret.html",
  "/admin%5csecret.html",
  "/\\admin/secret.html",
  "/%5cadmin/secret.html",
  "/%2561dmin/secret.html",
  "/%25252561dmin/secret.html",
  "/admin%252fsecret.html",
  "/x/%252e%252e/admin/secret.html",
  "/admin/x/../secret.html",
  "/admin/../admin/secret.html",
  "/admin",
  "/admin/",
  "/admin?x=1",
  "/admin;x",
  "/admin%3fx",
  "/admin.",
  "/admin%20/secret.html",
  "//host/admin/secret.html",
  "/x//../admin",
  "http://evil.example/admin/secret.html",
  "http://evil.example//%61dmin/secret.html",
  // What cannot be read is guarded.
  "/%zz",
  "/%e0%a4%a",
  "/%2525252525252561dmin",
  "/admin%00",
  "/admin%2500/secret.html",
];

const elsewhere = ["/", "/public.html", "/administrator", "/x/admin", "/adminx/y", "/x?y=/admin", "/caf%C3%A9", "/a.b"];

const listening = (port: number) => ({ address: () => ({ port, address: "127.0.0.1", family: "IPv4" }) });

const requireFrom = createRequire(__filename);
afterEach(() => void vi.restoreAllMocks());

describe("A part that is guarded is guarded however its address is written", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    /** A site of files, and of pages with parameters in their path, of which a part is guarded. */
    async function start(given: HostOptions = {}) {
      const root = mkdtempSync(join(tmpdir(), "part-only-"));
      onTestFinished(() => rmSync(root, { recursive: true }));
      mkdirSync(join(root, "admin"));
      writeFileSync(join(root, "admin", "secret.html"), "the secret");
      writeFileSync(join(root, "public.html"), "for everybody");
      const make = version === 4 ? (requireFrom("express4") as typeof express) : express;
      const host = startHost({
        version,
        mount: (app, tfa) => app.use(tfa.routes).use(tfa.gate({ under: ["/admin", "/reports/yearly/"] })),
        behind: (app) =>
          app
            .use(make.static(root))
            .get("/:section", (req, res) => void res.send(`section ${req.params.section}`))
            .get("/:section/:page", (req, res) => void res.send(`${req.params.section}: ${req.params.page}`)),
        ...given,
      });
      const browser = host.browser();
      const cookie = cookiesOf(await browser.login());
      const ask = (target: string, ...headers: string[]) =>
        sendRaw(browser.server, [`GET ${target} HTTP/1.1`, `Cookie: ${cookie}`, ...headers]);
      return { host, browser, cookie, ask };
    }

    it("to files and to routes with parameters", async () => {
      const { ask, host } = await start();
      for (const target of disguises) {
        const { status, text } = await ask(target);
        expect([target, status, text.includes("secret")]).toEqual([target, 403, false]);
      }
      for (const target of [
        "/reports/yearly",
        "/Reports//yearly/2026",
        "/reports/x/../yearly",
        "/a/b//../../reports/yearly",
      ]) {
        expect([target, (await ask(target)).status]).toEqual([target, 403]);
      }
      expect(host.reached).toEqual([]);
      for (const target of [...elsewhere, "/reports", "/reports/yearlyx"]) {
        expect([target, (await ask(target)).status]).toEqual([target, 200]);
      }
    });

    it("and who has proven it comes through, and a browser is led there and back", async () => {
      const { ask, browser } = await start();
      expect((await ask("/%61dmin/secret.html", "Sec-Fetch-Mode: navigate")).headers["location"]).toBe(
        "/two-factor/setup",
      );
      await browser.enrol();
      expect((await browser.get("/admin/secret.html").expect(200)).text).toBe("the secret");
    });

    it("through nginx with a bare proxy_pass", async () => {
      const { browser, cookie } = await start();
      for (const passed of ["", "/"] as const) {
        const port = await nginxBefore(browser.server, passed);
        for (const target of disguises) {
          const { status, text } = await sendRaw(listening(port), [`GET ${target} HTTP/1.1`, `Cookie: ${cookie}`]);
          // A proxy that resolves an address may pass on a harmless one, of no file and with a name too many for a route.
          const isHarmless = [400, 403].includes(status) || (passed === "/" && text === "behind the gate");
          expect([target, isHarmless, text.includes("secret")]).toEqual([target, true, false]);
        }
        const open = await sendRaw(listening(port), ["GET /public.html HTTP/1.1", `Cookie: ${cookie}`]);
        expect(open.text).toContain("for everybody");
      }
    });

    it("by what is asked for and by what something before has made of it", async () => {
      const rewrite = (from: string, to: string): HostOptions => ({
        before: (app) => app.use((req, _res, next) => ((req.url = req.url.replace(from, to)), next())),
      });
      const { ask } = await start(rewrite("/old", "/admin"));
      expect((await ask("/old/secret.html")).status).toBe(403);
      const other = await start(rewrite("/admin", "/public"));
      expect((await other.ask("/admin")).status).toBe(403);
    });

    it("in a sub-app, by the path of the site and of the app", async () => {
      const { ask } = await start({
        mount: (app, tfa) =>
          app.use(
            "/app",
            makeApp(version).use(tfa.gate({ under: ["/app/one", "/two"] }), (_req, res) => void res.send("in")),
          ),
      });
      for (const [target, status] of [
        ["/app/one", 403],
        ["/app/two/x", 403],
        ["/app/three", 200],
      ] as const) {
        expect([target, (await ask(target)).status]).toEqual([target, status]);
      }
    });
  });

  it("with paths that are paths, or not at all", () => {
    const { tfa } = startHost();
    const problemsOf = (options: unknown): string => {
      try {
        tfa.gate(options as { under: string[] });
      } catch (error) {
        if (error instanceof TwoFactorOptionsError) return error.problems.join("\n");
        throw error;
      }
      return "";
    };
    expect(problemsOf({ under: ["/admin", "/café", "/a.b/c", "/"] })).toBe("");
    expect(problemsOf({ under: "/admin" })).toContain('Did you mean under: ["/admin"]?');
    expect(problemsOf({ unter: ["/admin"] })).toContain("Did you mean `under`?");
    expect(problemsOf({ under: ["admin"] })).toContain('Did you mean "/admin"?');
    expect(problemsOf({ under: ["/ok", "/admin/*"] })).toBe(
      '`under[1]` must be a plain path of the site, such as "/admin": all below it is guarded. Did you mean "/admin"?',
    );
    for (const under of [
      [],
      undefined,
      null,
      [""],
      [1],
      [/x/],
      ["//x"],
      ["/x?y"],
      ["/:x"],
      ["/../x"],
      ["/%61"],
      ["/x y"],
    ]) {
      expect([under, problemsOf({ under })]).not.toEqual([under, ""]);
    }
    for (const options of [undefined, null, "/admin", ["/admin"], {}]) expect(problemsOf(options)).not.toBe("");
  });
});
