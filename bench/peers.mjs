// What we are compared with: packages of `bench/package.json`, which are no dependencies of ours.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const root = createRequire(join(folder, "..", "package.json"));
const here = createRequire(join(folder, "package.json"));

const found = (name) => existsSync(join(folder, "node_modules", name));

export const havePeers = () => ["better-auth", "better-sqlite3", "passport-totp"].every(found);

/** As the lock file says. The first time better-sqlite3 may be compiled, which takes a minute or more. */
export function installPeers() {
  console.log("Installing the peers (bench/package-lock.json), this once …");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, stdio: "inherit" });
  if (status !== 0) throw new Error("The peers could not be installed; --without-peers measures what needs none");
}

/** A path inside a package of ES modules, as `import` would resolve it. */
export const importPeer = (specifier) => import(pathToFileURL(here.resolve(specifier)).href);
export const requirePeer = (specifier) => here(specifier);

function versionOf(name) {
  const from = found(name) ? join(folder, "node_modules") : join(folder, "..", "node_modules");
  return root(join(from, name, "package.json")).version;
}

/** Of what took part in a row. */
export const versions = (...names) => ({
  node: process.versions.node,
  "express-two-factor": root("./package.json").version,
  ...Object.fromEntries(names.map((name) => [name, versionOf(name)])),
});
