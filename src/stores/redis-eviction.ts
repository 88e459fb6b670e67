import { TwoFactorError } from "../errors";

export interface ScriptRunner {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** INFO rather than CONFIG GET: it tells both, and hosted Redis forbids CONFIG. A script, as that goes to the master. */
const INFO = "return redis.call('INFO', 'memory')";

let warned = false;

/**
 * A Redis that evicts keys forgets second factors as soon as memory is short.
 * @throws TwoFactorError `MISCONFIGURED` when one of the servers does. Warns once a process when a server will not tell.
 */
export async function requireNoEviction(nodes: readonly ScriptRunner[]): Promise<void> {
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
