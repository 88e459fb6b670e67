import type { TestProject } from "vitest/node";
import { startPostgres } from "./postgres";
import { startRedis } from "./redis";

declare module "vitest" {
  export interface ProvidedContext {
    databaseUrl: string;
    redisUrl: string;
  }
}

/** One throw-away PostgreSQL and one Redis for the whole run; test files take their own corner of them (`fresh.ts`). */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  project.provide("databaseUrl", postgres.url);
  project.provide("redisUrl", redis.url);
  return async () => {
    await Promise.all([postgres.stop(), redis.stop()]);
  };
}
