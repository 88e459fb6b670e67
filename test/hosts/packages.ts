import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const wanted = join(__dirname, "packages");

/** Loads what hosts have beside this library. The first run installs it into `.cache`, as the lock file in `packages/` says. */
export async function hostPackages(): Promise<NodeJS.Require> {
  const lock = await readFile(join(wanted, "package-lock.json"));
  const version = createHash("sha256").update(lock).digest("hex").slice(0, 12);
  const directory = join(__dirname, "../../.cache", `hosts-${version}`);
  if (!existsSync(directory)) {
    // Under another name until it is whole, so that a run which was broken off leaves nothing half made.
    const making = `${directory}-${process.pid}`;
    await mkdir(making, { recursive: true });
    await cp(wanted, making, { recursive: true });
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: making });
    await rename(making, directory).catch(() => rm(making, { recursive: true, force: true }));
  }
  return createRequire(join(directory, "package.json"));
}
