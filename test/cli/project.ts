import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import { onTestFinished, vi } from "vitest";
import { generateEncryptionKey, twoFactor, type TwoFactor, type TwoFactorEvent, type TwoFactorStore } from "../../src";
import { checkOptions } from "../../src/options/check-options";
import { entriesOf, type FactorEntry } from "../../src/core/factor-entry";
import { blankRecord } from "../../src/core/record";
import { recordText } from "../../src/core/record-text";
import { subjectOf, type Subject } from "../../src/core/user-id";
import { randomToken } from "../../src/crypto/random";
import { secretBoxFromKeys } from "../../src/crypto/secret-box";
import { signerFromKeys } from "../../src/crypto/signer";
import { wrapperFromKeys } from "../../src/crypto/wrapper";
import { loadedFactors } from "../../src/factors/loaded";
import { createFactorSet } from "../../src/service/factors";
import { memoryStore } from "../../src/stores/memory";
import { postgresStore } from "../../src/stores/postgres";
import { databaseForThisTest } from "../support/services";

// Each command is a process of its own, and one test runs several.
vi.setConfig({ testTimeout: 90_000 });

const repository = join(__dirname, "../..");
const main = join(repository, "dist/cli/index.js");

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Project {
  readonly folder: string;
  readonly env: Record<string, string>;
  /** What the app would see. */
  readonly store: TwoFactorStore;
  readonly tfa: TwoFactor;
  run(...args: string[]): Promise<Ran>;
  start(...args: string[]): Running;
  /** What the configuration's `onEvent` was told: the app's mails. */
  mails(): Promise<TwoFactorEvent[]>;
  /** Stores a user with an authenticator, sealed under `keys`. @returns the store's key */
  enrol(id: unknown, keys?: string, scope?: string): Promise<string>;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
  /** Waits until stderr has this. */
  said(text: string): Promise<void>;
}

/** `findUser` knows two people; the pool is closed by `close`. */
export const postgresConfig = `
const { appendFileSync } = require("node:fs");
const { Pool } = require("pg");
const { postgresStore } = require("express-two-factor/stores/postgres");

const pool = new Pool({ connectionString: process.env.DATABASE_URL });
const members = [{ id: 1, email: "anna@example.com" }, { id: 2, email: "bob@example.com" }];

module.exports = {
  issuer: "Test",
  store: postgresStore(pool, { createTable: true }),
  onEvent: (event) => appendFileSync(__dirname + "/mails", JSON.stringify(event) + "\\n"),
  findUser: (given) => members.find(({ id, email }) => given === email || given === String(id)),
  close: () => pool.end(),
};
`;

/** An app's folder with a configuration and a database, gone when the test is over. */
export async function project(config: string, file = "two-factor.config.cjs"): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), "two-factor-cli-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "node_modules"));
  await symlink(repository, join(folder, "node_modules/express-two-factor"));
  await symlink(join(repository, "node_modules/pg"), join(folder, "node_modules/pg"));
  await writeFile(join(folder, file), config);
  const DATABASE_URL = await databaseForThisTest();
  const OTP_SECRET_ENCRYPTION_KEY = generateEncryptionKey();
  const pool = new Pool({ connectionString: DATABASE_URL });
  // `end` is done before the server has let go of the connections, and then the database is dropped under them.
  pool.on("error", () => {});
  onTestFinished(() => pool.end());
  const store = postgresStore(pool, { createTable: true });
  const env: Record<string, string> = { DATABASE_URL, OTP_SECRET_ENCRYPTION_KEY };

  const start = (...args: string[]): Running => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: folder,
      env: { PATH: process.env["PATH"], ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return listening(child);
  };
  return {
    folder,
    env,
    store,
    tfa: twoFactor({ issuer: "Test", store, otpSecretEncryptionKey: OTP_SECRET_ENCRYPTION_KEY }),
    start,
    run: (...args) => start(...args).ended,
    async mails() {
      const text = await readFile(join(folder, "mails"), "utf8").catch(() => "");
      return text
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as TwoFactorEvent);
    },
    enrol: (id, keys = OTP_SECRET_ENCRYPTION_KEY, scope = "user") => enrol(store, subjectOf(scope, id), keys),
  };
}

function listening(child: ChildProcess): Running {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, stdout, stderr }));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    child,
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (stderr.includes(text)) resolve();
        };
        child.stderr?.on("data", look);
        child.once("close", () => reject(new Error(`it ended without "${text}":\n${stdout}${stderr}`)));
        look();
      }),
  };
}

const testSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
/** What the authenticator's kind gets for this user, under these keys. */
function toolsOf(keys: string, subject: Subject) {
  const { settings, keys: parsed } = checkOptions({
    issuer: "Test",
    store: memoryStore(),
    otpSecretEncryptionKey: keys,
  });
  const cryptography = {
    box: secretBoxFromKeys(parsed),
    signer: signerFromKeys(parsed.map(({ bytes }) => bytes)),
    wrapper: wrapperFromKeys(parsed),
  };
  const factors = createFactorSet(loadedFactors(settings), cryptography, () => 1_700_000_000);
  return factors.toolsFor(subject, factors.setUp);
}

async function enrol(store: TwoFactorStore, subject: Subject, keys: string): Promise<string> {
  const authenticator = {
    kind: "totp",
    strong: true,
    secret: await toolsOf(keys, subject).seal(testSecret),
    enabledAt: 1_700_000_000,
    lastStep: 1,
  } as const;
  const record = { ...blankRecord(subject.key, randomToken()), factors: [authenticator] };
  const written = await store.compareAndSet(subject.key, undefined, {
    record: recordText(record),
    revision: randomToken(),
  });
  if (!written) throw new Error(`${subject.key} is there already`);
  return subject.key;
}

/** Whether the secret of this record opens with these keys alone, and is the one that was sealed. */
export async function opensWith(store: TwoFactorStore, key: string, keys: string): Promise<boolean> {
  const [scope, id] = JSON.parse(key) as [string, string];
  const { record } = (await store.get(key))!;
  const stored = JSON.parse(record) as { factors: FactorEntry[] };
  const [authenticator] = entriesOf(stored, "totp") as (FactorEntry & { secret: string })[];
  const opened = toolsOf(keys, subjectOf(scope, id)).open(authenticator?.secret ?? "");
  return opened.then(
    (secret) => secret === testSecret,
    () => false,
  );
}
