import type { Server } from "node:http";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Browser } from "../support/host";
import { guard, login, withSession, withUser } from "./host-parts";
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
  await app.register(load(plugin));
  const tfa = guard();
  if (plugin === "@fastify/express") {
    app.use(withSession());
    app.use(withUser);
    app.use("/login", login);
  }
  app.use(tfa);
  app.get("/admin", () => "behind the gate");
  app.post("/admin", ({ body }) => ({ saved: body }));
  await app.listen({ port: 0, host: "127.0.0.1" });
  onTestFinished(() => app.close());
  return { browser: () => new Browser(app.server) };
}

describe("Fastify 5", () => {
  test("is guarded through @fastify/express: set-up, code, and in", async () => {
    const { browser } = await startFastify("@fastify/express");
    const owner = browser();
    await owner.login();
    for (const path of ["/admin", "/admin?x", "/%61dmin", "/nowhere"]) await owner.get(path).expect(403);
    await owner.post("/admin", { a: 1 }).expect(403);
    await owner.visit("/admin?a=1").expect(303).expect("location", "/two-factor/setup");
    await owner.enrol();
    await owner.visit("/admin").expect(200, "behind the gate");
    await owner.post("/admin", { a: 1 }).expect(200, { saved: { a: 1 } });

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

  test("lets nothing pass through @fastify/middie, which has no Express", async () => {
    const { browser } = await startFastify("@fastify/middie");
    const answer = await browser().get("/admin").expect(500);
    expect(JSON.stringify(answer.body)).toContain("@fastify/express");
  });
});
