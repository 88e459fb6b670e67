import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureServices } from "../../../scripts/services.mjs";
import { onFreePort, startProcess, type ServerProcess } from "./process";
import type { TestServer } from "./server";

/**
 * A Redis server of its own.
 * @param options.appendonly `true`: every write is on disk before it is acknowledged (`appendfsync always`); otherwise
 *   `kill9` and `restart` bring back an empty server.
 */
export async function startRedis(
  options: { appendonly?: boolean; settings?: Record<string, string> } = {},
): Promise<TestServer> {
  const { redisServer, setpriv } = ensureServices();
  const directory = await mkdtemp(join(tmpdir(), "two-factor-redis-"));
  const settings: Record<string, string> = {
    bind: "127.0.0.1",
    dir: directory,
    save: "",
    databases: "256",
    appendonly: options.appendonly === true ? "yes" : "no",
    appendfsync: "always",
    ...options.settings,
  };
  // The parent-death signal ends the server even when the test runner itself is killed.
  const launch = (port: number) =>
    startProcess(
      setpriv,
      [
        "--pdeathsig=KILL",
        redisServer,
        "--port",
        String(port),
        ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      ],
      { ready: /Ready to accept connections/, cwd: directory },
    );

  const { port, server } = await onFreePort(async (candidate) => ({
    port: candidate,
    server: await launch(candidate),
  }));
  let running: ServerProcess | undefined = server;
  const end = async (signal: NodeJS.Signals) => {
    await running?.end(signal);
    running = undefined;
  };
  const stop = async () => {
    await end("SIGTERM");
    await rm(directory, { recursive: true, force: true });
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill9: () => end("SIGKILL"),
    async restart() {
      await end("SIGTERM");
      running = await launch(port);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
