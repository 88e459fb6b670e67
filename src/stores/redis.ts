import { createHash } from "node:crypto";
import { TwoFactorError } from "../errors";
import { evictionCheck, type ScriptRunner } from "./redis-eviction";
import type { TwoFactorStore } from "./store";

interface ScriptOptions {
  keys: string[];
  arguments: string[];
}

/** One server: what the store asks of a connection to it. */
export interface RedisNode extends ScriptRunner {
  scanIterator?(options: { MATCH: string; COUNT: number }): AsyncIterable<unknown>;
}

/** What the clients of `redis` 5 and later have in common: single, cluster and sentinel. Connected by the host. */
export interface RedisClient extends RedisNode {
  evalSha(sha: string, options: ScriptOptions): Promise<unknown>;
  del(key: string): Promise<unknown>;
  /** A cluster only. */
  readonly masters?: readonly unknown[];
  // oxlint-disable-next-line typescript/no-explicit-any -- a node's type is the client's own affair; it is handed back.
  nodeClient?(master: any): RedisNode | Promise<RedisNode>;
  // oxlint-disable-next-line typescript/no-explicit-any -- each client has its own list of events
  on?(event: any, listener: () => void): unknown;
  /** The client's own `keyPrefix`, which it adds to keys, but not to what SCAN matches and answers. */
  readonly _keyPrefix?: string | Buffer | undefined;
}

export interface RedisStoreOptions {
  /** Begins every key; by default `two-factor:`. */
  prefix?: string;
}

/** A script also for reading: it goes to the master, where HMGET might be sent to a replica or answered by a cache. */
const READ = script("return redis.call('HMGET', KEYS[1], 'record', 'revision')");
const COMPARE_AND_SET = script(`
if redis.call('HGET', KEYS[1], 'revision') ~= (ARGV[3] or false) then return 0 end
redis.call('HSET', KEYS[1], 'record', ARGV[1], 'revision', ARGV[2])
return 1`);
const SCAN_COUNT = 1000;

/**
 * Keeps one hash a user in Redis. It must not evict keys, and should write ahead (`appendonly yes`): what Redis forgets
 * is a second factor turned off. A fail-over may lose the last writes; PostgreSQL does not.
 * @throws TwoFactorError `MISCONFIGURED` from each method of a Redis that evicts keys when memory is short: also of one
 *   that begins to, within a minute.
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): TwoFactorStore {
  const prefix = options.prefix ?? "two-factor:";
  if (typeof prefix !== "string" || prefix === "") {
    throw new TwoFactorError("MISCONFIGURED", "redisStore: prefix must be a text of at least one character");
  }
  const ready = evictionCheck(client, () => nodesOf(client));
  const run = async ({ sha, text }: Script, userId: string, args: string[]): Promise<unknown> => {
    await ready();
    const call = { keys: [prefix + userId], arguments: args };
    return client.evalSha(sha, call).catch((error: unknown) => {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return client.eval(text, call);
    });
  };

  return {
    async get(userId) {
      const [record, revision] = (await run(READ, userId, [])) as unknown[];
      return isNil(record) && isNil(revision) ? undefined : { record: textOf(record), revision: textOf(revision) };
    },
    async compareAndSet(userId, expected, { record, revision }) {
      const args = expected === undefined ? [record, revision] : [record, revision, expected];
      return Number(await run(COMPARE_AND_SET, userId, args)) === 1;
    },
    async erase(userId) {
      await ready();
      await client.del(prefix + userId);
    },
    /** SCAN has no order and may repeat itself: all ids are gathered first, about 100 bytes each, and sorted. */
    async *userIds(after) {
      await ready();
      const start = `${clientPrefix(client)}${prefix}`;
      const found = new Set<string>();
      for (const node of await nodesOf(client)) {
        for await (const key of keysOf(node, start)) found.add(key.slice(start.length));
      }
      for (const userId of [...found].sort()) if (after === undefined || userId > after) yield userId;
    },
  };
}

interface Script {
  sha: string;
  text: string;
}

function script(text: string): Script {
  return { sha: createHash("sha1").update(text).digest("hex"), text };
}

async function nodesOf(client: RedisClient): Promise<readonly RedisNode[]> {
  if (client.masters === undefined || client.nodeClient === undefined) return [client];
  return Promise.all(client.masters.map(async (master) => client.nodeClient?.(master) as Promise<RedisNode>));
}

async function* keysOf(node: RedisNode, start: string): AsyncIterable<string> {
  if (node.scanIterator === undefined) {
    throw new TwoFactorError("MISCONFIGURED", "This Redis client cannot list keys (scanIterator): give another one");
  }
  const MATCH = `${start.replaceAll(/[\\*?[\]^-]/g, "\\$&")}*`;
  for await (const page of node.scanIterator({ MATCH, COUNT: SCAN_COUNT })) yield* (page as unknown[]).map(String);
}

const clientPrefix = ({ _keyPrefix: prefix }: RedisClient): string => prefix?.toString() ?? "";

/** RESP3 and RESP2, and a script's `false`, say "nothing" in their own ways. */
const isNil = (reply: unknown): boolean => reply === null || reply === undefined || reply === false;

/** A client may be set to answer in Buffers. Half a hash is no "nothing stored": that would turn a factor off. */
function textOf(reply: unknown): string {
  if (typeof reply === "string") return reply;
  if (Buffer.isBuffer(reply)) return reply.toString("utf8");
  throw new TwoFactorError("MISCONFIGURED", "A Redis key of the store holds something else than a record");
}
