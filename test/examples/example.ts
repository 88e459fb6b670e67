import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { generateEncryptionKey } from "../../src";
import { Browser } from "../support/host";

/** One of another process. */
export type RemoteBrowser = Browser<string>;

export const examples = join(__dirname, "../../examples");

export const password = "correct horse battery staple";

export interface RunningExample {
  url: string;
  browser(): RemoteBrowser;
  /** All that it printed so far, on both streams. */
  output(): string;
}

export interface HowToRun {
  env?: Record<string, string>;
  version?: 4 | 5;
  /** Of Node. */
  flags?: readonly string[];
  /** Elsewhere than in the repository. */
  folder?: string;
}

/** What any of them may want. */
export const variables = (more: Record<string, string> = {}): Record<string, string> => ({
  OTP_SECRET_ENCRYPTION_KEY: generateEncryptionKey(),
  SESSION_SECRET: "for tests",
  ...more,
});

/** Starts an example as whoever copied it does, and waits until it prints its address. */
export async function startExample(
  name: string,
  { env = variables(), version = 5, flags = [], folder = join(examples, name) }: HowToRun = {},
): Promise<RunningExample> {
  const older = version === 4 ? ["--require", join(__dirname, "express-4.cjs")] : [];
  const child = spawn(process.execPath, [...older, ...flags, "app.js"], {
    cwd: folder,
    env: { PATH: process.env["PATH"], PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = listenTo(child);
  const gone = once(child, "close");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await gone;
  });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", () => {
      const ready = /^http:\/\/localhost:(\d+)$/m.exec(output());
      if (ready !== null) resolve(ready[1]!);
    });
    child.once("close", (code) => reject(new Error(`${name} ended with ${code}:\n${output()}`)));
  });
  const url = `http://127.0.0.1:${port}`;
  return { url, output, browser: () => new Browser(url) };
}

function listenTo(child: ChildProcess): () => string {
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return () => output;
}

/** By the login's form. */
export function signIn(browser: RemoteBrowser, email: string, path = "/login") {
  return browser.submit(path, { email, password }).expect("location", /./);
}

interface Walk {
  email: string;
  /** Where the login is, and what it opens. */
  login?: string;
  home?: string;
  twoFactor?: string;
  logout?: string;
}

/**
 * As a person, by forms and page loads: sign in, set up, and be in; sign out and in elsewhere, type a code, and be in.
 * @returns the second browser, which has typed a code
 */
export async function walk(
  { browser: newBrowser }: Pick<RunningExample, "browser">,
  { email, login = "/login", home = "/", twoFactor = "/two-factor", logout = "/logout" }: Walk,
): Promise<RemoteBrowser> {
  const browser = newBrowser();
  const first = await browser.visit(home);
  expect(first.status === 303 ? first.headers["location"] : "open").toMatch(new RegExp(`^(${login}|open)$`));

  await signIn(browser, email, login);
  await goesTo(browser, home, `${twoFactor}/setup`);
  const { text } = await browser.visit(`${twoFactor}/setup`).expect(200);
  browser.secret = /id="two-factor-secret"[^>]*>([^<]+)</.exec(text)![1]!.replace(/\s/g, "");
  const done = await browser.submit(`${twoFactor}/setup/verify`, { code: browser.code() }).expect(200);
  expect(done.text.match(/data-recovery-code/g)).toHaveLength(10);
  await browser.visit(home).expect(200);

  await browser.submit(logout, {}).expect(303);
  await signIn(browser, email, login);
  await goesTo(browser, home, `${twoFactor}/verify`);
  await browser.submit(`${twoFactor}/verify`, { code: browser.wrongCode() }).expect(422);
  await goesTo(browser, home, `${twoFactor}/verify`);
  const { headers } = await browser.submit(`${twoFactor}/verify`, { code: browser.code(1) }).expect(303);
  expect(headers["location"]).toBe(home);
  await browser.visit(home).expect(200);
  return browser;
}

export async function goesTo(browser: RemoteBrowser, path: string, where: string): Promise<void> {
  const { status, headers } = await browser.visit(path);
  expect([status, headers["location"]]).toEqual([303, where]);
}
