import { METHODS, type Server } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { later } from "../support/clock";
import { makeApp, startHost, type HostOptions } from "../support/host";
import { cookiesOf, sendRaw } from "../support/raw";

const methods = METHODS.filter((method) => method !== "CONNECT");

/** Addresses that look allowed, or like something else than they are. */
const strangeTargets = [
  "/admin",
  "/ADMIN/",
  "//admin",
  "//evil.example/admin",
  "/\\evil.example",
  "/%61dmin",
  "/admin?x=/login",
  "/?/login",
  "/login/",
  "/login//",
  "/login/x",
  "/loginx",
  "/LOGIN",
  "/log%69n",
  "/login;x",
  "/login/../admin",
  "/login%2f..%2fadmin",
  "/admin/../login",
  "/./login",
  "/two-factor%2fverify",
  "/two-factorx",
  "//two-factor/verify",
  "/x/../two-factor/verify",
  "/*",
  "/#/login",
  "http://evil.example/admin",
  "http://evil.example//login",
];

const ourTargets = [
  "/two-factor/nothing",
  "/two-factor/verify/nothing",
  "/two-factor//verify",
  "/two-factor/../admin",
  "/two-factor/%2e%2e/admin",
  "/two-factor/assets/../../admin",
  "/two-factor/assets/nothing.css",
  "/TWO-FACTOR/nothing",
  "/two-factor/constructor",
  "http://evil.example/two-factor/nothing",
];

const somebody = { id: "1", email: "one@example.com" };

afterEach(() => void vi.restoreAllMocks().useRealTimers());

