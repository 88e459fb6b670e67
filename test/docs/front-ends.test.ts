import { describe, expect, test, vi, beforeEach, afterEach } from "vitest";
import * as client from "../../src/client";
import { failOnDeath } from "../support/deaths";
import { sendRaw } from "../support/raw";
import type { Server } from "node:http";
import type { Browser } from "../support/host";
import { cookieOf, portOf } from "../support/sockets";
import { browserOf, RecipeApp } from "./app";
import { recipe, run, runModule } from "./pages";

const page = "docs/front-ends.md";
const login = recipe(page, "tfa.pending");

failOnDeath();
beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => undefined));
afterEach(() => void vi.restoreAllMocks());

async function startSite(version: 4 | 5) {
  const site = new RecipeApp(version);
  const { app } = site;
  const tfa = site.twoFactor({
    path: "/auth/2fa",
    needTwoFactorAuthentication: ({ superAdmin }) => superAdmin === true,
  });
  app.use(site.session(), site.passport.session(), site.express.json());
  const signIn = site.login();
  // Rejects as the host's own would: nobody has this password.
  const yourLogin = (req: Parameters<typeof signIn>[0]) =>
    new Promise<void>((resolve, reject) => {
      const failed = { status: () => ({ end: () => reject(Object.assign(new Error("wrong"), { status: 401 })) }) };
      void signIn(req, { ...failed, json: () => resolve() } as never, reject);
    });
  run(login, { app, tfa, yourLogin });
  app.get("/", (_req, res) => void res.send("home"));
  const server = await site.listen();
  return { site, server, browser: browserOf(server) };
}

describe.each([4, 5] as const)("the login of docs/front-ends.md on Express %i", (version) => {
  test("says what is owed", async () => {
    const { browser } = await startSite(version);
    const owes = { requiresOtp: false, requiresOtpSetup: true, next: "/auth/2fa/setup" };
    expect((await browser.post("/login", { id: "1" }).expect(200)).body).toMatchObject(owes);
    await browser.enrol("/auth/2fa");
    const asks = { requiresOtp: false, requiresOtpSetup: false };
    expect((await browser.post("/login", { id: "2" }).expect(200)).body).toMatchObject(asks);
  });

  test("with its stores down is an error for its user, and no end of the process", async () => {
    const { site, browser } = await startSite(version);
    site.faults.store = true;
    await browser.post("/login", { id: "1" }).expect(503);
    site.faults.store = false;
    await browser.post("/login", { id: "1" }).expect(200);
    site.faults.session = true;
    await browser.post("/login", { id: "1" }).expect(500);
  });

  test.each([{}, { id: null }, { id: { $ne: 1 } }, "{"])("survives %j as its first request", async (body) => {
    const { browser, server } = await startSite(version);
    const { status } = await browser.agent.post("/login").type("json").send(body);
    expect([400, 401]).toContain(status);
    await sendRaw(server, ["POST http://[/login HTTP/1.1"]);
    await browser.post("/login", { id: "1" }).expect(200);
  });
});

/** Somebody with a client of the library's, whose cookies it sends. */
const clientFor = (server: Server, browser: Browser, options: client.TwoFactorClientOptions) =>
  client.twoFactorClient({
    ...options,
    fetch: ((url: string, init: RequestInit) =>
      fetch(`http://127.0.0.1:${portOf(server)}${url}`, {
        ...init,
        headers: { ...(init.headers as Record<string, string>), cookie: cookieOf(browser) },
      })) as never,
  });

test("the last recovery code of docs/front-ends.md shows new ones; any other leads on", async () => {
  const { server, browser } = await startSite(5);
  await browser.post("/login", { id: "1" }).expect(200);
  await browser.enrol("/auth/2fa");
  const use = async (code: string) => {
    const [again, seen] = [browserOf(server), [] as unknown[][]];
    await again.post("/login", { id: "1" }).expect(200);
    const twoFactor = clientFor(server, again, { path: "/auth/2fa" });
    const showOnce = (...shown: unknown[]) => void seen.push(shown);
    const location = { assign: (to: string) => void seen.push([to]) };
    await runModule(recipe(page, "newRecoveryCodes"), {}, { twoFactor, code, showOnce, location });
    return seen;
  };
  const last = browser.recoveryCodes.pop()!;
  for (const code of browser.recoveryCodes) expect(await use(code)).toEqual([["/"]]);
  const [[codes, next]] = (await use(last)) as [[string[], string]];
  expect(codes).toHaveLength(10);
  expect(next).toBe("/");
});

describe.each([4, 5] as const)("the client's code of docs/front-ends.md, against Express %i", (version) => {
  test("shows what came of a code", async () => {
    const { site, server, browser } = await startSite(version);
    await browser.post("/login", { id: "1" }).expect(200);
    await browser.enrol("/auth/2fa");
    const again = browserOf(server);
    await again.post("/login", { id: "1" }).expect(200);
    const cookie = cookieOf(again);
    let origin = `http://127.0.0.1:${portOf(server)}`;
    const fetchAsBrowser = (url: string, init: RequestInit) =>
      fetch(origin + url, { ...init, headers: { ...(init.headers as Record<string, string>), cookie } });
    const shown: string[] = [];
    const made = {
      twoFactorClient: (options: client.TwoFactorClientOptions) =>
        client.twoFactorClient({ ...options, fetch: fetchAsBrowser as never }),
    };
    const use = (code: string) =>
      runModule(
        recipe(page, "import { twoFactorClient }") + recipe(page, "wordsFor"),
        { "express-two-factor/client": made },
        {
          code,
          show: (words: string) => void shown.push(words),
          location: { assign: (to: string) => void shown.push(`to ${to}`) },
        },
      );
    await use("nonsense");
    await use(again.wrongCode.call(browser));
    site.faults.store = true;
    await use(browser.code(1));
    site.faults.store = false;
    await use(browser.code(1));
    origin = "http://127.0.0.1:1";
    await use(browser.code(1));
    expect(shown).toEqual([
      "Six digits, please.",
      "Wrong code. Tries left: 2",
      expect.stringMatching(/try|again|moment/i),
      "to /",
      "You seem to be offline.",
    ]);
  });
});
