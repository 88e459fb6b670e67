import { afterEach, describe, expect, it, vi } from "vitest";
import { makeApp, startHost, type HostOptions } from "../support/host";
import { cookiesOf, sendRaw } from "../support/raw";

afterEach(() => void vi.restoreAllMocks());

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

    it("the path of the site, wherever the gate is mounted", async () => {
      const options = { allow: ["/app/help", "/admin/help"], pages: { setup: "/setup-of-the-host" } };
      const inSubApp: HostOptions = { options, mount: (app, tfa) => app.use("/app", makeApp(version).use(tfa)) };
      expect(await reached(inSubApp, ["/app/help", "/app/app/help", "/app/helpx", "/app"])).toEqual(["/app/help"]);
      const gateOnly: HostOptions = { options, mount: (app, tfa) => app.use("/admin", tfa.gate) };
      const shut = ["/admin", "/admin/login", "/admin/logout", "/admin/setup-of-the-host", "/admin/admin/help"];
      for (const method of ["GET", "POST", "DELETE"]) {
        expect(await reached(gateOnly, ["/admin/help", "/Admin/help", ...shut], method)).toEqual(["/admin/help"]);
      }
    });

    it("the whole address that a wildcard takes for its mount", async () => {
      const given: HostOptions = {
        options: { allow: ["/help", "/a/b"] },
        mount: (app, tfa) => app.use(version === 4 ? "*" : "/{*all}", tfa),
      };
      const open = ["/help", "/help/", "/a/b?x", "/login"];
      expect(await reached(given, [...open, "/", "/help//", "/helpx", "/a%2fb", "//help", "/x/login"])).toEqual(open);
    });

    it("and a first page that is the login's opens no first page", async () => {
      vi.spyOn(process, "emitWarning").mockReturnValue();
      for (const options of [{ loginPath: "/" }, { logoutPath: "/" }, { loginPath: "/?login" }]) {
        expect(await reached({ options }, ["/", "/?x", "/admin"])).toEqual([]);
      }
      expect(await reached({ options: { loginPath: "/", allow: ["/"] } }, ["/"])).toEqual(["/"]);
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
      const targets = ["/public/x", "/public/caf%C3%A9%20a", "/PUBLIC/x", "/public", "/login", "/admin"];
      expect(await reached({ options: { allow } }, targets)).toEqual(["/public/x", "/public/caf%C3%A9%20a", "/login"]);
      expect(asked).toEqual(["/public/x", "/public/caf%C3%A9%20a", "/PUBLIC/x", "/public", "/admin"]);
    });

    it("and asks it nothing about a path that is not what it seems", async () => {
      const allow = vi.fn<() => boolean>(() => true);
      const shut =
        "//public/x /public//x /public/..%2fadmin /public/../admin /public/. /./x /public/%2e%2e/admin /public/.%2E/admin " +
        "/public%5cx /public\\x /%61dmin /public/%252e%252e/admin /x%00 /x%0a /x%7f /x%c2%85 /x%ff /%e0%a4%a /x%7E";
      expect(await reached({ options: { allow } }, shut.split(" "))).toEqual([]);
      const rewritten: HostOptions = {
        options: { allow },
        before: (app) => app.use((req, _res, next) => ((req.url = req.url.replace("/v1/", "/")), next())),
      };
      expect(await reached(rewritten, ["/v1/..%2fadmin", "/v1/%2e/x", "/v1//x"])).toEqual([]);
      expect(allow).not.toHaveBeenCalled();
      const open = ["/public/x", "/a.b/..c/d...e", "/x?y=%2f..//", "/%20", "/:x@y", "/"];
      expect(await reached({ options: { allow } }, open)).toEqual(open);
      expect(allow).toHaveBeenCalledTimes(open.length);
    });
  });
});
