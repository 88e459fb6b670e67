// The programs that the tests need besides Node: found on this machine, or installed from Debian's archive when we are
// root, or asked for by name. Nothing here is needed to use the library or to run the example app.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where Debian keeps each version's server programs, which are not on PATH. */
const postgresVersions = "/usr/lib/postgresql";

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The newest installed version first; PATH comes after, where a wrapper or a link may stand. */
function postgresDirectories() {
  if (!existsSync(postgresVersions)) return [];
  const versions = readdirSync(postgresVersions).filter((name) => /^\d+$/.test(name));
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(postgresVersions, version, "bin"));
}

/** @param {string[]} names @param {string[]} [before] */
function find(names, before = []) {
  const directories = [...before, ...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return directories
    .filter((directory) => directory !== "")
    .flatMap((directory) => names.map((name) => join(directory, name)))
    .find(isProgram);
}

/** Each program, the Debian package that brings it, and where it is now. */
const wanted = {
  redisServer: { package: "redis-server", find: () => find(["redis-server", "valkey-server"]) },
  initdb: { package: "postgresql", find: () => find(["initdb"], postgresDirectories()) },
  postgres: { package: "postgresql", find: () => find(["postgres"], postgresDirectories()) },
  mariadbd: { package: "mariadb-server", find: () => find(["mariadbd"]) },
  mariadbInstallDb: { package: "mariadb-server", find: () => find(["mariadb-install-db"]) },
  chromium: { package: "chromium", find: () => find(["chromium", "chromium-browser", "google-chrome"]) },
  oathtool: { package: "oathtool", find: () => find(["oathtool"]) },
  zbarimg: { package: "zbar-tools", find: () => find(["zbarimg"]) },
  nginx: { package: "nginx", find: () => find(["nginx"]) },
  setpriv: { package: "util-linux", find: () => find(["setpriv"]) },
};

/** @typedef {{ [name in keyof typeof wanted]: string }} Services */

/** @returns {{ found: Partial<Services>, missing: string[] }} */
function look() {
  /** @type {Partial<Services>} */
  const found = {};
  const missing = new Set();
  for (const [name, program] of Object.entries(wanted)) {
    const path = program.find();
    if (path === undefined) missing.add(program.package);
    else found[/** @type {keyof Services} */ (name)] = path;
  }
  return { found, missing: [...missing] };
}

/** @param {string[]} packages */
function aptInstall(packages) {
  console.log(`Installing for the tests: ${packages.join(", ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", ...packages];
  for (const args of [["update"], install]) {
    const run = spawnSync("apt-get", args, { env, stdio: ["ignore", "ignore", "inherit"] });
    if (run.status !== 0)
      throw new Error(`apt-get ${args[0]} failed (${run.error?.message ?? `exit code ${run.status}`})`);
  }
}

/**
 * Paths of all programs, installing what is missing where that is possible.
 * @returns {Services}
 */
export function ensureServices() {
  let { found, missing } = look();
  if (missing.length > 0 && process.getuid?.() === 0 && find(["apt-get"]) !== undefined) {
    // A browser without any font draws no text.
    aptInstall(missing.includes("chromium") ? [...missing, "fonts-dejavu-core"] : missing);
    ({ found, missing } = look());
  }
  if (missing.length > 0) {
    throw new Error(
      `The tests need programs that are not on this machine. On Debian or Ubuntu:\n  sudo apt-get install ${missing.join(" ")}`,
    );
  }
  return /** @type {Services} */ (found);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(ensureServices());
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
