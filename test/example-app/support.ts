import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { generateEncryptionKey } from "../../src";
import { endingWithUs } from "../../scripts/servers.mjs";

/** An empty directory, gone when the test is over. */
export async function directoryForThisTest(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "example-app-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

export interface RunningApp {
  readonly url: string;
  readonly child: ChildProcess;
  /** All that it printed so far, on both streams. */
  output(): string;
  /** Sends the signal, waits for the end. @returns the exit code; `null` when the signal itself ended it. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** What an app with Redis must be given. */
export const key = { OTP_SECRET_ENCRYPTION_KEY: generateEncryptionKey() };

const main = join(__dirname, "../../example-app/dist/main.js");

/** Only what a process needs, so that no variable of the machine decides about a test. */
function environment(variables: Record<string, string>): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: process.env["HOME"], PORT: "0", ...variables };
}

/** The parent-death signal ends the app even when the test runner itself is killed, or a test starts it too late. */
function spawnApp(variables: Record<string, string>) {
  const [program = "", ...args] = endingWithUs("KILL", [process.execPath, main]);
  return spawn(program, args, {
    env: environment(variables),
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs the built app until it ends by itself. */
export async function runApp(variables: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const child = spawnApp(variables);
  const heard = listenTo(child);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output: heard() };
}

/** Starts the built app and waits until it listens. It is killed when the test is over, unless it ended before. */
export async function startApp(variables: Record<string, string>): Promise<RunningApp> {
  const child = spawnApp(variables);
  const output = listenTo(child);
  const gone = once(child, "close") as Promise<[number | null]>;
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await gone;
  });
  const url = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const listening = /^Listening on (http:\/\/\S+)$/m.exec(output());
      if (listening !== null) resolve(listening[1]!);
    };
    child.stdout.on("data", look);
    child.once("close", (code) => reject(new Error(`the app ended with ${code}:\n${output()}`)));
  });
  return {
    url,
    child,
    output,
    async end(signal = "SIGTERM") {
      child.kill(signal);
      return (await gone)[0];
    },
  };
}

function listenTo(child: ChildProcess): () => string {
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return () => output;
}
