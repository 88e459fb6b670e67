import type { NextFunction, Request, Response } from "express";
import { describe, expect, test } from "vitest";
import { recipe, run } from "../docs/pages";
import { Browser, makeApp } from "../support/host";
import { listening } from "../support/sockets";
import { fillIn, guard, login, setUpByPages, withSession, withUser } from "./host-parts";

describe.each([4, 5] as const)("on Express %i", (version) => {
  /** As admin panels have it: all of it below a path, and a link that signs out. */
  async function startPanel(): Promise<Browser> {
    const app = makeApp(version);
    app.use(withSession(), withUser);
    const tfa = guard({ loginPath: "/panel/sign-in", logoutPath: "/panel/logout", allow: ["/panel/session"] });
    run(recipe("docs/hosts.md", 'app.all("/panel/logout"'), { app, tfa });
    app.get("/panel/sign-in", (_req, res) => void res.send("the panel's login"));
    app.post("/login", login);
    app.get("/panel/logout", (req: Request, res: Response, next: NextFunction) => {
      req.session.destroy((error) => (error ? next(error) : res.redirect("/panel/sign-in")));
    });
    app.use(tfa);
    app.post("/panel/session", login);
    app.use((_req, res) => void res.send("behind the gate"));
    return new Browser(await listening(app));
  }

  test("a logout by GET takes our “Sign out” too, whoever owes a code or has given it", async () => {
    const browser = await startPanel();
    await browser.login();
    await setUpByPages(browser);
    await browser.visit("/panel").expect(200);
    const left = await fillIn(browser, "/two-factor", "/panel/logout", {});
    expect([left.status, left.headers["location"]]).toEqual([303, "/panel/logout"]);
    await browser.visit("/panel/logout").expect(302).expect("location", "/panel/sign-in");
    await browser.get("/two-factor").expect(401);

    await browser.login();
    await browser.visit("/panel").expect(303).expect("location", "/two-factor/verify");
    expect((await browser.visit("/two-factor/verify")).text).toContain('action="/panel/logout"');
    await browser.visit("/panel/logout").expect(302);
    await browser.get("/two-factor").expect(401);
  });

  test("a login at another path than `loginPath` is reached by who owes a code, and nothing beside it", async () => {
    const browser = await startPanel();
    await browser.login();
    await browser.visit("/panel/sign-in").expect(200, "the panel's login");
    await browser.agent.post("/panel/session").send({ id: "2" }).expect(200);
    for (const path of ["/panel/sign-in/x", "/panel/sessions", "/login/x"]) await browser.get(path).expect(403);
  });
});
