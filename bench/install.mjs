// node bench/install.mjs [--beside @aws-crypto/client-node]
// What an install of the packed library weighs, alone in an empty folder: packages, megabytes, milliseconds that `require` takes.
// `--beside` names a package to install and to load in the same way, to compare with.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { quantile } from "./figures.mjs";

const { values } = parseArgs({ options: { beside: { type: "string" }, runs: { type: "string", default: "21" } } });
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = mkdtempSync(join(tmpdir(), "two-factor-install-"));

const run = (command, arguments_, cwd) => execFileSync(command, arguments_, { cwd, encoding: "utf8" }).trim();

function bytesIn(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** In a process of its own each time: what is loaded once stays. Processor time, since a busy neighbour changes it less. */
function requireTime(name, cwd) {
  const script = `
    const before = process.cpuUsage();
    require(${JSON.stringify(name)});
    const { user, system } = process.cpuUsage(before);
    console.log((user + system) / 1000);`;
  const times = Array.from({ length: Number(values.runs) }, () => Number(run(process.execPath, ["-e", script], cwd)));
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(times, part).toFixed(0));
  return `${middle} ms of require (half of the runs: ${low} to ${high})`;
}

function weigh(name, specifier) {
  const cwd = mkdtempSync(join(folder, "host-"));
  writeFileSync(join(cwd, "package.json"), '{ "name": "host", "private": true }\n');
  run("npm", ["install", "--silent", "--no-audit", "--no-fund", specifier], cwd);
  const packages = run("npm", ["ls", "--all", "--parseable"], cwd).split("\n").length - 1; // without the host itself
  const megabytes = (bytesIn(join(cwd, "node_modules")) / 1e6).toFixed(1);
  console.log(`${name}: ${packages} packages, ${megabytes} MB, ${requireTime(name, cwd)}`);
}

try {
  const packed = run("npm", ["pack", "--silent", "--pack-destination", folder], root).split("\n").at(-1);
  console.log(`Node ${process.version}; the packed file: ${(statSync(join(folder, packed)).size / 1e3).toFixed(0)} kB`);
  weigh("express-two-factor", join(folder, packed));
  if (values.beside !== undefined) weigh(values.beside, values.beside);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
