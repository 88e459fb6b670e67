import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type express from "express";
import { failOnDeath } from "../support/deaths";
import { sendRaw } from "../support/raw";
import { browserOf, findUser, RecipeApp } from "./app";
import { recipe, run } from "./pages";

const page = "docs/other-ways-in.md";
const code = ["tfa.watch", "byToken", "/feeds", "provider.callback"].map((text) => recipe(page, text));
// The tokens' page and the provider's both say where the gate is: once is enough here.
const [watch, tokensCode, basic, provider] = code as [string, string, string, string];

interface Token {
  userId: string;
  isProven: boolean;
}

failOnDeath();
const warned = vi.fn<(warning: unknown) => void>();
beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  vi.spyOn(process, "emitWarning").mockImplementation(warned as never);
});
afterEach(() => {
  vi.restoreAllMocks();
  warned.mockReset();
});

async function startSite(version: 4 | 5) {
  const site = new RecipeApp(version);
  const { app, faults } = site;
  const kept = new Map<string, Token>();
  const tokens = {
    make: async (token: Token) => {
      const text = `token-${kept.size}`;
      kept.set(text, token);
      return text;
    },
    find: async (text: string) => kept.get(text),
    deleteOf: async (userId: string) => {
      for (const [text, token] of kept) if (token.userId === userId) kept.delete(text);
    },
  };
  const userByBasic = async (req: express.Request) =>
    findUser(
      Buffer.from((req.get("authorization") ?? "").replace("Basic ", ""), "base64")
        .toString()
        .split(":")[0],
    );
  const identityProvider = {
    callback: () => (req: express.Request, res: express.Response) =>
      res.send(req.user === undefined ? "tokens" : "a code for the other app"),
  };
  // `tfa` is there before the first line that uses it, as in a file of its own.
  const [options, rest] = tokensCode.split("/** Whether") as [string, string];
  const ordered = [options, watch, `/** Whether${rest}`.replace("app.use(tfa);", `login();\n${basic}\napp.use(tfa);`)];
  run([...ordered, provider.replace("app.use(tfa);", "")].join("\n"), {
    app,
    session: site.session,
    passport: site.passport,
    twoFactor: site.twoFactor,
    login: () => {
      app.post("/login", site.express.json(), site.login());
      app.post("/logout", site.tfa!.logout, (req, res, next) =>
        req.logout((error: unknown) => (error ? next(error) : res.json({ out: true }))),
      );
    },
    tokens,
    findUser: (id: unknown) => (faults.session ? Promise.reject(new Error("down")) : findUser(id)),
    userByBasic,
    serveFeeds: (_req: unknown, res: express.Response) => res.send("feeds"),
    provider: identityProvider,
  });
  app.get("/api", (req, res) => void res.json({ user: (req.user as { id: string }).id }));
  const server = await site.listen();
  return { site, server, kept, browser: () => browserOf(server) };
}

type Site = Awaited<ReturnType<typeof startSite>>;

async function signedIn(site: Site, id: string, enrol: boolean) {
  const browser = site.browser();
  await browser.agent.post("/login").send({ id }).expect(200);
  if (enrol) await browser.enrol();
  return browser;
}

const by = (token: string) => ({ authorization: `Bearer ${token}` });
const basicOf = (id: string) => ({ authorization: `Basic ${Buffer.from(`${id}:password`).toString("base64")}` });

