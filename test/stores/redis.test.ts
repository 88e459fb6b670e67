import { createClient, createCluster, createSentinel, RESP_TYPES } from "redis";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { TwoFactorError } from "../../src/errors";
import { redisStore } from "../../src/stores/redis";
import type { TwoFactorStore } from "../../src/stores/store";
import { freshRedis, redisForThisTest, startRedis } from "../support/services";
import { startCluster, startSentinel, type Topology } from "./redis-topologies";
import { testConformance } from "./run-conformance";

const connect = (url: string, options: Parameters<typeof createClient>[0] = {}) =>
  createClient({ ...options, url }).connect();
const next = (record = "{}", revision = "first") => ({ record, revision });

async function clientForThisTest(url?: string, options: Parameters<typeof createClient>[0] = {}) {
  const client = await connect(url ?? (await redisForThisTest()), options);
  onTestFinished(() => client.destroy());
  return client;
}

async function serverForThisTest(settings: Record<string, string>): Promise<string> {
  const server = await startRedis({ settings });
  onTestFinished(() => server.stop());
  return server.url;
}

async function allIds(store: TwoFactorStore): Promise<string[]> {
  const found: string[] = [];
  for await (const userId of store.userIds?.() ?? []) found.push(userId);
  return found;
}

describe("redisStore conforms", () => {
  let redis: Awaited<ReturnType<typeof freshRedis>>;
  let clients: [Awaited<ReturnType<typeof connect>>, Awaited<ReturnType<typeof connect>>];
  beforeAll(async () => {
    redis = await freshRedis();
    clients = [await connect(redis.url), await connect(redis.url)];
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await redis.drop();
  });
  testConformance(() => ({ clients: [redisStore(clients[0]), redisStore(clients[1])] }));
});

describe("redisStore conforms on a cluster", () => {
  let topology: Topology;
  let clusters: ReturnType<typeof createCluster>[] = [];
  beforeAll(async () => {
    topology = await startCluster();
    const rootNodes = topology.ports.map((port) => ({ url: `redis://127.0.0.1:${port}` }));
    clusters = [createCluster({ rootNodes, useReplicas: true }), createCluster({ rootNodes })];
    await Promise.all(clusters.map((cluster) => cluster.connect()));
  });
  afterAll(async () => {
    for (const cluster of clusters) cluster.destroy();
    await topology.stop();
  });
  testConformance(() => {
    const [one, other] = clusters as [ReturnType<typeof createCluster>, ReturnType<typeof createCluster>];
    return { clients: [redisStore(one), redisStore(other)] };
  });

  test("with users on every master, whatever braces their ids hold", async () => {
    const [cluster] = clusters as [ReturnType<typeof createCluster>];
    const store = redisStore(cluster, { prefix: "braces:" });
    const ids = Array.from({ length: 30 }, (_, index) => `{${index}}{x}`);
    for (const id of ids) expect(await store.compareAndSet(id, undefined, next())).toBe(true);
    expect(await allIds(store)).toEqual(ids.toSorted());
    const sizes = await Promise.all(cluster.masters.map(async (node) => (await cluster.nodeClient(node)).dbSize()));
    expect(sizes.every((size) => size > 0)).toBe(true);
  });

  test("and every master is asked whether it evicts", async () => {
    const [cluster] = clusters as [ReturnType<typeof createCluster>];
    const last = await clientForThisTest(`redis://127.0.0.1:${topology.ports[2]}`);
    await last.configSet({ maxmemory: "100mb", "maxmemory-policy": "allkeys-lru" });
    await expect(redisStore(cluster).get("a")).rejects.toThrow(/evicts keys/);
    await last.configSet({ maxmemory: "0" });
    expect(await redisStore(cluster).get("a")).toBeUndefined();
  });
});

describe("redisStore conforms behind a sentinel", () => {
  let topology: Topology;
  let sentinels: ReturnType<typeof createSentinel>[] = [];
  beforeAll(async () => {
    topology = await startSentinel();
    const options = {
      name: "main",
      sentinelRootNodes: [{ host: "127.0.0.1", port: topology.ports[0] ?? 0 }],
      replicaPoolSize: 1,
      useReplicas: true,
    };
    sentinels = [createSentinel(options), createSentinel(options)];
    await Promise.all(sentinels.map((sentinel) => sentinel.connect()));
  });
  afterAll(async () => {
    await Promise.all(sentinels.map((sentinel) => sentinel.destroy()));
    await topology.stop();
  });
  testConformance(() => {
    const [one, other] = sentinels as [ReturnType<typeof createSentinel>, ReturnType<typeof createSentinel>];
    return { clients: [redisStore(one), redisStore(other)] };
  });

  test("and reads from the master, never from the replica", async () => {
    const [master, replica] = await Promise.all(
      topology.ports.slice(1).map((port) => clientForThisTest(`redis://127.0.0.1:${port}`)),
    );
    expect(await master?.info("commandstats")).toMatch(/cmdstat_evalsha/);
    expect(await replica?.info("commandstats")).not.toMatch(/cmdstat_(eval|evalsha|hmget|scan)\b/);
  });
});

