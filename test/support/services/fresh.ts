import { randomUUID } from "node:crypto";
import { createClient } from "redis";
import { inject, onTestFinished } from "vitest";
import { mariadbSql } from "./mariadb";
import { sql } from "./postgres";

export interface FreshDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** An empty database of the run's PostgreSQL, so that test files never see each other's rows. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const server = inject("databaseUrl");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await sql(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => dropDatabase(server, name) };
}

/**
 * A pool says that it has ended before the last of its connections has; one that is cut off meanwhile fails the whole
 * run. PostgreSQL itself waits five seconds for them. Only then, for those of a killed process, force.
 */
async function dropDatabase(server: string, name: string): Promise<void> {
  const isInUse = "55006";
  await sql(server, `DROP DATABASE IF EXISTS ${name}`).catch(async (error: unknown) => {
    if ((error as { code?: string }).code !== isInUse) throw error;
    await sql(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  });
}

/** An empty database of the run's MariaDB. */
export async function freshMariadb(): Promise<FreshDatabase> {
  const server = inject("mariadbUrl");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await mariadbSql(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => mariadbSql(server, `DROP DATABASE IF EXISTS ${name}`) };
}

export interface FreshRedis {
  readonly url: string;
  drop(): Promise<void>;
}

/** Where the run's Redis counts the databases given away; it is never given away itself. */
const counterDatabase = 0;

/** An empty numbered database of the run's Redis. There are 255: give it back with `drop`. */
export async function freshRedis(): Promise<FreshRedis> {
  const server = inject("redisUrl");
  const counter = await createClient({ url: server, database: counterDatabase }).connect();
  const returned = await counter.sPop("free");
  const number = returned === null ? await counter.incr("last") : Number(returned);
  counter.destroy();
  if (number > 255) throw new Error("All 255 databases of the test Redis are in use: a test does not drop its own");

  return {
    url: `${server}/${number}`,
    async drop() {
      const client = await createClient({ url: server, database: number }).connect();
      await client.multi().flushDb().select(counterDatabase).sAdd("free", String(number)).exec();
      client.destroy();
    },
  };
}

/** For use inside one test: dropped when that test is over. */
export async function databaseForThisTest(): Promise<string> {
  const database = await freshDatabase();
  onTestFinished(() => database.drop());
  return database.url;
}

/** For use inside one test: dropped when that test is over. */
export async function redisForThisTest(): Promise<string> {
  const redis = await freshRedis();
  onTestFinished(() => redis.drop());
  return redis.url;
}
