import { createRequire } from "node:module";
import cookieParser from "cookie-parser";
import express, { type Request, type RequestHandler, type Response } from "express";
import helmet from "helmet";
import { beforeAll, describe, expect, test } from "vitest";
import type { TwoFactorOptions } from "../../src";
import { recipe, run } from "../docs/pages";
import { Browser, type HostUser } from "../support/host";
import { listening } from "../support/sockets";
import { fillIn, guard, login, setUpByPages, withSession, withUser } from "./host-parts";
import { hostPackages } from "./packages";

let load: NodeJS.Require;
beforeAll(async () => {
  load = await hostPackages();
});

const express4 = createRequire(__filename)("express4") as typeof express;

type Csrf = { protect: RequestHandler; tokenOf: (req: Request, res: Response) => string };

/** The three that hosts have, each as its own page says. */
const csrf: Record<string, () => Csrf> = {
  csurf: () => ({
    protect: (load("csurf") as () => RequestHandler)(),
    tokenOf: (req) => (req as Request & { csrfToken(): string }).csrfToken(),
  }),
  "csrf-csrf": () => {
    const { doubleCsrf } = load("csrf-csrf") as {
      doubleCsrf: (options: object) => { doubleCsrfProtection: RequestHandler; generateCsrfToken: Csrf["tokenOf"] };
    };
    const { doubleCsrfProtection, generateCsrfToken } = doubleCsrf({
      getSecret: () => "for tests",
      getSessionIdentifier: (req: Request) => req.sessionID,
      cookieName: "csrf",
      cookieOptions: { secure: false },
      getCsrfTokenFromRequest: tokenIn,
    });
    return { protect: doubleCsrfProtection, tokenOf: generateCsrfToken };
  },
  "csrf-sync": () => {
    const { csrfSync } = load("csrf-sync") as {
      csrfSync: (options: object) => {
        csrfSynchronisedProtection: RequestHandler;
        generateToken: (req: Request) => string;
      };
    };
    const { csrfSynchronisedProtection, generateToken } = csrfSync({ getTokenFromRequest: tokenIn });
    return { protect: csrfSynchronisedProtection, tokenOf: generateToken };
  },
};

const tokenIn = (req: Request): unknown => (req.body as { _csrf?: unknown } | undefined)?.["_csrf"];

/** The option as docs/hosts.md has it for each. */
function formFieldsFor(name: string, tokenOf: Csrf["tokenOf"]) {
  const names = { csurf: "withCsurf", "csrf-csrf": "withCsrfCsrf", "csrf-sync": "withCsrfSync" };
  const known = { generateToken: tokenOf, generateCsrfToken: tokenOf };
  const made = run(recipe("docs/hosts.md", "withCsurf"), known, Object.values(names));
  return (made as Record<string, Pick<TwoFactorOptions<HostUser>, "formFields">>)[names[name as keyof typeof names]]!;
}

interface Flash {
  flash(kind: string, text?: string): string[];
}

/** A host with all that hosts of its age have, in the usual order. */
async function startHost(version: 4 | 5, name: string): Promise<Browser> {
  const make = version === 4 ? express4 : express;
  const app = make();
  const { protect, tokenOf } = csrf[name]!();
  const multer = load("multer") as () => { any(): RequestHandler };
  const tfa = guard(formFieldsFor(name, tokenOf));
  app.use(helmet(), (load("compression") as (options: object) => RequestHandler)({ threshold: 0 }));
  app.use(withSession(), withUser, cookieParser("for tests"), (load("connect-flash") as () => RequestHandler)());
  app.post(
    "/login",
    (req, _res, next) => {
      (req as unknown as Flash).flash("info", "Welcome");
      next();
    },
    login,
  );
  app.use(make.urlencoded({ extended: true }), make.json(), multer().any());
  app.use((load("method-override") as (name: string) => RequestHandler)("_method"));
  app.use(protect);
  app.post("/logout", tfa.logout, (req, res, next) => {
    req.session.destroy((error) => (error ? next(error) : res.redirect(303, "/login")));
  });
  app.use(tfa);
  app.get("/form", (req, res) => void res.send(`<input type="hidden" name="_csrf" value="${tokenOf(req, res)}">`));
  app.post("/upload", (req, res) => void res.json({ files: (req as Request & { files: unknown[] }).files.length }));
  app.delete("/thing", (_req, res) => void res.send("deleted"));
  app.get("/flash", (req, res) => void res.json((req as unknown as Flash).flash("info")));
  app.use((error: { status?: number; message: string }, _req: Request, res: Response, _next: unknown) => {
    res.status(error.status ?? 500).send(error.message);
  });
  return new Browser(await listening(app));
}

const cases = Object.keys(csrf).flatMap((name) => ([4, 5] as const).map((version) => ({ name, version })));

describe.each(cases)(
  "A host with helmet, compression, connect-flash, multer, method-override and $name, on Express $version",
  ({ name, version }) => {
    test("sets up, asks for a code and signs out, with its token in our forms", async () => {
      const browser = await startHost(version, name);
      await browser.login();
      const first = await browser.visit("/form").expect(303);
      expect(first.headers["location"]).toBe("/two-factor/setup");
      await browser.submit("/two-factor/setup/verify", { code: "123456" }).expect(403); // no token: the host's refusal
      await setUpByPages(browser);
      const page = await browser.visit("/form").set("accept-encoding", "gzip").expect(200);
      expect(page.headers["content-encoding"]).toBe("gzip");
      await browser.get("/flash").expect(200, ["Welcome"]);

      const left = await fillIn(browser, "/two-factor", "/logout", {});
      expect(left.status).toBe(303);
      await browser.login();
      await browser.visit("/form").expect(303).expect("location", "/two-factor/verify");
      const wrong = await fillIn(browser, "/two-factor/verify", "/two-factor/verify", { code: browser.wrongCode() });
      expect(wrong.status).toBe(422);
      const right = await fillIn(browser, "/two-factor/verify", "/two-factor/verify", { code: browser.code(1) });
      expect([right.status, right.headers["location"]]).toEqual([303, "/form"]);
      await browser.visit("/form").expect(200);
    });

    test("uploads and overrides methods behind the gate only", async () => {
      const browser = await startHost(version, name);
      await browser.login();
      const { text } = await browser.visit("/two-factor/setup").expect(200);
      const _csrf = /name="_csrf" value="([^"]+)"/.exec(text)![1]!;
      const upload = (token: string) =>
        browser.agent.post("/upload").field("_csrf", token).attach("file", Buffer.from("x"), "x.txt");
      const remove = (token: string) => browser.submit("/thing?_method=DELETE", { _csrf: token });
      await upload(_csrf).expect(403);
      expect((await remove(_csrf)).text).not.toBe("deleted");
      await setUpByPages(browser);
      const token = /value="([^"]+)"/.exec((await browser.visit("/form").expect(200)).text)![1]!;
      await upload(token).expect(200, { files: 1 });
      await remove(token).expect(200, "deleted");
    });
  },
);
