// Checks the types of everything (tsconfig.json), and of what is published with the libraries it may count on. By path,
// since `node_modules/.bin/tsc` may be TypeScript 5, which is here only to stand in for older consumers (test/packed).
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

for (const project of ["tsconfig.json", "tsconfig.build.json", "tsconfig.client.json"]) {
  const run = spawnSync(process.execPath, [tsc, "-p", join(root, project), "--noEmit"], { stdio: "inherit" });
  if (run.status !== 0) process.exitCode = 1;
}
