import type { Server } from "node:http";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { recipe, runModule } from "../docs/pages";
import { Browser } from "../support/host";
import { guard, login, walkAsOwner, withSession, withUser } from "./host-parts";
import { hostPackages } from "./packages";

interface Fastify {
  register(plugin: unknown): Promise<void>;
  use(...handlers: unknown[]): void;
  get(path: string, handler: () => unknown): void;
  post(path: string, handler: (request: { body: unknown }) => unknown): void;
  listen(options: { port: number; host: string }): Promise<string>;
  close(): Promise<void>;
  server: Server;
}

let load: NodeJS.Require;
beforeAll(async () => {
  load = await hostPackages();
});

async function startFastify(plugin: "@fastify/express" | "@fastify/middie") {
  const app = (load("fastify") as () => Fastify)();
  const tfa = guard();
  if (plugin === "@fastify/express") {
    // The user and a login are the host's, and stand where it has them: after the session, before the gate.
    const code = recipe("docs/hosts.md", "app.register(").replace("app.use(tfa);", "ownLines();\napp.use(tfa);");
    const ownLines = () => (app.use(withUser), app.use("/login", login));
    const middleware = { "@fastify/express": load(plugin) as object };
    await runModule(code, middleware, { app, tfa, ownLines, session: withSession });
  } else {
    await app.register(load(plugin));
    app.use(tfa);
  }
  app.get("/admin", () => "behind the gate");
  app.post("/admin", ({ body }) => ({ saved: body }));
  await app.listen({ port: 0, host: "127.0.0.1" });
  onTestFinished(() => app.close());
  return { browser: () => new Browser(app.server) };
}

describe("Fastify 5", () => {
  test("is guarded through @fastify/express: set-up, code, and in", async () => {
    const { browser } = await startFastify("@fastify/express");
    await walkAsOwner(browser, {
      guarded: ["/admin?x", "/nowhere"],
      saved: { status: 200, body: { saved: { a: 1 } } },
    });
  });

  test("lets nothing pass through @fastify/middie, which has no Express", async () => {
    const { browser } = await startFastify("@fastify/middie");
    const answer = await browser().get("/admin").expect(500);
    expect(JSON.stringify(answer.body)).toContain("@fastify/express");
  });
});
