import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import { ensureServices } from "../../scripts/services.mjs";
import { startRedis } from "../support/services";
import { onFreePort, startProcess } from "../../scripts/servers.mjs";

const SLOTS = 16_384;

export interface Topology {
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

/** Three masters, a third of the slots each. */
export async function startCluster(): Promise<Topology> {
  const start = async () =>
    // The bus is by default 10,000 ports above, which may be no port.
    startRedis({
      settings: {
        "cluster-enabled": "yes",
        databases: "1",
        "cluster-port": String(await onFreePort(async (port) => port)),
      },
    });
  const nodes = await Promise.all([start(), start(), start()]);
  const clients = await Promise.all(nodes.map(({ url }) => createClient({ url }).connect()));
  for (const [index, client] of clients.entries()) {
    const [from, to] = [index, index + 1].map((part) => Math.floor((part * SLOTS) / nodes.length)) as [number, number];
    await client.sendCommand(["CLUSTER", "ADDSLOTSRANGE", String(from), String(to - 1)]);
  }
  const [first, ...others] = clients;
  for (const [index, other] of others.entries()) {
    const { "cluster-port": bus } = await other.configGet("cluster-port");
    await first?.sendCommand(["CLUSTER", "MEET", "127.0.0.1", String(nodes[index + 1]?.port), String(bus)]);
  }
  for (const client of clients) {
    await until(async () => {
      const info = await client.sendCommand<string>(["CLUSTER", "INFO"]);
      return info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${nodes.length}`);
    });
    client.destroy();
  }
  return {
    ports: nodes.map(({ port }) => port),
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
}

/** A master, a replica of it, and a sentinel that watches both. `ports`: sentinel, master, replica. */
export async function startSentinel(): Promise<Topology> {
  const master = await startRedis();
  const replica = await startRedis({ settings: { replicaof: `127.0.0.1 ${master.port}` } });
  // Only then: a sentinel that meets a replica too early looks again after ten seconds.
  const joining = await createClient({ url: replica.url }).connect();
  await until(async () => (await joining.info("replication")).includes("master_link_status:up"));
  joining.destroy();
  const directory = await mkdtemp(join(tmpdir(), "two-factor-sentinel-"));
  const { redisServer } = ensureServices();
  const sentinel = await onFreePort(async (port) => {
    const file = join(directory, "sentinel.conf");
    await writeFile(
      file,
      `port ${port}\nbind 127.0.0.1\ndir ${directory}\nsentinel monitor main 127.0.0.1 ${master.port} 1\n`,
    );
    const command = [redisServer, file, "--sentinel"];
    return { port, server: await startProcess(command, { ready: /\+monitor master/, cwd: directory, endsBy: "KILL" }) };
  });
  const client = await createClient({ url: `redis://127.0.0.1:${sentinel.port}` }).connect();
  await until(async () => {
    const replicas = await client.sendCommand<unknown>(["SENTINEL", "REPLICAS", "main"]);
    return JSON.stringify(replicas).includes('"master-link-status":"ok"');
  });
  client.destroy();
  return {
    ports: [sentinel.port, master.port, replica.port],
    async stop() {
      await sentinel.server.end("SIGTERM");
      await Promise.all([replica.stop(), master.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function until(ready: () => Promise<boolean>): Promise<void> {
  while (!(await ready())) await new Promise((resolve) => setTimeout(resolve, 50));
}
