import { describe, expect, it } from "vitest";
import { makeApp, startHost, type HostOptions } from "../hosts/host";
import { cookiesOf, sendRaw } from "../hosts/raw";

describe("`allow` matches exactly", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    /** @returns of these targets, those that somebody unproven reaches */
    async function reached(given: HostOptions, targets: readonly string[], method = "GET"): Promise<string[]> {
      const host = startHost({ version, ...given });
      const browser = host.browser();
      const cookie = cookiesOf(await browser.login());
      for (const target of targets) {
        const { status } = await sendRaw(browser.server, [
          `${method} ${target} HTTP/1.1`,
          `Cookie: ${cookie}`,
          "Content-Length: 0",
        ]);
        expect([target, [200, 403].includes(status)]).toEqual([target, true]);
      }
      return host.reached.map((line) => line.slice(method.length + 1));
    }

    it("the undecoded path, with one trailing slash ignored", async () => {
      const allow = ["/help", "/a/b/", "/caf%C3%A9", "/"];
      const open = [
        "/help",
        "/help/",
        "/help?x=1",
        "/help/?x",
        "/help?/admin",
        "/a/b",
        "/a/b/",
        "/caf%C3%A9",
        "/",
        "/?x",
        "http://x.example/help",
      ];
      const shut =
        "/help// /help/x /helpx /hel /HELP /Help /%68elp /help%2f /help%3fx /help;x=1 /help. /help%00 //help /./help " +
        "/x/../help /help/.. /a/b/c /a//b /a%2fb /a /caf%c3%a9 /cafe /\\help";
      expect(await reached({ options: { allow } }, [...open, ...shut.split(" ")])).toEqual(open);
    });

    it("by every method alike", async () => {
      for (const method of ["HEAD", "POST", "DELETE", "OPTIONS"]) {
        expect(await reached({ options: { allow: ["/help"] } }, ["/help", "/help/x"], method)).toEqual(["/help"]);
      }
    });

    it("adds to the login and the logout, and to nothing else", async () => {
      const options = {
        loginPath: "/sign-in",
        logoutPath: "/sign-out",
        allow: ["/help"],
        pages: { verify: "/my/verify?x=1" },
      };
      const open = ["/sign-in", "/sign-out", "/my/verify", "/help"];
      const shut = ["/login", "/logout", "/my", "/my/verify/x", "/my/setup", "/sign-in/x", "/"];
      expect(await reached({ options }, [...open, ...shut])).toEqual(open);
      expect(await reached({}, ["/login", "/logout", "/login/", "/", "/help"])).toEqual([
        "/login",
        "/logout",
        "/login/",
      ]);
    });

    it("relative to the mount", async () => {
      const options = { allow: ["/help"] };
      const inSubApp: HostOptions = { options, mount: (app, tfa) => app.use("/app", makeApp(version).use(tfa)) };
      expect(await reached(inSubApp, ["/app/help", "/app/app/help", "/app/helpx", "/app"])).toEqual(["/app/help"]);
      const gateOnly: HostOptions = { options, mount: (app, tfa) => app.use("/admin", tfa.gate) };
      expect(await reached(gateOnly, ["/admin/help", "/admin", "/admin/admin/help"])).toEqual(["/admin/help"]);
    });

    it("what the host's router will see, where something has rewritten it before", async () => {
      const given: HostOptions = {
        options: { allow: ["/help"] },
        before: (app) =>
          app.use((req, _res, next) => {
            if (req.url === "/help") req.url = "/admin";
            next();
          }),
      };
      expect(await reached(given, ["/help"])).toEqual([]);
    });

    it("or asks a predicate, for all but the login and the logout", async () => {
      const asked: string[] = [];
      const allow = (req: { path: string }) => {
        asked.push(req.path);
        return req.path.startsWith("/public/");
      };
      const targets = ["/public/x", "/PUBLIC/x", "/public", "/login", "/admin"];
      expect(await reached({ options: { allow } }, targets)).toEqual(["/public/x", "/login"]);
      expect(asked).toEqual(["/public/x", "/PUBLIC/x", "/public", "/admin"]);
    });
  });
});
