import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { createServer, connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { databaseForThisTest, redisForThisTest } from "../support/services";
import { directoryForThisTest, key, runApp, startApp } from "./support";

// The embedded database is a whole PostgreSQL to start: seconds, and many more on a machine that is busy.
vi.setConfig({ testTimeout: 120_000 });

/** What starts without it. */
const quick = async () => ({
  ...key,
  DATA_DIR: await directoryForThisTest(),
  REDIS_URL: await redisForThisTest(),
  TWO_FACTOR_STORE: "redis",
});

const login = (url: string, cookie?: string) =>
  fetch(`${url}/login`, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", ...(cookie && { Cookie: cookie }) },
    body: JSON.stringify({ email: "guest@example.com", password: "correct horse battery staple" }),
  });

const cookieOf = (answer: Response) => answer.headers.getSetCookie()[0]!.split(";")[0]!;

describe("with nothing but a data directory", () => {
  test("it says where it listens, whose accounts there are, and that it made a key", async () => {
    const DATA_DIR = await directoryForThisTest();
    const app = await startApp({ DATA_DIR });
    const health = await fetch(`${app.url}/healthz`);
    expect([health.status, await health.text()]).toEqual([200, "ok"]);
    expect(app.output()).toMatch(/^Listening on http:\/\/127\.0\.0\.1:\d+$/m);
    for (const said of [
      "super@example.com",
      "correct horse battery staple",
      "OTP_SECRET_ENCRYPTION_KEY is not set",
      join(DATA_DIR, "mail"),
    ]) {
      expect(app.output()).toContain(said);
    }
    const keyFile = join(DATA_DIR, "otp-secret-encryption-key");
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
    expect(app.output()).not.toContain((await readFile(keyFile, "utf8")).trim());
    expect(await app.end("SIGTERM")).toBe(0);
  });

  test("a second process on the same directory is refused in one line, and one after a kill -9 starts", async () => {
    const DATA_DIR = await directoryForThisTest();
    const first = await startApp({ DATA_DIR });
    const second = await runApp({ DATA_DIR });
    expect(second.code).toBe(1);
    expect(second.output.trim()).toBe(
      `DATA_DIR ${DATA_DIR} is in use by process ${first.child.pid}; stop it, or set another DATA_DIR (or DATABASE_URL)`,
    );
    expect((await fetch(`${first.url}/healthz`)).status).toBe(200);
    await first.end("SIGKILL");
    const third = await startApp({ DATA_DIR });
    expect(await third.end("SIGINT")).toBe(0);
  });
});

describe("stopping", () => {
  test("finishes the request that is under way, and takes no new ones", async () => {
    const app = await startApp(await quick());
    const { port, hostname } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    const body = JSON.stringify({ email: "guest@example.com", password: "correct horse battery staple" });
    socket.write(
      `POST /login HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await after(200);
    const ended = app.end("SIGTERM");
    await after(300);
    await expect(fetch(`${app.url}/healthz`)).rejects.toThrow("fetch failed");
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk.toString()));
    socket.write(body);
    expect(await ended).toBe(0);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  test("does not wait for idle connections, nor for ever", async () => {
    const app = await startApp(await quick());
    await (await fetch(`${app.url}/healthz`)).text(); // fetch keeps its connection
    const start = Date.now();
    expect(await app.end("SIGTERM")).toBe(0);
    expect(Date.now() - start).toBeLessThan(8000);
  });
});

describe("what the operator must mend is said in one message, with exit code 1", () => {
  test.each([
    [
      { DATABASE_URL: "postgres://127.0.0.1:1/none" },
      /^DATABASE_URL: PostgreSQL is not reachable \(.*ECONNREFUSED.*\)$/,
    ],
    [{ REDIS_URL: "redis://127.0.0.1:1" }, /^REDIS_URL: Redis is not reachable \(.*ECONNREFUSED.*\)$/],
    [{ TWO_FACTOR_STORE: "redis", HOST: "192.0.2.1" }, /Cannot listen on 192\.0\.2\.1, port 0: .*EADDRNOTAVAIL/],
    [
      { TWO_FACTOR_STORE: "redis", REDIS_URL: "", PORT: "x" },
      /PORT must be .*\n.*TWO_FACTOR_STORE=redis needs REDIS_URL$/,
    ],
  ])("%j", async (variables, message) => {
    const { code, output } = await runApp({ ...(await quick()), TWO_FACTOR_STORE: "postgres", ...variables });
    expect(code).toBe(1);
    expect(output.trim()).toMatch(message);
    expect(output).not.toMatch(/^\s+at /m);
  });

  test("a port in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { code, output } = await runApp({ ...(await quick()), PORT: String(port) });
    server.close();
    expect(code).toBe(1);
    expect(output).toContain(`PORT ${port} on 127.0.0.1 is in use; set another PORT`);
  });
});

describe("several processes on one Redis and one database", () => {
  test("share sessions and the limit of failed logins, each with a data directory of its own", async () => {
    const shared = { ...key, REDIS_URL: await redisForThisTest(), DATABASE_URL: await databaseForThisTest() };
    const one = await startApp({ ...shared, DATA_DIR: await directoryForThisTest() });
    const other = await startApp({ ...shared, DATA_DIR: await directoryForThisTest() });
    const cookie = cookieOf(await login(one.url));
    const me = await fetch(`${other.url}/api/me`, { headers: { Cookie: cookie } });
    expect([me.status, await me.json()]).toEqual([
      200,
      { id: "4", email: "guest@example.com", name: "Gus Guest", has2FA: false },
    ]);

    const wrong = (url: string) =>
      fetch(`${url}/login`, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams({ email: "member@example.com", password: "wrong" }),
      });
    const statuses: number[] = [];
    for (const url of [one.url, other.url, one.url, other.url, one.url, other.url])
      statuses.push((await wrong(url)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect([await one.end(), await other.end()]).toEqual([0, 0]);
  });

  test("may share a data directory, for no database is embedded in it", async () => {
    const shared = {
      ...key,
      REDIS_URL: await redisForThisTest(),
      TWO_FACTOR_STORE: "redis",
      DATA_DIR: await directoryForThisTest(),
    };
    const [one, other] = [await startApp(shared), await startApp(shared)];
    const cookie = cookieOf(await login(one.url));
    expect((await fetch(`${other.url}/api/me`, { headers: { Cookie: cookie } })).status).toBe(200);
  });
});
