import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StartError } from "./config";

/** Makes the directory, for this user only. @throws {StartError} when it cannot be written to. */
export async function makeDataDir(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const probe = join(path, `.probe-${randomUUID()}`);
    await writeFile(probe, "");
    await rm(probe);
  } catch (error) {
    throw new StartError(`DATA_DIR ${path} cannot be written to: ${(error as Error).message}`);
  }
}

/** A secret kept as a file that only this user may read; `undefined` when there is none yet. */
export async function readSecret(dataDir: string, name: string): Promise<string | undefined> {
  const path = join(dataDir, name);
  const kept = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new StartError(`${path} cannot be read: ${error.message}`);
  });
  // Not made anew: what it held may still be needed, and a link never replaces a file.
  if (kept?.trim() === "") {
    throw new StartError(
      `${path} is empty: put back what was in it; or delete it, then a new one is made, and what the old one sealed is lost.`,
    );
  }
  return kept?.trim();
}

/**
 * Keeps `value` unless a secret of this name is there already.
 * @returns the secret that is there now: of several processes starting at once, all get the same one.
 */
export async function keepSecret(dataDir: string, name: string, value: string): Promise<string> {
  const path = join(dataDir, name);
  const draft = `${path}.${randomUUID()}`;
  // A link appears whole or not at all, and never over an existing file.
  await writeFile(draft, `${value}\n`, { mode: 0o600, flag: "wx", flush: true });
  try {
    await link(draft, path);
    return value;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return (await readSecret(dataDir, name)) ?? value;
  } finally {
    await rm(draft, { force: true });
  }
}
