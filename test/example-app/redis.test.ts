import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as after } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { StartError } from "../../example-app/src/config";
import { boundedCommands, closeRedis, openRedis } from "../../example-app/src/redis";
import { startRedis } from "../support/services";

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