describe("a Redis that evicts keys", () => {
  const evicting = { maxmemory: "100mb", "maxmemory-policy": "allkeys-lru" };

  test("is refused by every method, and taken as soon as it is set right", async () => {
    const client = await clientForThisTest(await serverForThisTest(evicting));
    const store = redisStore(client);
    for (const call of [
      () => store.get("a"),
      () => store.compareAndSet("a", undefined, next()),
      () => store.erase?.("a"),
      () => allIds(store),
    ]) {
      const error: unknown = await call()?.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(TwoFactorError);
      expect(error).toMatchObject({ code: "MISCONFIGURED" });
      expect(String(error)).toMatch(/maxmemory-policy allkeys-lru.*: set maxmemory-policy noeviction/);
    }
    expect(await client.dbSize()).toBe(0);
    await client.configSet("maxmemory-policy", "noeviction");
    expect(await store.compareAndSet("a", undefined, next())).toBe(true);
  });

  test("is refused also when it could not be asked at first", async () => {
    const client = createClient({ url: await serverForThisTest(evicting) });
    const store = redisStore(client);
    await expect(store.get("a")).rejects.toThrow(/closed/);
    await client.connect();
    onTestFinished(() => client.destroy());
    await expect(store.get("a")).rejects.toThrow(/evicts keys/);
  });

  /** A Redis that evicts nothing yet, two stores on one client that knows it, and what each of them says. */
  async function notEvictingYet() {
    const server = await startRedis({ settings: { maxmemory: "100mb" } });
    onTestFinished(() => server.stop());
    const client = createClient({ url: server.url, socket: { reconnectStrategy: 20 } });
    client.on("error", () => undefined);
    await client.connect();
    onTestFinished(() => client.destroy());
    const stores = [redisStore(client), redisStore(client, { prefix: "other:" })];
    const isRefused = async () => {
      for (const store of stores) await expect(store.get("a")).rejects.toThrow(/evicts keys/);
    };
    const isTaken = async () => {
      for (const store of stores) expect(await store.get("a")).toBeUndefined();
    };
    await isTaken();
    return { client, url: server.url, isRefused, isTaken };
  }

  test("only later is refused within a minute", async () => {
    const { client, isRefused, isTaken } = await notEvictingYet();
    await client.configSet("maxmemory-policy", "volatile-lru");
    const now = performance.now();
    const monotonic = vi.spyOn(performance, "now").mockImplementation(() => now + 59_000);
    onTestFinished(() => monotonic.mockRestore());
    await isTaken();
    monotonic.mockImplementation(() => now + 61_000);
    await isRefused();
    await client.configSet("maxmemory-policy", "noeviction");
    await isTaken();
  });

  test("only later is refused at once after a connection was made anew", async () => {
    const { client, url, isRefused } = await notEvictingYet();
    const now = performance.now();
    const monotonic = vi.spyOn(performance, "now").mockImplementation(() => now);
    onTestFinished(() => monotonic.mockRestore());
    await client.configSet("maxmemory-policy", "allkeys-random");
    // Killed by the server, the client connects anew by itself; the clock of the check stands still meanwhile.
    const again = new Promise((resolve) => client.once("ready", resolve));
    const admin = await clientForThisTest(url);
    await admin.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    await again;
    await isRefused();
  });

  test("on a master that takes over is refused as soon as the client knows of it", async () => {
    const topology = await startSentinel();
    onTestFinished(() => topology.stop());
    const [port = 0, , replicaPort] = topology.ports;
    const sentinel = createSentinel({ name: "main", sentinelRootNodes: [{ host: "127.0.0.1", port }] });
    sentinel.on("error", () => undefined);
    await sentinel.connect();
    onTestFinished(() => sentinel.destroy());
    const store = redisStore(sentinel);
    expect(await store.get("a")).toBeUndefined();
    const replica = await clientForThisTest(`redis://127.0.0.1:${replicaPort}`);
    // It ends connections as it becomes master.
    replica.on("error", () => undefined);
    await replica.configSet({ maxmemory: "100mb", "maxmemory-policy": "allkeys-lru" });
    const admin = await clientForThisTest(`redis://127.0.0.1:${port}`);
    const changed = new Promise<void>((resolve) => {
      sentinel.on("topology-change", ({ type }: { type: string }) => type === "MASTER_CHANGE" && resolve());
    });
    await admin.sendCommand(["SENTINEL", "FAILOVER", "main"]);
    await changed;
    await expect(store.get("a")).rejects.toThrow(/evicts keys/);
  }, 60_000);

  test("without a memory limit never does, and is taken", async () => {
    const client = await clientForThisTest(await serverForThisTest({ ...evicting, maxmemory: "0" }));
    expect(await redisStore(client).get("a")).toBeUndefined();
  });

  test("and does not tell is used, with one warning a process", async () => {
    const url = await serverForThisTest({});
    const admin = await clientForThisTest(url);
    await admin.sendCommand(["ACL", "SETUSER", "app", "on", ">pass", "~*", "+@all", "-info", "-config"]);
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on("warning", listen);
    onTestFinished(() => void process.off("warning", listen));
    for (const _ of [1, 2]) {
      const store = redisStore(await clientForThisTest(url, { username: "app", password: "pass" }));
      expect(await store.get("a")).toBeUndefined();
    }
    await new Promise(setImmediate);
    expect(warnings.map(({ name, message }) => `${name}: ${message}`)).toEqual([
      expect.stringMatching(/^TwoFactorWarning: Redis does not tell its maxmemory-policy/),
    ]);
  });
});

