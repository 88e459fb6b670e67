// Throw-away PostgreSQL and Redis on loopback, which end with the bench that started them.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureServices } from "../scripts/services.mjs";

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a server program and waits for the line that says it is ready. */
async function launch(args, ready, cwd) {
  const child = spawn(ensureServices().setpriv, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  await new Promise((resolve, reject) => {
    const read = (chunk) => {
      said = (said + chunk).slice(-10_000);
      if (ready.test(said)) resolve();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", () => reject(new Error(`A server ended:\n${said}`)));
    setTimeout(() => reject(new Error(`A server was not ready in 60 seconds:\n${said}`)), 60_000).unref();
  });
  return child;
}

async function server(prefix, run, endWith) {
  const { directory, start, url } = await run(mkdtempSync(join(tmpdir(), prefix)));
  let child = await start();
  const end = async () => {
    const gone = once(child, "exit");
    child.kill(endWith);
    await gone;
  };
  return {
    url,
    async restart() {
      await end();
      child = await start();
    },
    async stop() {
      await end();
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** With its defaults, so a write is on disk before it is acknowledged. */
export const startPostgres = () =>
  server(
    "two-factor-bench-postgres-",
    async (directory) => {
      const { initdb, postgres, setpriv } = ensureServices();
      const become = [];
      // PostgreSQL refuses to run as root; there it becomes the user that its package made.
      if (process.getuid?.() === 0) {
        const [uid, gid] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "postgres"])));
        chownSync(directory, uid, gid);
        become.push(`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups");
      }
      const data = join(directory, "data");
      const init = [initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"];
      execFileSync(setpriv, [...become, ...init], { cwd: directory, stdio: "ignore" });
      const port = await freePort();
      const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200"];
      const args = [...become, postgres, "-D", data, "-p", String(port), ...settings.flatMap((text) => ["-c", text])];
      return {
        directory,
        url: `postgres://postgres@127.0.0.1:${port}/postgres`,
        start: () => launch(["--pdeathsig=INT", ...args], /ready to accept connections/, directory),
      };
    },
    "SIGINT",
  );

/** As the store's documentation asks: nothing evicted, and written ahead. */
export const startRedis = ({ appendonly = true } = {}) =>
  server(
    "two-factor-bench-redis-",
    async (directory) => {
      const port = await freePort();
      const settings = ["--bind", "127.0.0.1", "--dir", directory, "--save", "", "--appendfsync", "always"];
      const args = [ensureServices().redisServer, "--port", String(port), ...settings];
      return {
        directory,
        url: `redis://127.0.0.1:${port}`,
        start: () =>
          launch(
            ["--pdeathsig=KILL", ...args, "--appendonly", appendonly ? "yes" : "no"],
            /Ready to accept connections/,
            directory,
          ),
      };
    },
    "SIGTERM",
  );
