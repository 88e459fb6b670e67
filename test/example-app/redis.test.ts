import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as after } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { StartError, readConfig } from "../../example-app/src/config";
import { readSecret } from "../../example-app/src/data-dir";
import { agreeByRedis, boundedCommands, closeRedis, openRedis } from "../../example-app/src/redis";
import { secretsOf } from "../../example-app/src/secrets";
import { redisForThisTest, startRedis } from "../support/services";
import { directoryForThisTest } from "./support";

const silent = () => undefined;

async function connected(url: string, log: (message: string) => void = silent) {
  const client = await openRedis(url, log);
  onTestFinished(() => closeRedis(client));
  return client;
}

describe("an outage", () => {
  test("fails commands at once, is said once, and is over when Redis is back", async () => {
    await using server = await startRedis();
    const said: string[] = [];
    const client = await connected(server.url, (message) => said.push(message));
    const commands = boundedCommands(client);
    await server.kill9();
    await after(300);
    const start = Date.now();
    await expect(commands.get("x")).rejects.toThrow("offline");
    expect(Date.now() - start).toBeLessThan(1000);
    await server.restart();
    await expect.poll(() => commands.get("x").catch(() => "down"), { timeout: 20_000 }).toBeNull();
    expect(said).toEqual([expect.stringContaining("not reachable"), "Redis is reachable again"]);
  });

  test("of a server that takes connections and never answers is noticed at the start", async () => {
    const mute = createServer().listen(0, "127.0.0.1");
    await once(mute, "listening");
    onTestFinished(() => void mute.close());
    const { port } = mute.address() as AddressInfo;
    await expect(openRedis(`redis://127.0.0.1:${port}`, silent)).rejects.toThrow(StartError);
  });

  test("of a server that falls silent fails commands in bounded time, also while others keep coming", async () => {
    await using server = await startRedis();
    const client = await connected(server.url);
    const commands = boundedCommands(client);
    await client.sendCommand(["CLIENT", "PAUSE", "60000", "ALL"]);
    const waits = Array.from({ length: 60 }, async (_, number) => {
      await after(number * 100);
      const start = Date.now();
      await expect(commands.get("x")).rejects.toThrow(Error);
      return Date.now() - start;
    });
    expect(Math.max(...(await Promise.all(waits)))).toBeLessThan(6000);
  });
});

describe("secrets that processes share", () => {
  test("are those of the first", async () => {
    const client = await connected(await redisForThisTest());
    const agreed = await Promise.all(["a", "b", "c"].map((own) => agreeByRedis(client, "secret", own)));
    expect(new Set(agreed).size).toBe(1);
  });

  test("reach the data directory, and come back from there when Redis lost them", async () => {
    const client = await connected(await redisForThisTest());
    const [dataDir, otherDir] = [await directoryForThisTest(), await directoryForThisTest()];
    const first = await secretsOf(readConfig({ DATA_DIR: dataDir }), client, silent);
    expect(await secretsOf(readConfig({ DATA_DIR: otherDir }), client, silent)).toEqual(first);
    await client.flushDb();
    expect(await secretsOf(readConfig({ DATA_DIR: otherDir }), client, silent)).toEqual(first);
  });

  test("do not replace the key of an older data directory, which still opens what it closed", async () => {
    const client = await connected(await redisForThisTest());
    const dataDir = await directoryForThisTest();
    const own = await secretsOf(readConfig({ DATA_DIR: dataDir }), undefined, silent);
    const shared = await secretsOf(readConfig({ DATA_DIR: await directoryForThisTest() }), client, silent);
    const both = await secretsOf(readConfig({ DATA_DIR: dataDir }), client, silent);
    expect(both.encryptionKeys).toBe(`${shared.encryptionKeys},${own.encryptionKeys}`);
    expect(both.session).toEqual([...shared.session, ...own.session]);
  });

  test("that the environment gives are kept nowhere", async () => {
    const client = await connected(await redisForThisTest());
    const dataDir = await directoryForThisTest();
    const key = Buffer.alloc(32, 5).toString("base64");
    const config = readConfig({ DATA_DIR: dataDir, OTP_SECRET_ENCRYPTION_KEY: key, SESSION_SECRET: "s".repeat(32) });
    expect(await secretsOf(config, client, silent)).toEqual({ encryptionKeys: key, session: ["s".repeat(32)] });
    expect(await client.dbSize()).toBe(0);
    expect(await readSecret(dataDir, "session-secret")).toBeUndefined();
  });
});
