import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chown } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A port that nobody listens on now. Another process may take it before we do: callers try again with the next one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Database servers refuse to run as root; there each becomes the user that its package made.
 * @param directory is given to that user
 * @returns arguments for `setpriv`; none where we are not root
 */
export async function becomeOwner(directory: string, user: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  const [uid, gid] = await Promise.all(
    ["-u", "-g"].map(async (flag) => Number((await run("id", [flag, user])).stdout)),
  );
  await chown(directory, uid!, gid!);
  return [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
}

export interface ServerProcess {
  readonly child: ChildProcess;
  /** Sends the signal and waits until the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/**
 * Starts a server program and waits until its output says that it is ready.
 * @throws with what it printed, when it ends first or is not ready in time.
 */
export async function startProcess(
  command: string,
  args: string[],
  options: { ready: RegExp; cwd: string },
): Promise<ServerProcess> {
  const child = spawn(command, args, { cwd: options.cwd, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });

  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${command} ${why}:\n${output}`));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      fail("was not ready within 30 seconds");
    }, 30_000);
    const listen = (chunk: Buffer) => {
      // The pipes are read to the end of the process's life (a full pipe would block it), but not kept once it is ready.
      if (!options.ready.test(output)) output += chunk.toString();
      if (options.ready.test(output)) settle(resolve);
    };
    const settle = (how: () => void) => {
      clearTimeout(timer);
      how();
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.once("error", (error) => settle(() => fail(error.message)));
    child.once("exit", (code, signal) => settle(() => fail(`ended (${signal ?? code})`)));
  });

  return {
    child,
    async end(signal) {
      child.kill(signal);
      await gone;
    },
  };
}

/** Runs `start` with a free port, again with another one when the port was taken in between. */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === 5 || !/in use|could not bind/i.test(String(error))) throw error;
    }
  }
}
