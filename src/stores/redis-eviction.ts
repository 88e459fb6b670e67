import { TwoFactorError } from "../errors";

export interface ScriptRunner {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** INFO rather than CONFIG GET: it tells both, and hosted Redis forbids CONFIG. A script, as that goes to the master. */
const INFO = "return redis.call('INFO', 'memory')";

/** A policy can be changed at any time, by `CONFIG SET` or by whoever hosts the server. */
const checkEveryMilliseconds = 60_000;

/** By which the clients of `redis` tell of a connection made anew, and so perhaps of another server or master. */
const newServerEvents = ["ready", "node-ready", "topology-change"];

interface Client {
  readonly masters?: readonly unknown[];
  // oxlint-disable-next-line typescript/no-explicit-any -- each client has its own list of events
  on?(event: any, listener: () => void): unknown;
}

/** What is known of the memory policy, and since when. */
interface Known {
  outcome?: Promise<void> | undefined;
  at: number;
  /** The cluster's masters that were asked; a fail-over gives it another list. */
  masters: unknown;
}

/** One a client, however many stores it serves: each listener of ours is one of the host's few. */
const checks = new WeakMap<object, Known>();

/**
 * Whether the client's servers evict, asked on use: at first, after a minute, and wherever the server may be another one.
 * No timer does it, which would keep the process alive.
 */
export function evictionCheck(client: Client, nodes: () => Promise<readonly ScriptRunner[]>): () => Promise<void> {
  const check = checks.get(client) ?? watched(client);
  // A new store has not seen it asked.
  check.outcome = undefined;
  return () => {
    const { masters } = client;
    const isRecent = performance.now() - check.at < checkEveryMilliseconds && check.masters === masters;
    if (check.outcome !== undefined && isRecent) return check.outcome;
    const outcome = nodes().then(requireNoEviction);
    Object.assign(check, { outcome, at: performance.now(), masters });
    outcome.catch(() => {
      if (check.outcome === outcome) check.outcome = undefined;
    });
    return outcome;
  };
}

function watched(client: Client): Known {
  const check: Known = { at: 0, masters: undefined };
  checks.set(client, check);
  for (const event of newServerEvents) client.on?.(event, () => (check.outcome = undefined));
  return check;
}

let warned = false;

/**
 * A Redis that evicts keys forgets second factors as soon as memory is short.
 * @throws TwoFactorError `MISCONFIGURED` when one of the servers does. Warns once a process when a server will not tell.
 */
async function requireNoEviction(nodes: readonly ScriptRunner[]): Promise<void> {
  for (const node of nodes) {
    const memory = await memoryOf(node);
    if (memory === undefined) warnOnce();
    else if (memory.limit !== "0" && memory.policy !== "noeviction") throw evicting(memory.policy);
  }
}

async function memoryOf(node: ScriptRunner): Promise<{ limit: string; policy: string } | undefined> {
  const text = await node.eval(INFO, { keys: [], arguments: [] }).catch((error: unknown) => {
    if (isRefusal(error)) return "";
    throw error;
  });
  const [limit, policy] = ["maxmemory", "maxmemory_policy"].map(
    (name) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(String(text))?.[1],
  );
  return limit === undefined || policy === undefined ? undefined : { limit, policy };
}

/** The server answered, but not what was asked: the user may not, or a proxy does not know the command. */
const isRefusal = (error: unknown): boolean => error instanceof Error && /^(NOPERM|ERR) /.test(error.message);

function evicting(policy: string): TwoFactorError {
  const why = `Redis evicts keys when memory is short (maxmemory-policy ${policy}), which would turn off second factors`;
  return new TwoFactorError("MISCONFIGURED", `${why}: set maxmemory-policy noeviction, or use another Redis`);
}

function warnOnce(): void {
  if (warned) return;
  warned = true;
  process.emitWarning("Redis does not tell its maxmemory-policy (INFO memory): make sure that it is noeviction", {
    type: "TwoFactorWarning",
    code: "TWO_FACTOR_REDIS_POLICY",
  });
}
