import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { ensureServices } from "../../../scripts/services.mjs";
import { becomeOwner, onFreePort, startProcess, type ServerProcess } from "./process";
import type { TestServer } from "./server";

const run = promisify(execFile);

/**
 * A PostgreSQL server of its own.
 * @param options.fsync `true` where a test is about what survives a crash of the machine; off by default, which is quicker
 *   and still survives `kill9` of the server.
 */
export async function startPostgres(
  options: { fsync?: boolean; settings?: Record<string, string> } = {},
): Promise<TestServer> {
  const { initdb, postgres, setpriv } = ensureServices();
  const directory = await mkdtemp(join(tmpdir(), "two-factor-postgres-"));
  const become = await becomeOwner(directory, "postgres");

  const data = join(directory, "data");
  await run(
    setpriv,
    [...become, initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
    {
      cwd: directory,
    },
  );

  const settings: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200",
    fsync: options.fsync === true ? "on" : "off",
    synchronous_commit: options.fsync === true ? "on" : "off",
    ...options.settings,
  };
  // SIGINT is a fast shutdown; the parent-death signal ends the server even when the test runner itself is killed.
  const launch = (port: number) =>
    startProcess(
      setpriv,
      [
        "--pdeathsig=INT",
        ...become,
        postgres,
        "-D",
        data,
        "-p",
        String(port),
        ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
      ],
      { ready: /database system is ready to accept connections/, cwd: directory },
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
    await end("SIGINT");
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  return {
    port,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    kill9: () => end("SIGKILL"),
    async restart() {
      await end("SIGINT");
      running = await launch(port);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Runs one statement on its own connection. */
export async function sql(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
