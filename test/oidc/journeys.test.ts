import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { generateEncryptionKey, memoryStore } from "express-two-factor";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createApp } from "../../example-app/src/app";
import { readConfig } from "../../example-app/src/config";
import { createMembers } from "../../example-app/src/members";
import { MemorySessions } from "../../example-app/src/sessions";
import { proConnectAcr } from "../../src/oidc";
import { launchChromium } from "../support/services";
import { startProvider, type ProviderOptions, type TestProvider } from "./provider";
import { cancel, continueAs } from "./visitor";

/** ProConnect's words. */
const french =
  "Vous ne pouvez pas accéder au service sans avoir une double authentification installée. Veuillez installer une application d'authentification et vous connecter à nouveau.";

const members = createMembers();
let chromium: Browser;

beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium.close());

interface Site {
  url: string;
  provider: TestProvider;
  log: string[];
  visitor(locale?: string): Promise<Page>;
}

/** The example app and a provider of its own, each on a port of loopback. */
async function startSite(
  env: Record<string, string> = {},
  options: Partial<ProviderOptions> = {},
  sessionStore = new MemorySessions(),
): Promise<Site> {
  let site: ReturnType<typeof createApp> | undefined;
  const log: string[] = [];
  const server = createServer((req, res) => void site?.(req, res)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = await startProvider({ redirectUri: `${url}/login/oidc/callback`, ...options });
  const { issuer, clientId, clientSecret } = provider;
  const config = readConfig({
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: clientId,
    OIDC_CLIENT_SECRET: clientSecret,
    OIDC_NAME: "TestConnect",
    ...env,
  });
  site = createApp(config, {
    store: memoryStore(),
    sessionStore,
    sessionSecrets: ["s".repeat(32)],
    limitStore: undefined,
    encryptionKeys: generateEncryptionKey(),
    members,
    mailer: { directory: "", send: () => Promise.resolve() },
    log: (message) => void log.push(message),
  });
  onTestFinished(async () => {
    await provider.stop();
    server.closeAllConnections();
    server.close();
  });
  const visitor = async (locale = "en-GB") => {
    const context = await chromium.newContext({ locale, baseURL: url });
    onTestFinished(() => context.close());
    return context.newPage();
  };
  return { url, provider, log, visitor };
}

const toProvider = async (page: Page, path = "/admin") => {
  await page.goto(path);
  await page.getByRole("link", { name: "Sign in with TestConnect" }).click();
  await page.getByRole("heading", { name: "Identity provider" }).waitFor();
};

/** By the host's word: its login page greets whoever is signed in, proven or not. */
const isSignedIn = async (page: Page): Promise<boolean> => {
  await page.goto("/login");
  return (await page.getByRole("button", { name: "Sign out" }).count()) > 0;
};

describe("a strong acr", () => {
  test.each([...proConnectAcr])("%s leads straight to the page first asked for", async (acr) => {
    const site = await startSite({}, { strict: true });
    const page = await site.visitor();
    await toProvider(page);
    expect(await page.getByRole("listitem").allTextContents()).toEqual([...proConnectAcr]);
    expect(await continueAs(page, "susan", acr)).toBe(200);
    expect(page.url()).toBe(`${site.url}/admin`);
    await page.goto("/two-factor");
    await expect(page.locator(".tf-acr").textContent()).resolves.toContain(acr);
  });

  test("of one sign-in is no proof of the next in the same browser, and a password does not set up beside it", async () => {
    const site = await startSite();
    const page = await site.visitor();
    await toProvider(page);
    await continueAs(page, "susan", "eidas2");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.goto("/login?next=/admin");
    await page.getByLabel("Email").fill("super@example.com");
    await page.getByLabel("Password").fill("correct horse battery staple");
    await page.getByRole("button", { name: "Sign in" }).click();
    expect(page.url()).toBe(`${site.url}/admin`);
    expect(await page.getByRole("main").textContent()).not.toContain("QR");
    await expect(page.getByRole("link", { name: "Sign in" }).first().isVisible()).resolves.toBe(true);
    await page.goto("/two-factor/setup");
    expect(await page.locator("#two-factor-secret").count()).toBe(0);
  });
});

describe("too weak an acr", () => {
  test("is 403 with ProConnect's French message for who reads French, and nobody is signed in", async () => {
    const site = await startSite();
    const page = await site.visitor("fr-FR");
    await toProvider(page);
    expect(await continueAs(page, "susan", "eidas1")).toBe(403);
    const alert = page.getByRole("alert");
    expect(await alert.textContent()).toBe(french);
    expect(await alert.getAttribute("lang")).toBe("fr");
    expect(await isSignedIn(page)).toBe(false);
  });

  test("is 403 in English for who reads English", async () => {
    const page = await (await startSite()).visitor();
    await toProvider(page);
    expect(await continueAs(page, "susan", "eidas1")).toBe(403);
    expect(await page.getByRole("alert").textContent()).toContain("without two-factor authentication");
  });

  test("does not come back from a provider that keeps to the rules: it asks again", async () => {
    const page = await (await startSite({}, { strict: true })).visitor();
    await toProvider(page);
    await continueAs(page, "susan", "eidas1");
    await page.getByRole("heading", { name: "Identity provider" }).waitFor();
    expect(await continueAs(page, "susan", "eidas3")).toBe(200);
  });

  test("leads to the local second factor where the site says so", async () => {
    const site = await startSite({ OIDC_ON_WEAK_ACR: "challenge" });
    const page = await site.visitor();
    await toProvider(page);
    expect(await continueAs(page, "susan", "eidas1")).toBe(200);
    expect(page.url()).toBe(`${site.url}/two-factor/setup`);
    expect(await isSignedIn(page)).toBe(true);
    await page.goto("/admin");
    expect(page.url()).toBe(`${site.url}/two-factor/setup`);
  });
});

describe("who gives up at the provider", () => {
  test("is told that the second factor was missing, in French, and can try again", async () => {
    const site = await startSite();
    const page = await site.visitor("fr-FR");
    await toProvider(page, "/admin?tab=1");
    expect(await cancel(page)).toBe(403);
    expect(await page.getByRole("alert").textContent()).toBe(french);
    expect(await page.getByRole("alert").getAttribute("lang")).toBe("fr");
    expect(await isSignedIn(await page.context().newPage())).toBe(false);
    await page.getByRole("link", { name: "Try again" }).click();
    expect(await continueAs(page, "susan", "eidas2")).toBe(200);
    expect(page.url()).toBe(`${site.url}/admin?tab=1`);
  });

  test("is told so in German, too, and a stranger's link says nothing of it", async () => {
    const site = await startSite();
    const [german, visitor] = [await site.visitor("de-DE"), await site.visitor()];
    await toProvider(german);
    await cancel(german);
    expect(await german.getByRole("alert").getAttribute("lang")).toBe("de");
    const answer = await visitor.goto("/login/oidc/callback?error=access_denied&error_description=evil.example");
    expect(answer!.status()).toBe(401);
    expect(await visitor.content()).not.toContain("evil");
  });
});

describe("beginning a sign-in", () => {
  test("makes no session, however often it is asked: nobody else is signed out by it", async () => {
    const sessionStore = new MemorySessions(2);
    const site = await startSite({}, {}, sessionStore);
    const page = await site.visitor();
    await toProvider(page);
    await continueAs(page, "susan", "eidas2");
    for (let count = 0; count < 20; count += 1) {
      const answer = await fetch(`${site.url}/login/oidc`, { redirect: "manual" });
      expect(answer.status).toBe(303);
      expect(answer.headers.getSetCookie().map((line) => line.split("=")[0])).toEqual(["sign_in"]);
    }
    expect(await isSignedIn(page)).toBe(true);
  });

  test("leaves a cookie for the callback alone, that no script and no other site's form has", async () => {
    const site = await startSite();
    const answer = await fetch(`${site.url}/login/oidc`, { redirect: "manual" });
    const [cookie] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/; Max-Age=600; Path=\/login\/oidc; .*HttpOnly; SameSite=Lax$/);
  });

  test.each<[string, (value: string) => string]>([
    [
      "forged",
      (value) => `${Buffer.from('{"started":{"next":"//evil"},"until":9e99}').toString("base64url")}.${value}`,
    ],
    ["signed by nobody", (value) => value.split(".")[0]!],
    ["no text", () => "."],
    ["of another site", (value) => `${value.slice(0, -2)}AA`],
  ])("a cookie that is %s begins nothing", async (_name, change) => {
    const site = await startSite();
    const page = await site.visitor();
    await toProvider(page);
    const context = page.context();
    const cookie = (await context.cookies(`${site.url}/login/oidc`)).find(({ name }) => name === "sign_in")!;
    await context.addCookies([{ ...cookie, value: change(cookie.value) }]);
    expect(await continueAs(page, "susan", "eidas2")).toBe(401);
    expect(await isSignedIn(page)).toBe(false);
  });
});

