import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createConnection } from "mysql2/promise";
import { ensureServices } from "../../../scripts/services.mjs";
import { becomeOwner, onFreePort, startProcess, type ServerProcess } from "./process";
import type { TestServer } from "./server";

const run = promisify(execFile);
const small = ["--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M"];

/**
 * A MariaDB server of its own.
 * @param options.durable `true`: every commit is on disk before it is acknowledged; off by default, which is quicker.
 */
export async function startMariadb(
  options: { durable?: boolean; settings?: Record<string, string> } = {},
): Promise<TestServer> {
  const { mariadbd, mariadbInstallDb, setpriv } = ensureServices();
  const directory = await mkdtemp(join(tmpdir(), "two-factor-mariadb-"));
  const become = await becomeOwner(directory, "mysql");

  const data = join(directory, "data");
  const install = [mariadbInstallDb, "--no-defaults", `--datadir=${data}`, "--auth-root-authentication-method=normal"];
  // Two runs at once would take each other's temporary tables away, which are named by process and counter.
  const own = [...small, `--tmpdir=${directory}`];
  await run(setpriv, [...become, ...install, "--skip-test-db", ...own], { cwd: directory });

  const settings: Record<string, string> = {
    "bind-address": "127.0.0.1",
    socket: join(directory, "socket"),
    "pid-file": join(directory, "pid"),
    "max-connections": "300",
    "innodb-flush-log-at-trx-commit": options.durable === true ? "1" : "0",
    ...options.settings,
  };
  // The parent-death signal ends the server even when the test runner itself is killed.
  const launch = (port: number) =>
    startProcess(
      setpriv,
      [
        "--pdeathsig=TERM",
        ...become,
        mariadbd,
        "--no-defaults",
        `--datadir=${data}`,
        `--port=${port}`,
        ...own,
        ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
      ],
      { ready: /mariadbd: ready for connections/, cwd: directory },
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
    // Its data is thrown away: no need to wait for an orderly shutdown.
    await end("SIGKILL");
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  return {
    port,
    url: `mysql://root@127.0.0.1:${port}/mysql`,
    kill9: () => end("SIGKILL"),
    async restart() {
      await end("SIGTERM");
      running = await launch(port);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Runs one statement, or several, on a connection of its own. */
export async function mariadbSql(url: string, statement: string): Promise<void> {
  const connection = await createConnection({ uri: url, multipleStatements: true });
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}
