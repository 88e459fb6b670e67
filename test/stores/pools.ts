import { Pool, type PoolConfig } from "pg";
import { onTestFinished } from "vitest";
import { databaseForThisTest } from "../services";

/** Ends a pool and waits for its connections: `pool.end()` does not, and a database dropped meanwhile cuts them off. */
export async function endPool(pool: Pool): Promise<void> {
  const open = pool.totalCount;
  let closed = 0;
  const allClosed = new Promise<void>((resolve) => {
    pool.on("remove", () => {
      closed += 1;
      if (closed === open) resolve();
    });
  });
  await pool.end();
  if (open > 0) await allClosed;
}

/** A pool that ends with the test, on a database of the test's own unless told otherwise. */
export async function poolForThisTest(config: PoolConfig = {}): Promise<Pool> {
  const pool = new Pool({ ...config, connectionString: config.connectionString ?? (await databaseForThisTest()) });
  onTestFinished(() => endPool(pool));
  return pool;
}