describe("signing out", () => {
  test("says that the provider's session may go on, to who came by it, and to nobody else", async () => {
    const site = await startSite();
    const page = await site.visitor();
    await toProvider(page);
    await continueAs(page, "susan", "eidas2");
    await page.getByRole("button", { name: "Sign out" }).click();
    expect(await page.getByRole("status").textContent()).toContain("At TestConnect you may still be signed in");
    await page.getByLabel("Email").fill("guest@example.com");
    await page.getByLabel("Password").fill("correct horse battery staple");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    expect(page.url()).toBe(`${site.url}/`);
  });
});

describe("somebody who rewrites the address on the way to the provider", () => {
  test.each([
    ["takes claims out", undefined],
    ["asks for less", JSON.stringify({ id_token: { acr: { values: ["eidas1"] } } })],
    ["asks for the acr as user info", JSON.stringify({ userinfo: { acr: { essential: true } } })],
  ])("and %s is refused in the callback", async (_name, claims) => {
    const site = await startSite({}, { strict: true });
    const page = await site.visitor();
    const start = await page.context().request.get("/login/oidc?next=/admin", { maxRedirects: 0 });
    const address = new URL(start.headers()["location"]!);
    expect(JSON.parse(address.searchParams.get("claims")!)).toMatchObject({ id_token: { acr: { essential: true } } });
    address.searchParams.delete("claims");
    if (claims !== undefined) address.searchParams.set("claims", claims);
    await page.goto(address.href);
    expect(await continueAs(page, "susan", "eidas1")).toBe(403);
    expect(new URL(page.url()).pathname).toBe("/login/oidc/callback");
    expect(await isSignedIn(page)).toBe(false);
  });
});