describe("Only what the gate decides passes.", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    const start = (given: HostOptions = {}) => startHost({ version, ...given });

    /** Somebody signed in who needs a proof and has none: with an authenticator, or still without. */
    async function unproven(
      host: ReturnType<typeof start>,
      enrolled: boolean,
    ): Promise<{ server: Server; cookie: string }> {
      if (enrolled) {
        const owner = host.browser();
        await owner.login();
        await owner.enrol();
      }
      const other = host.browser();
      return { server: other.server, cookie: cookiesOf(await other.login()) };
    }

    it.each([true, false])("stops every method (enrolled: %s)", async (enrolled) => {
      const host = start();
      const { server, cookie } = await unproven(host, enrolled);
      for (const method of methods) {
        const answer = await sendRaw(server, [`${method} /admin HTTP/1.1`, `Cookie: ${cookie}`, "Content-Length: 0"]);
        expect([method, answer.status]).toEqual([method, 403]);
      }
      expect(host.reached).toEqual([]);
    });

    it.each([true, false])("stops every way to write an address (enrolled: %s)", async (enrolled) => {
      const host = start();
      const { server, cookie } = await unproven(host, enrolled);
      for (const target of strangeTargets.filter((target) => target !== "/login/")) {
        for (const headers of [["Accept: application/json"], ["Accept: text/html", "Sec-Fetch-Mode: navigate"], []]) {
          const answer = await sendRaw(server, [`GET ${target} HTTP/1.1`, `Cookie: ${cookie}`, ...headers]);
          expect([target, [303, 403].includes(answer.status)]).toEqual([target, true]);
          expect(answer.headers["location"] ?? "/two-factor/").toMatch(/^\/two-factor\//);
        }
      }
      // The one target that express-session gives no session for.
      vi.spyOn(console, "error").mockReturnValue();
      expect((await sendRaw(server, ["OPTIONS * HTTP/1.1", `Cookie: ${cookie}`])).status).toBe(500);
      expect(host.reached).toEqual([]);
    });

    it("stops every media type that is asked for or sent", async () => {
      const host = start();
      const { server, cookie } = await unproven(host, true);
      for (const type of [
        "text/event-stream",
        "application/xml",
        "image/*",
        "multipart/form-data; boundary=x",
        "",
        "nonsense",
      ]) {
        const headers = [`Cookie: ${cookie}`, `Accept: ${type}`, `Content-Type: ${type}`, "Content-Length: 0"];
        expect((await sendRaw(server, ["POST /admin HTTP/1.1", ...headers])).status).toBe(403);
        expect((await sendRaw(server, ["GET /admin HTTP/1.1", ...headers])).status).toBe(403);
      }
      expect(host.reached).toEqual([]);
    });

    it("lets nothing under its own path fall through, whoever asks", async () => {
      const host = start();
      const owner = host.browser();
      const cookies = [cookiesOf(await owner.login())];
      cookies.push(cookiesOf(await owner.enrol()), "");
      for (const cookie of cookies) {
        for (const target of ourTargets) {
          for (const method of ["GET", "HEAD", "POST", "DELETE", "OPTIONS"]) {
            const answer = await sendRaw(owner.server, [
              `${method} ${target} HTTP/1.1`,
              `Cookie: ${cookie}`,
              "Content-Length: 0",
            ]);
            expect([target, method, answer.status]).toEqual([target, method, 404]);
          }
        }
        for (const method of methods.filter((method) => !["GET", "HEAD", "POST"].includes(method))) {
          const answer = await sendRaw(owner.server, [
            `${method} /two-factor/verify HTTP/1.1`,
            `Cookie: ${cookie}`,
            "Content-Length: 0",
          ]);
          expect([method, answer.status, answer.headers["allow"]]).toEqual([method, 405, "GET, HEAD, POST"]);
        }
      }
      expect(host.reached).toEqual([]);
    });

    it("guards a part, with its pages elsewhere", async () => {
      const host = start({
        options: { path: "/account/2fa" },
        mount: (app, tfa) => app.use("/account/2fa", tfa.routes).use("/admin", tfa.gate),
      });
      const { server, cookie } = await unproven(host, false);
      const ask = (target: string, ...headers: string[]) =>
        sendRaw(server, [`GET ${target} HTTP/1.1`, `Cookie: ${cookie}`, ...headers]);

      expect((await ask("/")).status).toBe(200);
      expect((await ask("/ADMIN/x", "Sec-Fetch-Mode: navigate")).headers["location"]).toBe("/account/2fa/setup");
      for (const target of ["/admin", "/admin/", "/Admin/x", "/admin//evil.example", "/admin/../admin"]) {
        expect([target, (await ask(target)).status]).toEqual([target, 403]);
      }
      for (const target of ["/account/2fa/nothing", "/Account/2FA//x", "/account/2fa/../x"]) {
        expect([target, (await ask(target)).status]).toEqual([target, 404]);
      }
      expect(host.reached).toEqual(["GET /"]);
    });

    it("says so, instead of leading in circles, where it stands before its own pages", async () => {
      const said = vi.spyOn(console, "error").mockReturnValue();
      const host = start({ mount: (app, tfa) => app.use(tfa.gate).use("/two-factor", tfa.routes) });
      const browser = host.browser();
      await browser.login();
      await browser.visit("/admin").expect(303).expect("location", "/two-factor/setup");
      await browser.visit("/two-factor/setup").expect(500);
      expect(String(said.mock.calls[0])).toContain("mount tfa.routes before tfa.gate");
      expect(host.reached).toEqual([]);
    });

    it("guards a sub-app below its own mount", async () => {
      const host = start({
        mount: (app, tfa) =>
          app.use(
            "/app",
            makeApp(version)
              .use(tfa)
              .get("/pay", tfa.requireRecent({ seconds: 60 }), (_req, res) => res.send("paid")),
          ),
      });
      const { server, cookie } = await unproven(host, false);
      const ask = (target: string, ...headers: string[]) =>
        sendRaw(server, [`GET ${target} HTTP/1.1`, `Cookie: ${cookie}`, ...headers]);
      expect((await ask("/app", "Sec-Fetch-Mode: navigate")).headers["location"]).toBe("/app/two-factor/setup");
      expect((await ask("/app/admin")).status).toBe(403);
      expect((await ask("/app//evil.example/", "Sec-Fetch-Mode: navigate")).headers["location"]).toBe(
        "/app/two-factor/setup",
      );
      expect((await ask("/APP/two-factor/setup")).status).toBe(200);
      expect((await ask("/app/pay")).status).toBe(403);
      expect((await ask("/app/two-factor/nothing")).status).toBe(404);
      const owner = host.browser();
      await owner.login();
      await owner.enrol("/app/two-factor");
      await owner.get("/app/pay").expect(200);
      later(61);
      await owner.visit("/app/pay").expect(303).expect("location", "/app/two-factor/verify");
      expect(host.reached).toEqual([]);
    });

    it("answers 500 without a session", async () => {
      const said = vi.spyOn(console, "error").mockReturnValue();
      const host = start({
        session: false,
        before: (app) => app.use((req, _res, next) => ((req.user = somebody), next())),
      });
      const { server } = host.browser();
      for (const target of ["/", "/admin", "/login", "/two-factor/verify", "/two-factor"]) {
        expect([target, (await sendRaw(server, [`GET ${target} HTTP/1.1`])).status]).toEqual([target, 500]);
      }
      expect(host.reached).toEqual([]);
      expect(String(said.mock.calls[0])).toContain("mount express-two-factor after the session middleware");
    });

    it("answers 500 when it is mounted before the login is read", async () => {
      const said = vi.spyOn(console, "error").mockReturnValue();
      const host = start({
        before: (app) =>
          app.use((req, _res, next) => {
            (req.session as unknown as { passport: object }).passport = { user: "1" };
            next();
          }),
      });
      const { server } = host.browser();
      for (const target of ["/", "/admin", "/login", "/two-factor/verify"]) {
        expect([target, (await sendRaw(server, [`GET ${target} HTTP/1.1`])).status]).toEqual([target, 500]);
      }
      expect(host.reached).toEqual([]);
      expect(String(said.mock.calls[0])).toContain("after passport.session()");
    });

    it("passes where nobody is signed in, while its own routes answer 401", async () => {
      const host = start();
      const visitor = host.browser();
      await visitor.get("/anything").expect(200);
      for (const path of ["", "/setup", "/verify", "/recovery-codes", "/disable"]) {
        const refused = await visitor.get(`/two-factor${path}`).expect(401);
        expect(refused.body).toMatchObject({ code: "UNAUTHORIZED", status: 401 });
        const page = await visitor.visit(`/two-factor${path}`).expect(401);
        expect(page.text).toContain('href="/login"');
      }
      for (const path of [
        "/setup",
        "/setup/verify",
        "/verify",
        "/verify/send",
        "/recovery-codes",
        "/disable",
        "/browsers/forget",
      ]) {
        await visitor.post(`/two-factor${path}`, { code: "123456" }).expect(401);
      }
      expect(host.reached).toEqual(["GET /anything"]);
    });
  });
});