describe.each([4, 5] as const)("the recipes of docs/other-ways-in.md on Express %i", (version) => {
  test("a token made with a second factor opens, without a session", async () => {
    const site = await startSite(version);
    const owner = await signedIn(site, "1", true);
    const { body } = await owner.post("/tokens").expect(201);
    const { token } = body as { token: string };
    const answer = await site.browser().agent.get("/api").set(by(token)).expect(200, { user: "1" });
    expect(answer.headers["set-cookie"]).toBeUndefined();
    await site.browser().agent.post("/tokens").set(by(token)).set("accept", "application/json").expect(403);
  });

  test("a logout by token is answered, ends nothing of anybody else's, and makes no session", async () => {
    const site = await startSite(version);
    const owner = await signedIn(site, "1", true);
    const { body } = await owner.post("/tokens").expect(201);
    const { token } = body as { token: string };
    const answer = await owner.agent.post("/logout").set(by(token)).expect(200, { out: true });
    expect(answer.headers["set-cookie"]).toBeUndefined();
    await owner.get("/api").expect(200, { user: "1" });
  });

  test("nobody makes a token who owes a proof, and none opens that is not known", async () => {
    const site = await startSite(version);
    const half = await signedIn(site, "1", false);
    await half.post("/tokens").expect(403);
    for (const token of ["unknown", "", "Bearer", "__proto__"]) {
      const { status } = await site.browser().agent.get("/api").set(by(token)).set("accept", "application/json");
      expect([401, 500]).toContain(status);
    }
  });

  test("a token from before the second factor opens nothing any more", async () => {
    const site = await startSite(version);
    site.kept.set("old", { userId: "2", isProven: false });
    site.kept.set("never", { userId: "1", isProven: false });
    await site.browser().agent.get("/api").set(by("old")).expect(200, { user: "2" });
    await site.browser().agent.get("/api").set(by("never")).expect(403);
    await signedIn(site, "2", true);
    await site.browser().agent.get("/api").set(by("old")).expect(403);
  });

  test("a reset takes tokens along", async () => {
    const site = await startSite(version);
    const owner = await signedIn(site, "1", true);
    const { body } = await owner.post("/tokens").expect(201);
    await site.site.tfa!.reset("1", { reason: "stolen", by: "an admin" });
    await site
      .browser()
      .agent.get("/api")
      .set(by((body as { token: string }).token))
      .expect(401);
  });

  test("another's cookie has no part in a request by token, and keeps its proof", async () => {
    const site = await startSite(version);
    const owner = await signedIn(site, "1", true);
    site.kept.set("other", { userId: "2", isProven: false });
    await owner.agent.get("/api").set(by("other")).expect(200, { user: "2" });
    await owner.get("/api").expect(200, { user: "1" });
  });

  test("a password alone opens the feeds only of who has no second factor and needs none", async () => {
    const site = await startSite(version);
    await site.browser().agent.get("/feeds").set(basicOf("2")).expect(200, "feeds");
    await site.browser().agent.get("/feeds").set(basicOf("1")).expect(401);
    await site.browser().agent.get("/feeds").set(basicOf("nobody")).expect(401);
    await signedIn(site, "2", true);
    await site.browser().agent.get("/feeds").set(basicOf("2")).expect(401);
  });

  test("the provider gives out nothing for who owes a proof, and apps reach what is theirs", async () => {
    const site = await startSite(version);
    const half = await signedIn(site, "1", false);
    await half.get("/oidc/auth?client_id=app").expect(403);
    await half.enrol();
    expect((await half.get("/oidc/auth?client_id=app").expect(200)).text).toBe("a code for the other app");
    expect((await site.browser().agent.post("/oidc/token").expect(200)).text).toBe("tokens");
  });

  test("with the store down nobody is let in, and the process goes on", async () => {
    const site = await startSite(version);
    const owner = await signedIn(site, "1", true);
    site.kept.set("proven", { userId: "1", isProven: true });
    site.kept.set("old", { userId: "2", isProven: false });
    site.site.faults.store = true;
    await site.browser().agent.get("/api").set(by("old")).expect(503);
    await site.browser().agent.get("/feeds").set(basicOf("2")).expect(503);
    await owner.post("/tokens").expect(503);
    site.site.faults.store = false;
    site.site.faults.session = true;
    await site.browser().agent.get("/api").set(by("proven")).expect(500);
    site.site.faults.session = false;
    await site.browser().agent.get("/api").set(by("proven")).expect(200);
  });

  test.each(["http://[/api", "//[/feeds", "/%ff", "/feeds/%", "/oidc/\\[", "*"])(
    "a hostile first request, %s, ends nothing",
    async (target) => {
      const site = await startSite(version);
      for (const authorization of ["Bearer  ", "Basic !", `Bearer ${"a".repeat(5000)}`]) {
        const { status } = await sendRaw(site.server, [`GET ${target} HTTP/1.1`, `Authorization: ${authorization}`]);
        expect(status).toBeGreaterThanOrEqual(target.startsWith("/oidc") ? 200 : 400);
      }
      await site.browser().agent.get("/feeds").set(basicOf("2")).expect(200);
    },
  );

  test("none of them is a way round by the warning of development", async () => {
    const site = await startSite(version);
    const owner = await signedIn(site, "1", true);
    await owner.post("/tokens").expect(201);
    site.kept.set("proven", { userId: "1", isProven: true });
    await site.browser().agent.get("/api").set(by("proven")).expect(200);
    await site.browser().agent.get("/feeds").set(basicOf("2")).expect(200);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(warned.mock.calls.map(([warning]) => String(warning)).filter((text) => text.includes("answered"))).toEqual(
      [],
    );
  });
});