describe("redisStore", () => {
  test("goes on when the server has forgotten its scripts", async () => {
    const client = await clientForThisTest();
    const store = redisStore(client);
    expect(await store.compareAndSet("a", undefined, next())).toBe(true);
    await client.scriptFlush();
    expect(await store.compareAndSet("a", "first", next("{}", "second"))).toBe(true);
    await client.scriptFlush();
    expect(await store.get("a")).toEqual(next("{}", "second"));
  });

  test("passes a fault on, and works again when the server is back", async () => {
    await using server = await startRedis({ appendonly: true });
    const client = createClient({ url: server.url, disableOfflineQueue: true, socket: { reconnectStrategy: 20 } });
    client.on("error", () => undefined);
    const store = redisStore(client);
    await expect(store.get("a")).rejects.toThrow(/closed/);
    await client.connect();
    await store.compareAndSet("a", undefined, next());
    await server.kill9();
    await expect(store.compareAndSet("a", "first", next())).rejects.toThrow(/closed|offline/i);
    await server.restart();
    while (!client.isReady) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await store.get("a")).toEqual(next());
    client.destroy();
  });

  test("keeps two prefixes apart, whatever characters they hold", async () => {
    const client = await clientForThisTest();
    const prefixes = ["two-factor:", "two-factor*", "two-factor?", "[two]:", "\\*:", "a^b-"];
    for (const prefix of prefixes) await redisStore(client, { prefix }).compareAndSet(prefix, undefined, next());
    for (const prefix of prefixes) expect(await allIds(redisStore(client, { prefix }))).toEqual([prefix]);
    await expect(async () => redisStore(client, { prefix: "" })).rejects.toThrow(/at least one character/);
  });

  test("works through a client with a key prefix of its own, or with answers in Buffers", async () => {
    const url = await redisForThisTest();
    const mapping = { commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } } };
    for (const options of [{ keyPrefix: "app*:" }, mapping, { RESP: 2 as const }]) {
      const client = await clientForThisTest(url, options);
      const store = redisStore(client);
      expect(await store.get("é")).toBeUndefined();
      expect(await store.compareAndSet("é", undefined, next('{"é":1}'))).toBe(true);
      expect(await store.get("é")).toEqual(next('{"é":1}'));
      expect(await allIds(store)).toEqual(["é"]);
      await client.flushDb();
    }
  });

  test("refuses a key that holds half a record, as nothing stored would mean no second factor", async () => {
    const client = await clientForThisTest();
    await client.hSet("two-factor:a", "record", "{}");
    await expect(redisStore(client).get("a")).rejects.toThrow(/something else than a record/);
    await client.set("two-factor:b", "text");
    await expect(redisStore(client).get("b")).rejects.toThrow(/WRONGTYPE/);
    await expect(redisStore(client).compareAndSet("b", undefined, next())).rejects.toThrow(/WRONGTYPE/);
  });
});
