import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
export const repository = join(__dirname, "..", "..");

interface Manifest {
  dependencies: Record<string, string>;
  exports: Record<string, unknown>;
  bin: Record<string, string>;
  repository: { url: string };
  homepage: string;
  bugs: string;
  keywords: string[];
}

export interface Installed {
  /** A project that has the packed library, its declared dependencies and nothing else. */
  readonly project: string;
  /** The library inside it. */
  readonly library: string;
  readonly manifest: Manifest;
  /** Adds packages of this repository's node_modules to the project, as a host would have installed them. */
  add(...packages: string[]): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Packs this repository as `npm publish` would, and installs the tarball into an empty project without a network: the
 * declared dependencies are links into our own node_modules, so one that is used but not declared is missed.
 */
export async function installPacked(): Promise<Installed> {
  const project = await mkdtemp(join(tmpdir(), "two-factor-packed-"));
  const library = join(project, "node_modules", "express-two-factor");
  await mkdir(library, { recursive: true });
  await run("npm", ["pack", "--pack-destination", project], { cwd: repository });
  const tarball = (await readdir(project)).find((file) => file.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack made no tarball");
  await run("tar", ["-xzf", join(project, tarball), "-C", library, "--strip-components=1"]);
  const manifest = JSON.parse(await readFile(join(library, "package.json"), "utf8")) as Manifest;

  const add = async (...packages: string[]) => {
    for (const name of packages) {
      const link = join(project, "node_modules", name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(repository, "node_modules", name), link);
    }
  };
  await add(...Object.keys(manifest.dependencies));
  await mkdir(join(project, "node_modules", ".bin"));
  for (const [name, file] of Object.entries(manifest.bin)) {
    await symlink(join("..", "express-two-factor", file), join(project, "node_modules", ".bin", name));
  }

  return { project, library, manifest, add, remove: () => rm(project, { recursive: true, force: true }) };
}
