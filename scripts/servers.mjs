// Throw-away PostgreSQL, MariaDB and Redis on loopback, for tests and measurements: each in a temporary folder of its own,
// and gone with the process that started it.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureServices } from "./services.mjs";

const run = promisify(execFile);

/**
 * A real server, which may be killed, stopped and started again on the same port with the same data.
 * @typedef {object} Server
 * @property {string} url
 * @property {number} port
 * @property {() => Promise<void>} kill9 As a power cut or the out-of-memory killer does it: SIGKILL, no goodbye.
 * @property {() => Promise<void>} restart After `kill9`, or stops it in good order first: same port, same data.
 * @property {() => Promise<void>} stop Stops it and removes its data.
 */

/** @typedef {{ end(signal: NodeJS.Signals): Promise<void> }} ServerProcess */
/** @typedef {Record<string, string>} Settings */

/** A port that nobody listens on now. Another process may take it before we do: callers try again with the next one. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Database servers refuse to run as root; there each becomes the user that its package made.
 * @param {string} directory is given to that user
 * @param {string} user
 * @returns arguments for `setpriv`; none where we are not root
 */
async function becomeOwner(directory, user) {
  if (process.getuid?.() !== 0) return [];
  const ids = ["-u", "-g"].map(async (flag) => Number((await run("id", [flag, user])).stdout));
  const [uid, gid] = /** @type {[number, number]} */ (await Promise.all(ids));
  await chown(directory, uid, gid);
  return [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
}

/** Only Linux has it. @param {string[]} how @param {string[]} command */
function throughSetpriv(how, command) {
  const { setpriv } = ensureServices();
  return how.length === 0 || setpriv === undefined ? command : [setpriv, ...how, ...command];
}

/**
 * The command that ends by this signal when its parent is gone, even where that was killed itself and could do nothing.
 * @param {string} signal without `SIG`
 * @param {string[]} command
 * @param {string[]} [become]
 */
export const endingWithUs = (signal, command, become = []) =>
  throughSetpriv([`--pdeathsig=${signal}`, ...become], command);

/**
 * Starts a server program and waits until its output says that it is ready.
 * @param {string[]} command
 * @param {{ ready: RegExp; cwd: string; endsBy: string; become?: string[] }} options `endsBy`: as `endingWithUs`
 * @returns {Promise<ServerProcess>}
 * @throws with what it printed, when it ends first or is not ready in time.
 */
export async function startProcess(command, { ready, cwd, endsBy, become = [] }) {
  const [program = "", ...args] = endingWithUs(endsBy, command, become);
  const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const endIt = () => child.kill("SIGKILL");
  process.once("exit", endIt);
  let output = "";
  /** @type {Promise<void>} */
  const gone = new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  void gone.then(() => process.off("exit", endIt));

  await new Promise((resolve, reject) => {
    /** @param {string} why */
    const fail = (why) => reject(new Error(`${command[0]} ${why}:\n${output}`));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      fail("was not ready within 60 seconds");
    }, 60_000);
    /** @param {() => void} how */
    const settle = (how) => {
      clearTimeout(timer);
      how();
    };
    /** @param {Buffer} chunk */
    const listen = (chunk) => {
      // The pipes are read to the end of the process's life (a full pipe would block it), but not kept once it is ready.
      if (!ready.test(output)) output += chunk.toString();
      if (ready.test(output)) settle(() => resolve(undefined));
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.once("error", (error) => settle(() => fail(error.message)));
    child.once("exit", (code, signal) => settle(() => fail(`ended (${signal ?? code})`)));
  });

  return {
    async end(signal) {
      child.kill(signal);
      await gone;
    },
  };
}

/**
 * Runs `start` with a free port, again with another one when the port was taken in between.
 * @template T @param {(port: number) => Promise<T>} start @returns {Promise<T>}
 */
export async function onFreePort(start) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === 5 || !/in use|could not bind/i.test(String(error))) throw error;
    }
  }
}

/**
 * @param {object} kind
 * @param {string} kind.directory
 * @param {(port: number) => Promise<ServerProcess>} kind.launch
 * @param {(port: number) => string} kind.url
 * @param {NodeJS.Signals} kind.inGoodOrder
 * @param {NodeJS.Signals} [kind.forGood] its data is thrown away: some need not be waited for
 * @returns {Promise<Server & AsyncDisposable>}
 */
