import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import type express from "express";
import session from "express-session";
import * as openidClient from "openid-client";
import { Passport } from "passport";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import * as library from "../../src";
import * as oidc from "../../src/oidc";
import { blocksOf, run } from "../docs/pages";
import { failOnDeath } from "../support/deaths";
import { makeApp } from "../support/host";
import { sendRaw } from "../support/raw";
import { listening, portOf } from "../support/sockets";
import { launchChromium } from "../support/services";
import { startProvider } from "./provider";
import { cancel, continueAs } from "./visitor";

/** The page's code for ProConnect, in its order; only what a test cannot have is changed. */
const code = blocksOf("docs/identity-providers.md", "js")
  .map((block) => block.code)
  .join("\n")
  .replace('import("openid-client")', "openidClient")
  .replace(
    "(await oidc()).enableNonRepudiationChecks]",
    "openidClient.enableNonRepudiationChecks, openidClient.allowInsecureRequests]",
  );

failOnDeath();

let chromium: Browser;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium.close());

const secret = "of the cookie";

async function startSite(version: 4 | 5) {
  const app = makeApp(version);
  app.set("env", "test");
  const server = await listening(app);
  const url = `http://127.0.0.1:${portOf(server)}`;
  const redirectUri = `${url}/login/proconnect/callback`;
  const provider = await startProvider({ redirectUri });
  onTestFinished(() => provider.stop());
  const faults = { users: false, records: false };
  const records = library.memoryStore();

  const passport = new Passport();
  passport.serializeUser((user, done) => done(null, user));
  passport.deserializeUser((user, done) => done(null, user as Express.User));
  app.use(session({ secret: "for tests", resave: false, saveUninitialized: false }), passport.session());
  app.get("/login", (_req, res) => void res.send('<a href="/login/proconnect">ProConnect</a>'));
  const modules: Record<string, unknown> = {
    "express-two-factor": {
      twoFactor: (options: Partial<library.TwoFactorOptions>) =>
        library.twoFactor({
          ...options,
          issuer: "Docs",
          store: {
            get: (id) => (faults.records ? Promise.reject(new Error("down")) : records.get(id)),
            compareAndSet: (...change) =>
              faults.records ? Promise.reject(new Error("down")) : records.compareAndSet(...change),
          },
          otpSecretEncryptionKey: library.generateEncryptionKey(),
        }),
    },
    "express-two-factor/oidc": oidc,
  };
  const known = createRequire(__filename);
  const env = {
    PROCONNECT_ISSUER: provider.issuer,
    PROCONNECT_CLIENT_ID: provider.clientId,
    PROCONNECT_CLIENT_SECRET: provider.clientSecret,
    PROCONNECT_REDIRECT_URI: redirectUri,
    COOKIE_SECRET: secret,
  };
  // As the page says: the routes above the gate, the error page below it.
  const [routes, errorPage] = [
    code.slice(0, code.indexOf("app.use((error")),
    code.slice(code.indexOf("app.use((error")),
  ];
  app.response.render = function render(
    this: express.Response,
    _view: string,
    data: { message: string; again: string },
  ) {
    this.send(`<p role="alert">${data.message}</p><a href="${data.again}">Again</a>`);
  } as never;
  run(`${routes}\napp.use(tfa);\nhome();\n${errorPage}`, {
    app,
    require: (name: string) => modules[name] ?? known(name),
    process: { env },
    openidClient,
    store: undefined,
    findOrCreateUser: (id: string) => (faults.users ? Promise.reject(new Error("down")) : Promise.resolve({ id })),
    home: () =>
      app.get("/", (req, res) => void res.send(`<h1>Hello ${(req.user as { id: string } | undefined)?.id}</h1>`)),
  });
  const openVisitor = async () => {
    const context = await chromium.newContext({ locale: "fr-FR", baseURL: url });
    onTestFinished(() => context.close());
    return context.newPage();
  };
  return { server, url, provider, faults, openVisitor };
}

