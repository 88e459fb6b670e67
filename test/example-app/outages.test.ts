import { expect, test, vi } from "vitest";
import { databaseForThisTest, redisForThisTest, startPostgres, startRedis } from "../support/services";
import { directoryForThisTest, key, type RunningApp, startApp } from "./support";

vi.setConfig({ testTimeout: 120_000 });

const password = "correct horse battery staple";

async function signIn({ url }: RunningApp, email: string): Promise<{ status: number; cookie: string | undefined }> {
  const answer = await fetch(`${url}/login`, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams({ email, password }),
  });
  return { status: answer.status, cookie: answer.headers.getSetCookie()[0]?.split(";")[0] };
}

async function get({ url }: RunningApp, path: string, cookie = ""): Promise<number> {
  const start = Date.now();
  const { status } = await fetch(`${url}${path}`, { headers: { Cookie: cookie, Accept: "text/html" } });
  expect(Date.now() - start).toBeLessThan(15_000);
  return status;
}

test("without PostgreSQL requests are 503, and the site is back when it is", async () => {
  await using postgres = await startPostgres({ fsync: true });
  const app = await startApp({ DATA_DIR: await directoryForThisTest(), DATABASE_URL: postgres.url });
  const { cookie } = await signIn(app, "member@example.com");
  expect(await get(app, "/profile", cookie)).toBe(200);

  await postgres.kill9();
  expect(await get(app, "/profile", cookie)).toBe(503);
  expect(await get(app, "/healthz")).toBe(200);
  expect(await get(app, "/login")).toBe(200);

  await postgres.restart();
  await expect.poll(() => get(app, "/profile", cookie), { timeout: 30_000, interval: 200 }).toBe(200);
  expect(await app.end()).toBe(0);
});

test("without Redis requests are 503, and the site is back when it is, with the sessions that Redis kept", async () => {
  await using redis = await startRedis({ appendonly: true });
  const app = await startApp({
    ...key,
    DATA_DIR: await directoryForThisTest(),
    DATABASE_URL: await databaseForThisTest(),
    REDIS_URL: redis.url,
  });
  const { cookie } = await signIn(app, "guest@example.com");
  expect(await get(app, "/profile", cookie)).toBe(200);

  await redis.kill9();
  expect(await get(app, "/profile", cookie)).toBe(503);
  expect((await signIn(app, "guest@example.com")).status).toBe(503);
  expect(await get(app, "/healthz")).toBe(200);

  await redis.restart();
  await expect.poll(() => get(app, "/profile", cookie), { timeout: 30_000, interval: 200 }).toBe(200);
  expect((await signIn(app, "guest@example.com")).status).toBe(200);
  expect(await app.end()).toBe(0);
});

test("an app that lost its services still stops in good order", async () => {
  await using postgres = await startPostgres();
  await using redis = await startRedis();
  const app = await startApp({
    ...key,
    DATA_DIR: await directoryForThisTest(),
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
  });
  await postgres.kill9();
  await redis.kill9();
  expect(await get(app, "/")).toBe(200);
  expect(await app.end()).toBe(0);
});

test("second factors in Redis need no other database", async () => {
  const app = await startApp({
    ...key,
    DATA_DIR: await directoryForThisTest(),
    REDIS_URL: await redisForThisTest(),
    TWO_FACTOR_STORE: "redis",
    DATABASE_URL: "postgres://127.0.0.1:1/none",
  });
  const { cookie } = await signIn(app, "member@example.com");
  expect(await get(app, "/profile", cookie)).toBe(200);
});