describe("an ID token", () => {
  const without = (claims: Record<string, unknown>) => {
    const { acr: _, ...rest } = claims;
    return rest;
  };
  type Change = (claims: Record<string, unknown>) => Record<string, unknown>;

  test.each<[string, Change, number, ("provider" | "stranger")?]>([
    ["without acr", without, 403],
    ["whose acr is an array", (claims) => ({ ...claims, acr: ["eidas2"] }), 403],
    ["whose acr is unknown", (claims) => ({ ...claims, acr: "eidas4" }), 403],
    ["that a stranger signed", (claims) => ({ ...claims, acr: "eidas3" }), 401, "stranger"],
    ["of another sign-in", (claims) => ({ ...claims, nonce: "x".repeat(43) }), 401],
    ["for another site", (claims) => ({ ...claims, aud: "another-site" }), 401],
    ["of another provider", (claims) => ({ ...claims, iss: "http://127.0.0.1:1" }), 401],
    ["that has expired", (claims) => ({ ...claims, exp: 1 }), 401],
  ])("%s is refused", async (_name, change, status, signedBy) => {
    const site = await startSite();
    site.provider.alter(change, signedBy);
    const page = await site.visitor();
    await toProvider(page);
    expect(await continueAs(page, "susan", "eidas2")).toBe(status);
    expect(await page.getByRole("alert").count()).toBe(1);
    expect(await isSignedIn(page)).toBe(false);
    expect(site.log.join("\n")).not.toMatch(/eyJ/);
  });

  test("that the stranger's key signs well would be believed but for the signature", async () => {
    const site = await startSite();
    site.provider.alter((claims) => ({ ...claims, acr: "eidas3" }), "provider");
    const page = await site.visitor();
    await toProvider(page);
    expect(await continueAs(page, "susan", "eidas2")).toBe(200);
  });
});

describe("who comes back", () => {
  test.each(["Super@example.com", "super@example.com\u00a0", " super@example.com", "\u017fuper@example.com"])(
    "with the verified address %j is not super@example.com",
    async (email) => {
      const site = await startSite({}, { accounts: { impostor: { email, email_verified: true } } });
      const page = await site.visitor();
      await toProvider(page);
      expect(await continueAs(page, "impostor", "eidas3")).toBe(403);
      expect(await page.getByRole("alert").textContent()).toContain("No member has the address");
      expect(await isSignedIn(page)).toBe(false);
    },
  );

  test("with an address that the provider has not verified is nobody", async () => {
    const page = await (await startSite()).visitor();
    await toProvider(page);
    expect(await continueAs(page, "impostor", "eidas3")).toBe(403);
    expect(await isSignedIn(page)).toBe(false);
  });

  test("with an address that no member has is told so", async () => {
    const page = await (await startSite()).visitor();
    await toProvider(page);
    expect(await continueAs(page, "stranger", "eidas3")).toBe(403);
    expect(await page.getByRole("alert").textContent()).toContain("No member has the address");
  });

  test("a second time with the same answer, or without having left, is refused", async () => {
    const site = await startSite();
    const page = await site.visitor();
    let callback = "";
    page.on("request", (request) => {
      if (request.url().includes("/login/oidc/callback")) callback = request.url();
    });
    await toProvider(page);
    await continueAs(page, "susan", "eidas2");
    expect((await page.context().request.get(callback)).status()).toBe(401);
    expect((await (await site.visitor()).context().request.get(callback)).status()).toBe(401);
  });

  test("from a provider that is gone meets 503, and the site goes on", async () => {
    const site = await startSite();
    await site.provider.stop();
    const page = await site.visitor();
    const answer = await page.goto("/login/oidc");
    expect(answer!.status()).toBe(503);
    expect((await page.goto("/login"))!.status()).toBe(200);
  });
});
