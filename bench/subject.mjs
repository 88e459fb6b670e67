// A process that is measured over HTTP. `serve` is its side, `startSubject` ours.
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { CLOCK_HEADER, setClockAhead } from "./clock.mjs";
import { Connection, Visitor } from "./connection.mjs";

/** @param app anything that takes (req, res) */
export function serve(app) {
  const server = createServer((req, res) => {
    setClockAhead(Number(req.headers[CLOCK_HEADER] ?? 0));
    app(req, res);
  });
  server.keepAliveTimeout = 600_000;
  server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
  process.on("disconnect", () => process.exit());
}

/** @param name a file in `subjects/` @param execArgv of Node, such as `--cpu-prof` */
export async function startSubject(name, variables = {}, execArgv = []) {
  const file = fileURLToPath(new URL(`subjects/${name}.mjs`, import.meta.url));
  const env = { ...process.env, OTP_SECRET_ENCRYPTION_KEY: key, ...variables };
  const child = fork(file, { env, execArgv, stdio: ["ignore", "inherit", "pipe", "ipc"] });
  let said = "";
  child.stderr.on("data", (chunk) => (said = (said + chunk).slice(-4000)));
  const [{ port }] = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => Promise.reject(new Error(`${name} did not start:\n${said}`))),
  ]);
  return {
    port,
    visitor: async () => new Visitor(await Connection.open(port)),
    /** Another browser over a connection that there is. */
    again: ({ connection, aheadMilliseconds }) => Object.assign(new Visitor(connection), { aheadMilliseconds }),
    async ask(message) {
      const answer = once(child, "message");
      child.send(message);
      return (await answer)[0];
    },
    async stop() {
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}

const key = randomBytes(32).toString("base64");
