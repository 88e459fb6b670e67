import type { Server } from "node:http";
import type { RequestHandler } from "express";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Browser } from "../support/host";
import { guard, login, withSession, withUser } from "./host-parts";
import { hostPackages } from "./packages";

interface Nest {
  use(...handlers: unknown[]): void;
  listen(port: number, host: string): Promise<void>;
  getHttpServer(): Server;
  close(): Promise<void>;
}
type Decorate = (...target: unknown[]) => unknown;
interface Consumer {
  apply(...handlers: RequestHandler[]): { forRoutes(...routes: unknown[]): void };
}

let load: NodeJS.Require;
beforeAll(async () => {
  load = await hostPackages();
  load("reflect-metadata");
});

type Mount = "app.use" | "forRoutes";

/** A Nest app on Express, written without decorators' syntax, which this repository's TypeScript does not compile. */
async function startNest(mount: Mount) {
  const { NestFactory } = load("@nestjs/core") as {
    NestFactory: { create(module: unknown, options: object): Promise<Nest> };
  };
  const { Body, Controller, Get, Module, Post } = load("@nestjs/common") as Record<
    string,
    (...args: unknown[]) => Decorate
  >;
  const tfa = guard();

  class Pages {
    show() {
      return "behind the gate";
    }
    save(body: object) {
      return { saved: body };
    }
  }
  const methodOf = (name: "show" | "save") => Object.getOwnPropertyDescriptor(Pages.prototype, name);
  Get!(["admin", "admin/*rest"])(Pages.prototype, "show", methodOf("show"));
  Post!("admin")(Pages.prototype, "save", methodOf("save"));
  Body!()(Pages.prototype, "save", 0);
  Controller!()(Pages);

  class App {
    configure(consumer: Consumer) {
      if (mount === "forRoutes") consumer.apply(tfa).forRoutes("{*all}");
    }
  }
  Module!({ controllers: [Pages] })(App);

  const app = await NestFactory.create(App, { logger: false });
  app.use(withSession(), withUser);
  app.use("/login", login);
  if (mount === "app.use") app.use(tfa);
  await app.listen(0, "127.0.0.1");
  onTestFinished(() => app.close());
  return { tfa, browser: () => new Browser(app.getHttpServer()) };
}

describe.each(["app.use", "forRoutes"] as const)("NestJS 11, by %s", (mount) => {
  test("is guarded: set-up, code, and in", async () => {
    const { browser } = await startNest(mount);
    const owner = browser();
    await owner.login();
    for (const path of ["/admin", "/admin/", "/admin/x", "/%61dmin"]) await owner.get(path).expect(403);
    await owner.post("/admin", { a: 1 }).expect(403);
    await owner.visit("/admin?a=1").expect(303).expect("location", "/two-factor/setup");
    await owner.enrol();
    await owner.visit("/admin").expect(200, "behind the gate");
    await owner.post("/admin", { a: 1 }).expect(201, { saved: { a: 1 } });

    const other = browser();
    await other.login();
    await other.visit("/admin?a=1").expect(303).expect("location", "/two-factor/verify");
    expect((await other.visit("/two-factor/verify").expect(200)).text).toContain('action="/two-factor/verify"');
    await other.submit("/two-factor/verify", { code: owner.wrongCode() }).expect(422);
    await other
      .submit("/two-factor/verify", { code: owner.code(1) })
      .expect(303)
      .expect("location", "/admin?a=1");
    await other.visit("/admin").expect(200);
  });

  test("lets nothing of ours fall through to the host", async () => {
    const { browser } = await startNest(mount);
    await browser()
      .get("/two-factor/nothing")
      .expect(404)
      .expect("content-type", /problem\+json/);
    await browser().get("/two-factor").expect(401);
  });
});
