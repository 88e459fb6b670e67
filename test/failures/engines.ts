import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import { createClient } from "redis";
import { onTestFinished } from "vitest";
import type { TwoFactorStore } from "../../src";
import { mysqlStore } from "../../src/stores/mysql";
import { postgresStore } from "../../src/stores/postgres";
import { redisStore } from "../../src/stores/redis";
import { startMariadb, startPostgres, startRedis } from "../support/services";

export const engines = ["PostgreSQL", "MariaDB", "Redis"] as const;
export type Engine = (typeof engines)[number];

const start = {
  PostgreSQL: () => startPostgres({ fsync: true }),
  MariaDB: () => startMariadb({ durable: true }),
  Redis: () => startRedis({ appendonly: true }),
};

/** A server that can be killed; it keeps what it has acknowledged. */
export async function startEngine(engine: Engine) {
  const server = await start[engine]();
  onTestFinished(() => server.stop());
  return server;
}

/** A store on it, as a host makes one: it connects again by itself. */
export async function storeOn(engine: Engine, url: string): Promise<TwoFactorStore> {
  if (engine === "PostgreSQL") {
    const pool = new Pool({ connectionString: url });
    pool.on("error", () => undefined);
    onTestFinished(() => pool.end().catch(() => undefined));
    return postgresStore(pool, { createTable: true });
  }
  if (engine === "MariaDB") {
    const pool = createPool(url);
    onTestFinished(() => pool.end().catch(() => undefined));
    return mysqlStore(pool, { createTable: true });
  }
  const client = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: 100 } });
  client.on("error", () => undefined);
  await client.connect();
  onTestFinished(() => client.destroy());
  return redisStore(client);
}

export interface Wire {
  url: string;
  /** From now on nothing arrives, in either direction; connections stay open. */
  hang(): void;
  /** What is sent from now on arrives; what was held back is lost with its connection. */
  resume(): void;
  /** The next write reaches the server; its answer, and the connection, are lost. */
  loseNextAnswer(): void;
  /** Resolves when a write was sent, which does not arrive. */
  holdNextWrite(): Promise<void>;
}

/** A network in between that can fail. */
export async function startWire(serverUrl: string): Promise<Wire> {
  const target = new URL(serverUrl);
  // The statement of the SQL databases, the script of Redis.
  const isWrite = (bytes: Buffer) =>
    /INSERT|UPDATE|EVALSHA[^]*two-factor:[^]*"version"/i.test(bytes.toString("latin1"));
  let hung = false;
  let losing = false;
  let holding: (() => void) | undefined;
  const sockets = new Set<Socket>();

  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    let deaf = false;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => (near.destroy(), far.destroy(), sockets.delete(socket)));
    }
    near.on("data", (bytes) => {
      if (hung) return;
      if (holding !== undefined && isWrite(bytes)) {
        hung = true;
        holding();
        return;
      }
      if (losing && isWrite(bytes)) {
        losing = false;
        deaf = true;
      }
      far.write(bytes);
    });
    far.on("data", (bytes) => {
      if (deaf) return void near.destroy();
      if (!hung) near.write(bytes);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    dropAll();
    server.close();
  });

  const url = new URL(serverUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    hang: () => void (hung = true),
    resume() {
      hung = false;
      holding = undefined;
      dropAll();
    },
    loseNextAnswer: () => void (losing = true),
    holdNextWrite: () => new Promise((resolve) => (holding = resolve)),
  };
}
