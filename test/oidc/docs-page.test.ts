import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { compileFunction } from "node:vm";
import express from "express";
import session from "express-session";
import * as openidClient from "openid-client";
import { Passport } from "passport";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import * as library from "../../src";
import * as oidc from "../../src/oidc";
import { launchChromium } from "../services";
import { startProvider } from "./provider";
import { continueAs } from "./visitor";

const page = readFileSync(join(__dirname, "../../docs/identity-providers.md"), "utf8");

/** The page's code for ProConnect, in its order; only what a test cannot have is changed. */
const code = [...page.matchAll(/^```js\n(.*?)^```$/gms)]
  .map(([, block]) => block!)
  .join("\n")
  .replace('import("openid-client")', "openidClient")
  .replace(
    "(await oidc()).enableNonRepudiationChecks]",
    "openidClient.enableNonRepudiationChecks, openidClient.allowInsecureRequests]",
  );

let chromium: Browser;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium.close());

async function startSite() {
  const app = express();
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const redirectUri = `${url}/login/proconnect/callback`;
  const provider = await startProvider({ redirectUri });
  onTestFinished(async () => {
    await provider.stop();
    server.closeAllConnections();
    server.close();
  });

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
          store: library.memoryStore(),
          otpSecretEncryptionKey: library.generateEncryptionKey(),
        }),
    },
    "express-two-factor/oidc": oidc,
  };
  const env = {
    PROCONNECT_ISSUER: provider.issuer,
    PROCONNECT_CLIENT_ID: provider.clientId,
    PROCONNECT_CLIENT_SECRET: provider.clientSecret,
    PROCONNECT_REDIRECT_URI: redirectUri,
  };
  // As the page says: the routes above the gate, the error page below it.
  const [routes, errorPage] = [
    code.slice(0, code.indexOf("app.use((error")),
    code.slice(code.indexOf("app.use((error")),
  ];
  app.response.render = function render(this: express.Response, _view: string, data: { message: string }) {
    this.send(`<p role="alert">${data.message}</p>`);
  } as never;
  const run = compileFunction(`${routes}\napp.use(tfa);\nhome(app);\n${errorPage}`, [
    "app",
    "require",
    "process",
    "openidClient",
    "findOrCreateUser",
    "home",
  ]);
  Reflect.apply(run, undefined, [
    app,
    (name: string) => modules[name],
    { env },
    openidClient,
    (id: string) => Promise.resolve({ id }),
    () => app.get("/", (req, res) => void res.send(`<h1>Hello ${(req.user as { id: string } | undefined)?.id}</h1>`)),
  ]);
  const context = await chromium.newContext({ locale: "fr-FR", baseURL: url });
  onTestFinished(() => context.close());
  return context.newPage();
}

describe("the code of docs/identity-providers.md, as it stands", () => {
  test("signs in with an accepted acr", async () => {
    const visitor = await startSite();
    await visitor.goto("/login/proconnect");
    expect(await visitor.getByRole("listitem").allTextContents()).toEqual([...oidc.proConnectAcr202606]);
    expect(await continueAs(visitor, "susan", "eidas1-mfa")).toBe(200);
    expect(await visitor.getByRole("heading").textContent()).toBe("Hello susan");
  });

  test("refuses less, in French, and signs nobody in", async () => {
    const visitor = await startSite();
    await visitor.goto("/login/proconnect");
    expect(await continueAs(visitor, "susan", "eidas1")).toBe(403);
    expect(await visitor.getByRole("alert").textContent()).toContain("sans avoir une double authentification");
    await visitor.goto("/");
    expect(await visitor.getByRole("heading").textContent()).toBe("Hello undefined");
  });

  test("sends a callback that nobody began to the login", async () => {
    const visitor = await startSite();
    await visitor.goto("/login/proconnect/callback?code=x&state=y");
    expect(new URL(visitor.url()).pathname).toBe("/login");
  });
});
