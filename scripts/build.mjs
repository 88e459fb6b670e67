// Builds the library into dist/ and, with `--example-app`, the example app into example-app/dist/.
// Each part is compiled beside its target and then moved over file by file, so that a process which is running from the
// old build, or a second build at the same time, never sees a half-written one; files without a source are removed.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { chmodSync, mkdtempSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

/** @param {string} project @param {string} outDir */
function compile(project, outDir) {
  const run = spawnSync(process.execPath, [tsc, "-p", join(root, project), "--outDir", outDir], { stdio: "inherit" });
  if (run.status !== 0) throw new Error(`${project} does not compile`);
}

/** @param {string} directory */
function filesIn(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
}

/** Makes `target` equal to `fresh`, touching only what differs. @param {string} fresh @param {string} target */
function moveOver(fresh, target) {
  const wanted = filesIn(fresh);
  for (const file of wanted) {
    const [from, to] = [join(fresh, file), join(target, file)];
    if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) continue;
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
  }
  const stale = filesIn(target).filter((file) => !wanted.includes(file));
  for (const file of stale) rmSync(join(target, file), { force: true });
}

/** @param {string} target @param {(fresh: string) => void} fill */
function rebuild(target, fill) {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const fresh = mkdtempSync(join(root, ".cache", "build-"));
  try {
    fill(fresh);
    moveOver(fresh, join(root, target));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

try {
  rebuild("dist", (fresh) => {
    compile("tsconfig.build.json", fresh);
    compile("tsconfig.client.json", fresh);
    compile("tsconfig.client-esm.json", join(fresh, "esm"));
    writeFileSync(join(fresh, "esm", "package.json"), '{ "type": "module" }\n');
    chmodSync(join(fresh, "cli", "index.js"), 0o755);
  });
  if (process.argv.includes("--example-app")) {
    rebuild(join("example-app", "dist"), (fresh) => compile("example-app/tsconfig.build.json", fresh));
  }
} catch (error) {
  console.error(`Build failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
