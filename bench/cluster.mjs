// Several processes of the host app, which act as one.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { generateEncryptionKey } from "../dist/index.js";
import { freePort } from "../scripts/servers.mjs";

const host = fileURLToPath(new URL("host.mjs", import.meta.url));

/** @param variables STORE, DATABASE_URL, REDIS_URL; OPTIONS: more options of `twoFactor`, as JSON */
export async function startCluster(processes, variables) {
  const shared = { ...process.env, OTP_SECRET_ENCRYPTION_KEY: generateEncryptionKey(), ...variables };
  const start = async (port) => {
    const child = fork(host, { env: { ...shared, PORT: String(port) }, stdio: ["ignore", "inherit", "pipe", "ipc"] });
    // Faults are counted by their status; what a process says of them matters only when it does not start.
    let said = "";
    child.stderr.on("data", (chunk) => (said = (said + chunk).slice(-4000)));
    const [{ url }] = await Promise.race([
      once(child, "message"),
      once(child, "exit").then(() => Promise.reject(new Error(`A host process did not start:\n${said}`))),
    ]);
    return { child, url, port };
  };
  const hosts = [];
  // One after the other: the first makes the table.
  for (let n = 0; n < processes; n += 1) hosts.push(await start(await freePort()));

  return {
    urls: hosts.map(({ url }) => url),
    /** Processor time and store calls of one process, since it started. */
    async ask(n = 0) {
      const answer = once(hosts[n].child, "message");
      hosts[n].child.send({ ask: true });
      return (await answer)[0];
    },
    /** As a crash would: nothing in flight is finished. */
    async crash(n) {
      const { child, port } = hosts[n];
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
      hosts[n] = await start(port);
    },
    async stop() {
      await Promise.all(hosts.map(({ child }) => (child.kill("SIGTERM"), once(child, "exit"))));
    },
  };
}
