import { createClient } from "redis";
import { StartError } from "./config";

export type Redis = Awaited<ReturnType<typeof openRedis>>;

/** Ours among whatever else lives in the same Redis. */
export const redisPrefix = "members-site:";

/** Above this a visitor should rather be told to try again. */
const commandMs = 3000;

/**
 * Connects, and from then on reconnects by itself. While there is no connection commands fail at once instead of
 * piling up (`disableOfflineQueue`).
 * @throws {StartError} when it cannot be reached now.
 */
export async function openRedis(url: string, log: (message: string) => void) {
  let started = false;
  let said = false;
  const client = createClient({
    url,
    disableOfflineQueue: true,
    pingInterval: 1000,
    socket: {
      connectTimeout: 3000,
      // A connection that is open but mute (a stopped server, a dropped route) is given up.
      socketTimeout: 4000,
      reconnectStrategy: (retries) => started && Math.min(100 * (retries + 1), 1000),
    },
  });
  client.on("error", (error: Error) => {
    if (started && !said) log(`Redis is not reachable: ${reasonOf(error)}`);
    said = true;
  });
  client.on("ready", () => {
    if (started && said) log("Redis is reachable again");
    said = false;
  });
  try {
    await withinMs(5000, client.connect());
    await withinMs(commandMs, client.ping());
  } catch (error) {
    if (client.isOpen) client.destroy();
    throw new StartError(`REDIS_URL: Redis is not reachable (${reasonOf(error)})`);
  }
  started = true;
  return client;
}

/** Finishes what is under way, in bounded time. */
export async function closeRedis(client: Redis): Promise<void> {
  try {
    await withinMs(2000, client.close());
  } catch {
    if (client.isOpen) client.destroy();
  }
}

/** For `connect-redis` and `rate-limit-redis`: the commands they use, each answered or failed in bounded time. */
export function boundedCommands(client: Redis) {
  return {
    get: (key: string) => withinMs(commandMs, client.get(key)),
    set: (...args: Parameters<Redis["set"]>) => withinMs(commandMs, client.set(...args)),
    expire: (key: string, seconds: number) => withinMs(commandMs, client.expire(key, seconds)),
    del: (keys: string[]) => withinMs(commandMs, client.del(keys)),
    sendCommand: <T>(args: string[]) => withinMs(commandMs, client.sendCommand<T>(args)),
  };
}

async function withinMs<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** A refused connection is an error without a message, but with a code. */
function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message || code || String(error);
}
