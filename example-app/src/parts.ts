import { join } from "node:path";
import { RedisStore as RedisLimitStore } from "rate-limit-redis";
import { redisStore } from "express-two-factor/stores/redis";
import type { Parts } from "./app";
import type { Config } from "./config";
import { makeDataDir } from "./data-dir";
import { type Database, openEmbedded, openPostgres } from "./database";
import { createMailer } from "./mail";
import { createMembers } from "./members";
import { boundedCommands, closeRedis, openRedis, type Redis, redisPrefix } from "./redis";
import { secretsOf } from "./secrets";
import { MemorySessions, redisSessions } from "./sessions";

export interface Say {
  print: (line: string) => void;
  log: (message: string) => void;
  /** The embedded database was taken by another process: going on would lose rows. */
  onLost: () => void;
}

/**
 * Opens everything that the environment names. What was opened is closed again when something else fails.
 * @throws {StartError} with one clear message.
 */
export async function openParts(
  config: Config,
  { print, log, onLost }: Say,
): Promise<Parts & { close(): Promise<void> }> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    await makeDataDir(config.dataDir);
    let redis: Redis | undefined;
    if (config.redisUrl !== undefined) {
      redis = await openRedis(config.redisUrl, log);
      closers.push(closeRedis.bind(undefined, redis));
    }
    const database = await openDatabase(config, log, onLost);
    if (database !== undefined) closers.push(() => database.close());

    const secrets = await secretsOf(config, print);
    return {
      store: database?.store ?? redisStore(redis!),
      sessionStore: redis === undefined ? new MemorySessions() : redisSessions(redis),
      sessionSecrets: secrets.session,
      limitStore: redis === undefined ? undefined : limitsIn(redis),
      encryptionKeys: secrets.encryptionKeys,
      members: createMembers(),
      mailer: await createMailer({ directory: join(config.dataDir, "mail"), appName: config.appName, print }),
      log,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** None where second factors are in Redis: members are fixed, so nothing else is kept. */
async function openDatabase(config: Config, log: Say["log"], onLost: () => void): Promise<Database | undefined> {
  if (config.twoFactorStore === "redis") return undefined;
  return config.databaseUrl === undefined
    ? openEmbedded(config.dataDir, onLost)
    : openPostgres(config.databaseUrl, log);
}

function limitsIn(redis: Redis): RedisLimitStore {
  const { sendCommand } = boundedCommands(redis);
  return new RedisLimitStore({
    prefix: `${redisPrefix}failed-logins:`,
    sendCommand: (...args) => sendCommand(args),
  });
}
