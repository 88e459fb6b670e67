import type { RequestHandler } from "express";
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from "vitest";
import { generateEncryptionKey, memoryStore, twoFactor, type TwoFactorOptions } from "../../src";
import { startHost, type HostOptions, type HostUser } from "../support/host";

let warnings: MockInstance<typeof process.emitWarning>;
beforeEach(() => void (warnings = vi.spyOn(process, "emitWarning").mockReturnValue()));
afterEach(() => void vi.restoreAllMocks().unstubAllEnvs());

const told = () =>
  warnings.mock.calls.map(([text, options]) => `${(options as { code: string }).code} ${String(text)}`);

const least = () => ({ issuer: "Test Host", store: memoryStore(), otpSecretEncryptionKey: generateEncryptionKey() });

/** A host that keeps its user where nobody told us. */
function elsewhere(version: 4 | 5, given: { before?: RequestHandler; after?: RequestHandler }) {
  const { before, after } = given;
  return startHost({
    version,
    ...(before && { before: (app) => app.use(before) }),
    ...(after && { behind: (app) => app.use(after) }),
  });
}

describe("A mistake of the host is told once, with its fix", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    it("the whole of it mounted at the path of its pages guards nothing else", async () => {
      for (const [path, pages] of [
        ["/auth/2fa", "/auth/2fa"],
        ["/two-factor", "/auth/2fa/two-factor"],
      ] as const) {
        warnings.mockClear();
        const host = startHost({ version, options: { path }, mount: (app, tfa) => app.use("/auth/2fa", tfa) });
        const browser = host.browser();
        await browser.login();
        await browser.visit(`${pages}/setup`).expect(200);
        await browser.visit(`${pages}/setup`).expect(200);
        expect(told()).toHaveLength(1);
        expect(told()[0]).toMatch(/^TWO_FACTOR_GUARDS_A_PART .*Say app\.use\(tfa\)/);
      }
    });

    it("the gate below a path is walked round", async () => {
      const host = startHost({ version, mount: (app, tfa) => app.use("/admin", tfa.gate).get("/one", tfa.gate) });
      const browser = host.browser();
      await browser.get("/one");
      expect(told()).toEqual([]);
      await browser.get("/admin");
      await browser.get("/admin/x");
      expect(told()).toHaveLength(1);
      expect(told()[0]).toMatch(/^TWO_FACTOR_GATE_BELOW_A_PATH .*gate\(\{ under: \["\/admin"\] \}\)/);
    });

    it("nobody is ever seen where the session has the user, and `user` does not say so", async () => {
      for (const key of ["user", "userId", "user_id", "uid", "currentUser", "accountId", "loggedIn"]) {
        warnings.mockClear();
        const host = elsewhere(version, {
          before: (req, _res, next) => {
            (req.session as unknown as Record<string, unknown>)[key] = { id: 1 };
            (req as { user?: unknown }).user = undefined;
            next();
          },
        });
        await host.browser().get("/admin").expect(200);
        await host.browser().get("/admin").expect(200);
        expect([key, told().length]).toEqual([key, 1]);
        expect(told()[0]).toMatch(/^TWO_FACTOR_NOBODY_SEEN .*user: \(req\) => req\.session\.user/);
      }
    });

    it("nobody is ever seen where the user is loaded after it", async () => {
      const host = elsewhere(version, { after: (req, _res, next) => ((req.user = { id: 1 } as never), next()) });
      await host.browser().get("/admin").expect(200);
      await vi.waitFor(() => expect(told()).toHaveLength(1));
      expect(told()[0]).toMatch(/^TWO_FACTOR_NOBODY_SEEN .*after what sets/);
    });

    it("but nothing is said of strangers, of signing in, and of users who are somewhere else on purpose", async () => {
      const right: HostOptions = {
        version,
        behind: (app) => {
          app.get("/callback", (req, res) => {
            Object.assign(req.session, { user: { id: "9" }, passport: { user: "9" } });
            Object.assign(req, { user: { id: "9" } });
            res.send("in");
          });
          app.post("/sign-in", (req, res) => void (Object.assign(req, { user: { id: "9" } }), res.send("in")));
        },
      };
      const host = startHost(right);
      await host.browser().get("/").expect(200);
      await host.browser().get("/callback").expect(200);
      await host.browser().post("/sign-in").expect(200);
      const own = startHost({
        version,
        options: { user: () => undefined },
        before: (app) => app.use((req, _res, next) => (Object.assign(req.session, { userId: 1 }), next())),
      });
      await own.browser().get("/").expect(200);
      // A later sight of nobody is no news.
      const browser = host.browser();
      await browser.login();
      await browser.get("/admin").expect(403);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(told()).toEqual([]);
    });

    it("TLS at a proxy that is not trusted", async () => {
      const host = startHost({ version });
      await host.browser().get("/").set("x-forwarded-proto", "http");
      expect(told()).toEqual([]);
      await host.browser().get("/").set("x-forwarded-proto", "https");
      await host.browser().get("/two-factor").set("x-forwarded-proto", "https");
      expect(told()).toHaveLength(1);
      expect(told()[0]).toMatch(/^TWO_FACTOR_PROXY_NOT_TRUSTED .*app\.set\("trust proxy", 1\)/);
      const trusting = startHost({ version, early: (app) => app.set("trust proxy", 1) });
      await trusting.browser().get("/").set("x-forwarded-proto", "https");
      expect(told()).toHaveLength(1);
    });

    it("two instances with one path answer 500 instead of one for the other", async () => {
      const said = vi.spyOn(console, "error").mockReturnValue();
      const mistakes: HostOptions["mount"][] = [
        (app, tfa) => app.use(tfa).use(twoFactor<HostUser>({ ...least(), scope: "staff" })),
        (app, tfa) =>
          app.use(tfa.gate).use("/x", twoFactor<HostUser>({ ...least(), scope: "staff", path: "/TWO-factor" }).gate),
      ];
      for (const mount of mistakes) {
        const host = startHost({ version, mount: mount! });
        await host.browser().get("/x").expect(500);
        expect(String(said.mock.calls.at(-1))).toMatch(/such as path: "\/staff\/two-factor"/i);
        expect(host.reached).toEqual([]);
      }
      const apart = startHost({
        version,
        mount: (app, tfa) =>
          app
            .use(tfa)
            .use(twoFactor<HostUser>({ ...least(), scope: "staff", path: "/staff/2fa", user: () => undefined })),
      });
      await apart.browser().get("/x").expect(200);
    });

    it("a query parser that reads nothing shuts nobody out", async () => {
      const host = startHost({ version, early: (app) => app.set("query parser", () => null) });
      const browser = host.browser();
      await browser.login();
      await browser.enrol();
      const other = host.browser();
      await other.login();
      await other.visit("/two-factor/verify").expect(200);
      const page = await other.visit("/two-factor/verify?a=1&with=recovery-code").expect(200);
      expect(page.text).not.toContain('inputmode="numeric"');
    });
  });

  const start = (options: Partial<TwoFactorOptions<HostUser>>) => twoFactor<HostUser>({ ...least(), ...options });

  it("a login at the first page", () => {
    start({});
    expect(told()).toEqual([]);
    start({ loginPath: "/?login" });
    start({ logoutPath: "/" });
    expect(told()).toHaveLength(2);
    expect(told()[0]).toMatch(/^TWO_FACTOR_OPEN_ROOT .*loginPath: "\/".*allow: \["\/"\]/);
  });

  it("a language of which half is missing", () => {
    start({ locales: { fr: { "verify.title": "Votre code" } } });
    expect(told()).toEqual([]);
    start({ locales: { it: { "verify.title": "Il codice" } } });
    expect(told()).toHaveLength(1);
    expect(told()[0]).toMatch(/^TWO_FACTOR_HALF_TRANSLATED .*"it" lacks \d+ of \d+ texts \([\w., -]+, and \d+ more\)/);
    expect(told()[0]).not.toContain("verify.title");
  });

  it("a store that forgets is refused in production, unless that is meant", () => {
    start({ store: memoryStore() });
    vi.stubEnv("NODE_ENV", "production");
    expect(() => start({ store: memoryStore() })).toThrow("say memoryStore({ production: true })");
    expect(() => start({ store: { ...memoryStore({ production: false }) } })).toThrow("memoryStore()");
    start({ store: memoryStore({ production: true }) });
    start({ store: { get: async () => undefined, compareAndSet: async () => false } });
  });

  it("two scopes with one path on one store are refused", () => {
    const store = memoryStore();
    start({ store });
    expect(() => start({ store, scope: "staff" })).toThrow('such as path: "/staff/two-factor"');
    expect(() => start({ store, scope: "staff", path: "/TWO-FACTOR" })).toThrow("already that of the scope");
    start({ store, scope: "staff", path: "/staff/2fa" });
    // Processes of one app, and one that was refused, take nothing.
    start({ store });
    start({ store, scope: "staff", path: "/staff/2fa" });
    start({ store: memoryStore(), scope: "staff" });
  });
});
