import { Pool, type PoolConfig } from "pg";
import { onTestFinished } from "vitest";
import { databaseForThisTest } from "../support/services";

const connections = new WeakMap<Pool, Set<unknown>>();

/** A pool whose connections can be waited for. */
export function newPool(config: PoolConfig): Pool {
  const pool = new Pool(config);
  const open = new Set<unknown>();
  pool.on("connect", (connection) => open.add(connection));
  pool.on("remove", (connection) => open.delete(connection));
  connections.set(pool, open);
  return pool;
}

/** Ends a pool and waits for its connections: `pool.end()` does not, and a database dropped meanwhile cuts them off. */
export async function endPool(pool: Pool): Promise<void> {
  await pool.end();
  while (connections.get(pool)?.size) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A pool that ends with the test, on a database of the test's own unless told otherwise. */
export async function poolForThisTest(config: PoolConfig = {}): Promise<Pool> {
  const pool = newPool({ ...config, connectionString: config.connectionString ?? (await databaseForThisTest()) });
  onTestFinished(() => endPool(pool));
  return pool;
}
