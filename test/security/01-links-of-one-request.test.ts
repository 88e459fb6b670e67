import type { Express, Router } from "express";
import express from "express";
import { createRequire } from "node:module";
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from "vitest";
import { makeApp, startHost, type Host, type HostOptions } from "../support/host";
import { cookiesOf, sendRaw } from "../support/raw";

const requireFrom = createRequire(__filename);

let warnings: MockInstance<typeof process.emitWarning>;
beforeEach(() => void (warnings = vi.spyOn(process, "emitWarning").mockReturnValue()));
afterEach(() => void vi.restoreAllMocks().useRealTimers());

const codesOf = () => warnings.mock.calls.map(([, options]) => (options as { code: string }).code);

/** First requests of strangers: hosts for a path, other letters, another's place. */
const hostile = [
  "/\\evil.example:80/2fa/verify",
  "//evil.example/2fa/verify",
  "/\\evil.example/two-factor/verify",
  "//evil.example/two-factor/verify",
  "http://evil.example/2fa/verify",
  "http://evil.example/\\evil.example/2fa/verify",
  "/\\evil.example",
  "//evil.example",
  "/%5c%5cevil.example/2fa",
  "/..//evil.example/2fa/",
  "/ACCOUNT/2FA/verify",
  "/acme/2fa/verify",
  "/ACME/two-factor/verify",
];

