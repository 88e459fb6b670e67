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
  if (isMac) return ["/opt/homebrew", "/usr/local"].map((prefix) => join(prefix, "opt", "postgresql@17", "bin"));
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

const isMac = process.platform === "darwin";
const chromeOnMac = ["Chromium", "Google Chrome"].map((name) => `/Applications/${name}.app/Contents/MacOS`);

/** Each program, the packages of Debian and Homebrew that bring it, and where it is now. */
const wanted = {
  redisServer: { debian: "redis-server", brew: "redis", find: () => find(["redis-server", "valkey-server"]) },
  initdb: { debian: "postgresql", brew: "postgresql@17", find: () => find(["initdb"], postgresDirectories()) },
  postgres: { debian: "postgresql", brew: "postgresql@17", find: () => find(["postgres"], postgresDirectories()) },
  mariadbd: { debian: "mariadb-server", brew: "mariadb", find: () => find(["mariadbd"]) },
  mariadbInstallDb: { debian: "mariadb-server", brew: "mariadb", find: () => find(["mariadb-install-db"]) },
  chromium: {
    debian: "chromium",
    brew: "google-chrome",
    find: () => find(["chromium", "chromium-browser", "google-chrome", "Chromium", "Google Chrome"], chromeOnMac),
  },
  oathtool: { debian: "oathtool", brew: "oath-toolkit", find: () => find(["oathtool"]) },
  zbarimg: { debian: "zbar-tools", brew: "zbar", find: () => find(["zbarimg"]) },
  nginx: { debian: "nginx", brew: "nginx", find: () => find(["nginx"]) },
};

/** Of Linux alone: there a server ends with whoever started it, and root lays down its rights for it. */
const setpriv = { debian: "util-linux", brew: "", find: () => find(["setpriv"]) };

/** @typedef {{ [name in keyof typeof wanted]: string } & { setpriv?: string }} Services */

/** @returns {{ found: Partial<Services>, missing: string[] }} */
function look() {
  /** @type {Partial<Services>} */
  const found = {};
  const missing = new Set();
  for (const [name, program] of Object.entries(process.platform === "linux" ? { ...wanted, setpriv } : wanted)) {
    const path = program.find();
    if (path === undefined) missing.add(isMac ? program.brew : program.debian);
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
      `The tests need programs that are not on this machine. ${isMac ? "With Homebrew:\n  brew install" : "On Debian or Ubuntu:\n  sudo apt-get install"} ${missing.join(" ")}`,
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
