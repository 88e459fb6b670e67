import type express from "express";
import { afterEach, beforeEach, describe, test, vi } from "vitest";
import { failOnDeath } from "../support/deaths";
import { sendRaw } from "../support/raw";
import { browserOf, RecipeApp } from "./app";
import { recipe, run } from "./pages";

failOnDeath();
beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => undefined));
afterEach(() => void vi.restoreAllMocks());

async function startSite(version: 4 | 5) {
  const site = new RecipeApp(version);
  const { app } = site;
  const modules: Record<string, unknown> = {
    "express-two-factor": { twoFactor: site.twoFactor },
    "express-two-factor/stores/postgres": { postgresStore: () => site.store },
  };
  // A login is the host's, and stands where it has one: after the session, before the gate.
  const code = recipe("README.md", "app.use(tfa)").replace(/^app\.use\(tfa\);/m, "login();\napp.use(tfa);");
  run(code, {
    app,
    require: (name: string) => modules[name],
    pool: {},
    session: site.session,
    passport: site.passport,
    login: () => app.post("/login", site.express.json(), site.login()),
    yourLogout: (req: express.Request, res: express.Response, next: express.NextFunction) =>
      req.logout((error) => (error ? next(error) : res.json({ ok: true }))),
  });
  app.get("/page", (_req, res) => void res.send("behind the gate"));
  const server = await site.listen();
  return { site, server, browser: browserOf(server) };
}

const signIn = async ({ browser }: Awaited<ReturnType<typeof startSite>>, id: string) => {
  await browser.agent.post("/login").send({ id }).expect(200);
  return browser;
};

describe.each([4, 5] as const)("the quickstart of the README on Express %i", (version) => {
  test("asks super admins, and lets them out", async () => {
    const browser = await signIn(await startSite(version), "1");
    await browser.get("/page").expect(403);
    await browser.enrol();
    await browser.get("/page").expect(200);
    await browser.post("/logout").expect(200);
  });

  test("bothers nobody else", async () => {
    const browser = await signIn(await startSite(version), "2");
    await browser.get("/page").expect(200);
  });

  test("with its stores down lets nobody in, and goes on", async () => {
    const started = await startSite(version);
    const browser = await signIn(started, "1");
    await browser.enrol();
    const { faults } = started.site;
    const half = browserOf(started.server);
    await half.agent.post("/login").send({ id: "1" }).expect(200);
    faults.store = true;
    await half.get("/page").expect(503);
    await half.post("/two-factor/verify", { code: browser.code(1) }).expect(503);
    faults.store = false;
    faults.session = true;
    await browser.get("/page").expect(500);
    await browser.post("/logout").expect(500);
    faults.session = false;
    await browser.get("/page").expect(200);
    faults.store = true;
    await browser.post("/logout").expect(200);
  });

  test.each(["http://[/page", "//[/two-factor", "/two-factor/%ff", "/\\[", "*"])(
    "survives %s as its first request",
    async (target) => {
      const started = await startSite(version);
      for (const method of ["GET", "POST"]) await sendRaw(started.server, [`${method} ${target} HTTP/1.1`]);
      const browser = await signIn(started, "1");
      await browser.get("/page").expect(403);
    },
  );
});
