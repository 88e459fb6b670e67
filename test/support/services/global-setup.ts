import type { TestProject } from "vitest/node";
import { installedDrivers } from "../../stores/drivers";
import { startMariadb, startPostgres, startRedis } from "../../../scripts/servers.mjs";

declare module "vitest" {
  export interface ProvidedContext {
    databaseUrl: string;
    mariadbUrl: string;
    redisUrl: string;
  }
}

/** One throw-away PostgreSQL, MariaDB and Redis for the whole run; test files take their own corner of them (`fresh.ts`). */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await installedDrivers();
  const [postgres, mariadb, redis] = await Promise.all([startPostgres(), startMariadb(), startRedis()]);
  project.provide("databaseUrl", postgres.url);
  project.provide("mariadbUrl", mariadb.url);
  project.provide("redisUrl", redis.url);
  return async () => {
    await Promise.all([postgres.stop(), mariadb.stop(), redis.stop()]);
  };
}
