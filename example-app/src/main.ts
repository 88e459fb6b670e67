import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as after } from "node:timers/promises";
import { TwoFactorError } from "express-two-factor";
import { createApp } from "./app";
import { type Config, readConfig, StartError } from "./config";
import { demoPassword, type Member } from "./members";
import { openParts } from "./parts";
import { keySites } from "./two-factor";

/** How long a stop waits for requests that are under way. */
const drainMs = 10_000;
const closeMs = 7_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  // Listened to from the beginning: a stop during the start lets the database finish opening, then closes it.
  const stopAsked = Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  const parts = await openParts(config, { print: console.log, log: console.error, onLost });
  try {
    const server = createServer(createApp(config, parts));
    const url = await listen(server, config);
    // Port 0: only now anybody knows.
    config.publicUrl ??= url.replace(/\/\/(0\.0\.0\.0|\[::\])/, "//localhost");
    printWelcome(parts.members.all, parts.mailer.directory);
    for (const { origins } of keySites(config)) console.log(`Security keys and passkeys work on ${origins.join()}`);
    console.log(`Listening on ${url}`);
    await stopAsked;
    await drain(server);
  } finally {
    // A service that hangs must not keep us from ending.
    await Promise.race([parts.close(), after(closeMs)]);
  }
}

/** @throws {StartError} when the address cannot be had. */
async function listen(server: Server, { host, port }: Config): Promise<string> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new StartError(
      code === "EADDRINUSE"
        ? `PORT ${port} on ${host} is in use; set another PORT`
        : `Cannot listen on ${host}, port ${port}: ${message}`,
    );
  }
  return `http://${host.includes(":") ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
}

/** Takes no new connections, and lets requests under way end; a browser's idle connections are no reason to wait. */
async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const closeIdle = setInterval(() => server.closeIdleConnections(), 50);
  await Promise.race([closed, after(drainMs, undefined, { ref: false })]);
  clearInterval(closeIdle);
  server.closeAllConnections();
}

function printWelcome(members: readonly Member[], mailDirectory: string): void {
  const about: Record<Member["role"], string> = {
    super: "super admin: must have a second factor",
    member: "may have one",
    mail: "must have one; gets codes by mail",
    guest: "is never asked",
  };
  console.log(`Accounts (password: ${demoPassword}):`);
  for (const { email, role } of members) console.log(`  ${email.padEnd(20)} ${about[role]}`);
  console.log(`Mails are printed here, and kept in ${mailDirectory}`);
}

function onLost(): void {
  console.error("DATA_DIR was taken over by another process; this one ends, so that no row is lost");
  process.exit(1);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const isExplained = error instanceof StartError || error instanceof TwoFactorError;
    console.error(isExplained ? error.message : error);
    process.exit(1);
  },
);
