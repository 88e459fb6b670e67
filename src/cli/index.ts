#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { eject } from "./eject";
import { printable, whatFailed } from "./failure";
import { forget } from "./forget";
import { generateKey } from "./generate-key";
import { importSecrets } from "./import";
import { leftOpen } from "./host";
import { keys } from "./keys";
import { reencrypt } from "./reencrypt";
import { recovery } from "./recovery";
import { reset } from "./reset";
import { schema } from "./schema";
import { status } from "./status";
import { unlock } from "./unlock";

/** Long enough for a mail that the host sends without waiting for it. */
const graceMilliseconds = 5000;

/** It quotes what was typed, or pasted. */
function outputError(text: string, write: (text: string) => void): void {
  write(text.split("\n").map(printable).join("\n"));
}

const program = new Command("express-two-factor")
  .description("Looks after the second factors of an Express app, by the app's own options.")
  .version(versionOfPackage())
  .option("-c, --config <file>", "the app's options; by default two-factor.config.js, .mjs or .cjs in this folder")
  .configureOutput({ outputError })
  .addHelpText("after", "\nIds and mail addresses that begin with a dash come after `--`.");
for (const command of [
  generateKey,
  schema,
  status,
  reset,
  unlock,
  recovery,
  keys,
  forget,
  reencrypt,
  importSecrets,
  eject,
]) {
  program.addCommand(command().configureOutput({ outputError }));
}

// Of what was to be read by somebody; a reader who has left has had enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") return;
  process.exitCode = 1;
  console.error(`express-two-factor: the output could not be written: ${whatFailed(error)}`);
});

// What the app's own clients throw from the side, such as an `error` event that nobody listens to.
process.on("uncaughtException", (error) => {
  console.error(`express-two-factor: ${whatFailed(error)}`);
  process.exit(1);
});
void main();

async function main(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    console.error(`express-two-factor: ${whatFailed(error)}`);
    process.exitCode = 1;
  }
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  // A pool that nobody closes would keep the process, and an operator's terminal, for ever.
  if (leftOpen()) process.exit();
  setTimeout(() => process.exit(), graceMilliseconds).unref();
}

const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => stream.write("", () => resolve()));

function versionOfPackage(): string {
  const manifest = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")) as { version: string };
  return manifest.version;
}