describe.each([4, 5] as const)("the code of docs/identity-providers.md, as it stands, on Express %i", (version) => {
  test("signs in with an accepted acr", async () => {
    const visitor = await (await startSite(version)).openVisitor();
    await visitor.goto("/login/proconnect");
    expect(await visitor.getByRole("listitem").allTextContents()).toEqual([...oidc.proConnectAcr202606]);
    expect(await continueAs(visitor, "susan", "eidas1-mfa")).toBe(200);
    expect(await visitor.getByRole("heading").textContent()).toBe("Hello susan");
  });

  test("refuses less, in French, and signs nobody in", async () => {
    const visitor = await (await startSite(version)).openVisitor();
    await visitor.goto("/login/proconnect");
    expect(await continueAs(visitor, "susan", "eidas1")).toBe(403);
    expect(await visitor.getByRole("alert").textContent()).toContain("sans avoir une double authentification");
    await visitor.goto("/");
    expect(await visitor.getByRole("heading").textContent()).toBe("Hello undefined");
  });

  test("sends a callback that nobody began to the login", async () => {
    const visitor = await (await startSite(version)).openVisitor();
    await visitor.goto("/login/proconnect/callback?code=x&state=y");
    expect(new URL(visitor.url()).pathname).toBe("/login");
  });

  test("makes no session for who only begins, and takes no cookie but its own", async () => {
    const { url } = await startSite(version);
    const answer = await fetch(`${url}/login/proconnect`, { redirect: "manual" });
    const cookies = answer.headers.getSetCookie();
    expect(cookies.map((line) => line.split("=")[0])).toEqual(["proconnect"]);
    const [text] = decodeURIComponent(cookies[0]!.split(/[=;]/)[1]!).split(".");
    const old = Buffer.from('{"state":"x","nonce":"y","until":1}').toString("base64url");
    const signedOld = createHmac("sha256", secret).update(`proconnect ${old}`).digest("base64url");
    for (const value of ["", ".", text, `${text}.`, `${text}.${"A".repeat(43)}`, `${old}.${signedOld}`]) {
      const headers = { cookie: `proconnect=${value}` };
      const back = await fetch(`${url}/login/proconnect/callback?code=x&state=x`, { headers, redirect: "manual" });
      expect([back.status, back.headers.get("location")]).toEqual([303, "/login"]);
    }
  });

  test("tells who gives up there that the second factor was missing, and leads on to another try", async () => {
    const visitor = await (await startSite(version)).openVisitor();
    await visitor.goto("/login/proconnect");
    expect(await cancel(visitor)).toBe(403);
    expect(await visitor.getByRole("alert").textContent()).toContain("sans avoir une double authentification");
    await visitor.getByRole("link", { name: "Again" }).click();
    expect(await continueAs(visitor, "susan", "eidas2")).toBe(200);
  });

  test("answers while the provider, the users or the store are down, and goes on", async () => {
    const { url, provider, faults, openVisitor } = await startSite(version);
    const visitor = await openVisitor();
    for (const down of ["users", "records"] as const) {
      await visitor.context().clearCookies();
      await visitor.goto("/login/proconnect");
      faults[down] = true;
      expect(await continueAs(visitor, "susan", "eidas2")).toBeGreaterThanOrEqual(500);
      faults[down] = false;
    }
    await visitor.context().clearCookies();
    await visitor.goto("/login/proconnect");
    expect(await continueAs(visitor, "susan", "eidas2")).toBe(200);
    await provider.stop();
    expect((await fetch(`${url}/login`)).status).toBe(200);
  });

  test("answers when the provider is down from the start", async () => {
    const { url, provider } = await startSite(version);
    await provider.stop();
    expect((await fetch(`${url}/login/proconnect`, { redirect: "manual" })).status).toBe(500);
    expect((await fetch(`${url}/login`)).status).toBe(200);
  });

  test.each(["http://[/login/proconnect", "//[/login", "/login/proconnect/callback?%", "*", "/%ff"])(
    "survives %s as its first request",
    async (target) => {
      const { server, url } = await startSite(version);
      await sendRaw(server, [`GET ${target} HTTP/1.1`, "Cookie: proconnect=%; proconnect=a.b"]);
      expect((await fetch(`${url}/login`)).status).toBe(200);
    },
  );
});
