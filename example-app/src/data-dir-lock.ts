import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { lock } from "proper-lockfile";
import { StartError } from "./config";

/** Two processes on one embedded database lose each other's rows without an error, so only one may have it. */
export interface DataDirLock {
  release(): Promise<void>;
}

interface Owner {
  pid: number;
  host: string;
  /** Tells a process from a later one that got the same pid, as the first process of every container does. */
  run: string;
}

const thisRun: Owner = { pid: process.pid, host: hostname(), run: randomUUID() };

/** Without a sign of life for so long, a lock held elsewhere (another container) counts as left behind. */
const staleMs = 15_000;

/**
 * @param onLost called when another process took the directory all the same, as after a suspended machine woke up.
 * @throws {StartError} when a living process has it.
 */
export async function lockDataDir(dataDir: string, onLost: () => void): Promise<DataDirLock> {
  // Looking at the owner and taking over must not be done by two at once: that is what the door is for.
  const leaveDoor = await lock(join(dataDir, "door"), {
    realpath: false,
    stale: 5000,
    retries: { retries: 60, minTimeout: 50, maxTimeout: 250 },
  }).catch(() => {
    throw inUse(dataDir);
  });
  try {
    return await takeOver(dataDir, onLost);
  } finally {
    await leaveDoor();
  }
}

async function takeOver(dataDir: string, onLost: () => void): Promise<DataDirLock> {
  const ownerFile = join(dataDir, "owner.json");
  const lockfilePath = join(dataDir, "in-use.lock");
  const owner = await readOwner(ownerFile);
  const fate = owner === undefined ? "unknown" : fateOf(owner);
  // A killed process leaves its lock; when its pid is gone there is no need to wait until the lock is stale.
  if (fate === "dead") await rm(lockfilePath, { recursive: true, force: true });

  const release = await lock(dataDir, {
    lockfilePath,
    stale: staleMs,
    update: 2000,
    retries: fate === "unknown" ? { retries: 40, minTimeout: 500, maxTimeout: 500 } : 0,
    onCompromised: onLost,
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ELOCKED" ? inUse(dataDir, owner) : error;
  });
  await writeFile(ownerFile, JSON.stringify(thisRun));
  return { release };
}

async function readOwner(ownerFile: string): Promise<Owner | undefined> {
  try {
    const owner = JSON.parse(await readFile(ownerFile, "utf8")) as Partial<Owner>;
    return Number.isSafeInteger(owner.pid) ? (owner as Owner) : undefined;
  } catch {
    return undefined;
  }
}

function fateOf(owner: Owner): "alive" | "dead" | "unknown" {
  if (owner.host !== thisRun.host) return "unknown";
  if (owner.pid === thisRun.pid) return owner.run === thisRun.run ? "alive" : "dead";
  try {
    process.kill(owner.pid, 0);
    return "alive";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH" ? "dead" : "alive";
  }
}

function inUse(dataDir: string, owner?: Owner): StartError {
  const who = owner === undefined ? "another process" : `process ${owner.pid}`;
  return new StartError(`DATA_DIR ${dataDir} is in use by ${who}; stop it, or set another DATA_DIR (or DATABASE_URL)`);
}