describe("Nothing learnt from one request reaches another", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    const router = (options?: object): Router =>
      (version === 4 ? (requireFrom("express4") as typeof express) : express).Router(options);

    /** After strangers have asked first, where somebody who owes a proof is led by everything that leads. */
    async function ledTo(mount: NonNullable<HostOptions["mount"]>, given: HostOptions = {}) {
      const host = startHost({
        version,
        ...given,
        before: (app) =>
          app.get("/pending", (req, res, next) => void host.tfa.pending(req).then((said) => res.json(said), next)),
        mount: (app, tfa) => {
          app.get("/recent", tfa.requireRecent({ seconds: 60 }));
          app.use("/gated", tfa.gate);
          mount(app, tfa);
        },
      });
      const browser = host.browser();
      for (const target of hostile) await sendRaw(browser.server, [`GET ${target} HTTP/1.1`]);
      const cookie = cookiesOf(await browser.login());
      for (const target of hostile) await sendRaw(browser.server, [`GET ${target} HTTP/1.1`, `Cookie: ${cookie}`]);
      const of = async (target: string) =>
        (await sendRaw(browser.server, [`GET ${target} HTTP/1.1`, `Cookie: ${cookie}`, "Sec-Fetch-Mode: navigate"]))
          .headers["location"];
      const { text } = await sendRaw(browser.server, ["GET /pending HTTP/1.1", `Cookie: ${cookie}`]);
      const pending = (JSON.parse(text) as { next: string }).next;
      return { host, of, everywhere: new Set([pending, await of("/recent"), await of("/gated")]) };
    }

    it.each<[string, NonNullable<HostOptions["mount"]>]>([
      ["a parameter before the routes", (app, tfa) => app.use("/:tenant/2fa", tfa.routes)],
      ["a parameter before all of it", (app, tfa) => app.use("/:tenant", tfa)],
      ["a pattern before the routes", (app, tfa) => app.use(/^\/[^/]*\/2fa/, tfa.routes)],
      ["a list of mounts", (app, tfa) => app.use(["/account/2fa", "/:tenant/2fa"], tfa.routes)],
      [
        "a router that merges parameters",
        (app, tfa) => app.use("/:tenant", router({ mergeParams: true }).use("/2fa", tfa.routes)),
      ],
      ["a sub-app below a parameter", (app, tfa) => app.use("/:tenant", makeApp(version).use("/2fa", tfa.routes))],
      ["a router at a path", (app, tfa) => app.use("/account", router().use("/2fa", tfa.routes))],
    ])("where there is %s", async (_, mount) => {
      const { everywhere } = await ledTo(mount);
      expect([...everywhere]).toEqual(["/two-factor/setup"]);
      const said = warnings.mock.calls.map(([text]) => String(text)).join("\n");
      expect(said).not.toMatch(/evil\.example:|\\|[^\n]{700}/);
      expect(new Set(codesOf()).size).toBe(codesOf().length);
    });

    it.each<[string, NonNullable<HostOptions["mount"]>]>([
      ["an app", (app, tfa) => app.use("/account/2fa", tfa.routes)],
      [
        "an app, after something else",
        (app, tfa) => app.use("/account/2fa/", (_req, _res, next) => next(), tfa.routes),
      ],
      ["a sub-app", (app, tfa) => app.use("/account", makeApp(version).use("/2fa", tfa.routes))],
      [
        "a sub-app that is mounted afterwards",
        (app, tfa) => {
          const sub = makeApp(version);
          sub.use(tfa.routes);
          app.use("/account/2fa", sub);
        },
      ],
    ])("while the host's own mount in %s is known from the start", async (_, mount) => {
      const { everywhere, of } = await ledTo(mount);
      expect([...everywhere]).toEqual(["/account/2fa/setup"]);
      expect(await of("/account/2fa")).toBeUndefined();
      expect(codesOf()).toEqual(["TWO_FACTOR_GATE_BELOW_A_PATH"]);
    });

    it("and mounting leaves request and answer the host's", async () => {
      const host = startHost({
        version,
        mount: (app: Express, tfa) =>
          app.use("/account/2fa", tfa.routes).use(tfa.routes).use("/x", makeApp(version).use(tfa.routes)),
        behind: (app) =>
          app.get("/what", (req, res) => {
            res.json([
              req.app === app,
              Object.getPrototypeOf(req) === app.request,
              Object.getPrototypeOf(res) === app.response,
            ]);
          }),
      });
      const browser = host.browser();
      expect((await browser.get("/what").expect(200)).body).toEqual([true, true, true]);
    });

    it("and what a request's own mount says holds for that request alone", async () => {
      const { of } = await ledTo((app, tfa) =>
        app.use(
          "/:tenant",
          router()
            .use("/2fa", tfa.routes)
            .use("/own", tfa, tfa.requireRecent({ seconds: 60 })),
        ),
      );
      expect(await of("/acme/own/page")).toBe("/acme/own/two-factor/setup");
      expect(await of("/other/own/page")).toBe("/other/own/two-factor/setup");
      expect(await of("/\\evil.example/own/page")).toBe("/two-factor/setup");
      expect(await of("/gated")).toBe("/two-factor/setup");
    });

    it("says once that the routes are somewhere else than it leads to, in words that no visitor chooses", async () => {
      const app = startHost({ version, mount: (app, tfa) => app.use("/Account", router().use("/2fa", tfa.routes)) });
      for (const target of ["/account/2fa/", "/ACCOUNT/2fa/x", "/account/2FA/"]) await app.browser().get(target);
      expect(codesOf()).toEqual(["TWO_FACTOR_MOUNTED_ELSEWHERE"]);
      expect(warnings.mock.calls[0]?.[0]).toContain('say path: "/account/2fa".');
      warnings.mockClear();
      const tenants = startHost({ version, mount: (app, tfa) => app.use("/:x/2fa", tfa.routes) });
      await tenants.browser().get("/visitors-words/2fa");
      expect(codesOf()).toEqual(["TWO_FACTOR_MOUNTED_ELSEWHERE"]);
      expect(warnings.mock.calls[0]?.[0]).not.toContain("visitors");
      warnings.mockClear();
      const longest = startHost({ version, mount: (app, tfa) => app.use(/^\/x[^/]*/, tfa.routes) });
      await longest.browser().get(`/x${"y".repeat(500)}%0a`);
      expect(warnings.mock.calls[0]?.[0]).toMatch(/"\/xy{78}…"/);
    });

    it("and `path`, a path of the site, is where its pages are, whatever mounts the whole", async () => {
      const inSubApp = (path: string): HostOptions => ({
        version,
        options: { path },
        mount: (app, tfa) => app.use("/app", makeApp(version).use(tfa)),
      });
      for (const [given, base] of [
        [inSubApp("/app/2fa"), "/app/2fa"],
        [inSubApp("/2fa"), "/app/2fa"],
        [
          { version, options: { path: "/app/2fa" }, mount: (app, tfa) => app.use("/app", router().use(tfa)) },
          "/app/2fa",
        ],
        [
          {
            version,
            options: { path: "/app/2fa" },
            mount: (app, tfa) => app.use("/app", router().use(tfa.routes, tfa.gate)),
          },
          "/app/2fa",
        ],
      ] satisfies [HostOptions, string][]) {
        const browser = startHost(given).browser();
        await browser.login();
        await browser.visit("/app/x").expect(303).expect("location", `${base}/setup`);
        await browser.visit(`${base}/setup`).expect(200);
        await browser.enrol(base);
        await browser.visit("/app/x").expect(200);
      }
    });
  });

  const wildcards: [4 | 5, string, NonNullable<HostOptions["mount"]>][] = [
    [5, 'app.use("/*splat")', (app, tfa) => app.use("/*splat", tfa)],
    [5, 'forRoutes("{*all}")', (app, tfa) => app.use("/{*all}", (req, res, next) => tfa(req, res, next))],
    [5, 'app.all("/{*all}")', (app, tfa) => app.all("/{*all}", tfa)],
    [5, "app.use(/(.*)/)", (app, tfa) => app.use(/(.*)/, tfa)],
    [5, "routes and gate", (app, tfa) => app.use("/*splat", tfa.routes).use("/*splat", tfa.gate)],
    [4, 'app.use("*")', (app, tfa) => app.use("*", tfa)],
    [4, 'app.use("/*")', (app, tfa) => app.use("/*", tfa)],
    [4, 'app.all("*")', (app, tfa) => app.all("*", tfa)],
    [4, "routes and gate", (app, tfa) => app.use("*", tfa.routes).use("*", tfa.gate)],
  ];
  it.each(wildcards)("and on Express %i a wildcard, %s, is no place: it simply works", async (version, _, mount) => {
    const host: Host = startHost({ version, mount });
    const browser = host.browser();
    await browser.login();
    await browser.visit("/admin/x/").expect(303).expect("location", "/two-factor/setup");
    await browser.visit("/admin").expect(303).expect("location", "/two-factor/setup");
    await browser.visit("/two-factor/setup").expect(200);
    await browser.visit("/login").expect(200);
    await browser.enrol();
    await browser.get("/two-factor").expect(200);
    await browser.visit("/admin/x").expect(200);
    expect(warnings).not.toHaveBeenCalled();
  });

  it.each([4, 5] as const)(
    "and on Express %i a pattern that hides how much it takes leads in no circle",
    async (version) => {
      const said = vi.spyOn(console, "error").mockReturnValue();
      const browser = startHost({ version, mount: (app, tfa) => app.use(/^\/.*/, tfa) }).browser();
      await browser.login();
      const { location } = (await browser.visit("/admin").expect(303)).headers as { location: string };
      await browser.visit(location).expect(500);
      expect(String(said.mock.calls[0])).toContain("say app.use(tfa), without a path");
    },
  );

  it.each([4, 5] as const)(
    "and on Express %i an address rewritten before all of it leads in no circle",
    async (version) => {
      const said = vi.spyOn(console, "error").mockReturnValue();
      const host = startHost({
        version,
        before: (app) => app.use((req, _res, next) => ((req.url = `/v1${req.url}`), next())),
        mount: (app, tfa) => app.use("/v1", tfa),
      });
      const browser = host.browser();
      await browser.login();
      const { location } = (await browser.visit("/admin").expect(303)).headers as { location: string };
      await browser.visit(location).expect(500);
      expect(String(said.mock.calls[0])).toContain("rewrite no address of theirs");
    },
  );
});
