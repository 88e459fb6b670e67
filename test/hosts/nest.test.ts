import type { Server } from "node:http";
import { beforeAll, describe, onTestFinished, test } from "vitest";
import { recipe, runModule } from "../docs/pages";
import { Browser } from "../support/host";
import { guard, login, walkAsOwner, withSession, withUser } from "./host-parts";
import { hostPackages } from "./packages";

interface Nest {
  use(...handlers: unknown[]): void;
  setGlobalPrefix(prefix: string): void;
  listen(port: number, host: string): Promise<void>;
  getHttpServer(): Server;
  close(): Promise<void>;
}
type Decorate = (...target: unknown[]) => unknown;
let load: NodeJS.Require;
beforeAll(async () => {
  load = await hostPackages();
  load("reflect-metadata");
});

type Mount = "app.use" | "forRoutes";

/** A Nest app on Express, written without decorators' syntax, which this repository's TypeScript does not compile. */
async function startNest(mount: Mount, prefix?: string) {
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

  const start = async () => {
    if (mount === "forRoutes") {
      const code = recipe("docs/hosts.md", 'forRoutes("{*all}")');
      const { AppModule } = await runModule<{ AppModule: new () => object }>(code, {}, { tfa }, ["AppModule"]);
      Module!({ controllers: [Pages] })(AppModule);
      const app = await NestFactory.create(AppModule, { logger: false });
      app.use(withSession(), withUser);
      return app;
    }
    const AppModule = class {
      readonly kind = "an app's own";
    };
    Module!({ controllers: [Pages] })(AppModule);
    const known = {
      AppModule,
      NestFactory: { create: (module: unknown) => NestFactory.create(module, { logger: false }) },
      session: withSession,
      passport: { session: () => withUser },
      tfa,
    };
    const code = recipe("docs/hosts.md", "NestFactory.create");
    return (await runModule<{ app: Nest }>(code, {}, known, ["app"])).app;
  };
  const app = await start();
  app.use("/login", login);
  if (prefix !== undefined) app.setGlobalPrefix(prefix);
  await app.listen(0, "127.0.0.1");
  onTestFinished(() => app.close());
  return { tfa, browser: () => new Browser(app.getHttpServer()) };
}

describe.each(["app.use", "forRoutes"] as const)("NestJS 11, by %s", (mount) => {
  test("is guarded: set-up, code, and in", async () => {
    const { browser } = await startNest(mount);
    await walkAsOwner(browser, {
      guarded: ["/admin/", "/admin/x"],
      saved: { status: 201, body: { saved: { a: 1 } } },
    });
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

test("NestJS 11, by app.use beside a global prefix, is guarded, and its people can set up", async () => {
  const { browser } = await startNest("app.use", "api");
  const owner = browser();
  await owner.login();
  for (const path of ["/api/admin", "/api/%61dmin", "/api/admin/x", "/api/admin/"]) await owner.get(path).expect(403);
  await owner.visit("/api/admin?a=1").expect(303).expect("location", "/two-factor/setup");
  await owner.enrol();
  await owner.visit("/api/admin").expect(200, "behind the gate");
});