async function startServer({ directory, launch, url, inGoodOrder, forGood = inGoodOrder }) {
  const { port, server } = await onFreePort(async (candidate) => ({
    port: candidate,
    server: await launch(candidate),
  }));
  /** @type {ServerProcess | undefined} */
  let running = server;
  /** @param {NodeJS.Signals} signal */
  const end = async (signal) => {
    await running?.end(signal);
    running = undefined;
  };
  const stop = async () => {
    await end(forGood);
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  return {
    port,
    url: url(port),
    kill9: () => end("SIGKILL"),
    async restart() {
      await end(inGoodOrder);
      running = await launch(port);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** @param {Settings} settings */
const asOptions = (settings) => Object.entries(settings).map(([name, value]) => `--${name}=${value}`);

/**
 * @param {{ fsync?: boolean; settings?: Settings }} [options] `fsync`: a write is on disk before it is acknowledged, as is
 * PostgreSQL's default; off here, which is quicker and still survives `kill9` of the server
 */
export async function startPostgres({ fsync = false, settings: more } = {}) {
  const { initdb, postgres } = ensureServices();
  const directory = await mkdtemp(join(tmpdir(), "two-factor-postgres-"));
  const become = await becomeOwner(directory, "postgres");
  const data = join(directory, "data");
  const init = [initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"];
  const [program = "", ...args] = throughSetpriv(become, init);
  await run(program, args, { cwd: directory });

  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200",
    fsync: fsync ? "on" : "off",
    synchronous_commit: fsync ? "on" : "off",
    ...more,
  };
  const ready = /database system is ready to accept connections/;
  return startServer({
    directory,
    url: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
    launch: (port) =>
      startProcess([postgres, "-D", data, "-p", String(port), ...asOptions(settings)], {
        ...{ ready, cwd: directory, become, endsBy: "INT" },
      }),
    // A fast shutdown.
    inGoodOrder: "SIGINT",
  });
}

/** @param {{ durable?: boolean; settings?: Settings }} [options] `durable`: a commit is on disk before it is acknowledged */
export async function startMariadb({ durable = false, settings: more } = {}) {
  const { mariadbd, mariadbInstallDb } = ensureServices();
  const directory = await mkdtemp(join(tmpdir(), "two-factor-mariadb-"));
  const become = await becomeOwner(directory, "mysql");
  const data = join(directory, "data");
  // Two runs at once would take each other's temporary tables away, which are named by process and counter.
  const own = ["--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M", `--tmpdir=${directory}`];
  const install = ["--no-defaults", `--datadir=${data}`, "--auth-root-authentication-method=normal", "--skip-test-db"];
  const [program = "", ...args] = throughSetpriv(become, [mariadbInstallDb, ...install, ...own]);
  await run(program, args, { cwd: directory });

  const settings = {
    "bind-address": "127.0.0.1",
    socket: join(directory, "socket"),
    "pid-file": join(directory, "pid"),
    "max-connections": "300",
    "innodb-flush-log-at-trx-commit": durable ? "1" : "0",
    ...more,
  };
  return startServer({
    directory,
    url: (port) => `mysql://root@127.0.0.1:${port}/mysql`,
    launch: (port) =>
      startProcess([mariadbd, "--no-defaults", `--datadir=${data}`, `--port=${port}`, ...own, ...asOptions(settings)], {
        ...{ ready: /mariadbd: ready for connections/, cwd: directory, become, endsBy: "TERM" },
      }),
    inGoodOrder: "SIGTERM",
    forGood: "SIGKILL",
  });
}

/**
 * @param {{ appendonly?: boolean; settings?: Settings }} [options] `appendonly`: every write is on disk before it is
 * acknowledged (`appendfsync always`); otherwise `kill9` and `restart` bring back an empty server
 */
export async function startRedis({ appendonly = false, settings: more } = {}) {
  const { redisServer } = ensureServices();
  const directory = await mkdtemp(join(tmpdir(), "two-factor-redis-"));
  const settings = {
    bind: "127.0.0.1",
    dir: directory,
    save: "",
    databases: "256",
    appendonly: appendonly ? "yes" : "no",
    appendfsync: "always",
    ...more,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  return startServer({
    directory,
    url: (port) => `redis://127.0.0.1:${port}`,
    launch: (port) =>
      startProcess([redisServer, "--port", String(port), ...args], {
        ...{ ready: /Ready to accept connections/, cwd: directory, endsBy: "KILL" },
      }),
    inGoodOrder: "SIGTERM",
  });
}
