// npm run release -- --dry-run
// Releases the version in package.json: checks that it may be, writes a list of what it is made of, and publishes it with
// the proof of where it was built (provenance), which npm takes only from a CI. With `--dry-run` nothing leaves this machine:
// every check is made and told, the tests are named instead of run, and npm does all but send.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } });
const dryRun = values["dry-run"];
const tests = ["npm run test", "npm run test:packed", "npm run lint", "npm run types", "npm run check:package"];
const sbomFile = join(".cache", "sbom.cdx.json");

/** @param {string} cwd @param {string} command @param {string[]} arguments_ */
function output(cwd, command, ...arguments_) {
  const { status, stdout, stderr } = spawnSync(command, arguments_, { cwd, encoding: "utf8", maxBuffer: 2 ** 26 });
  return { ok: status === 0, text: stdout.trim(), errors: stderr.trim() };
}

/** The part of the changelog that is about one version, without its title. @param {string} version */
function changesOf(version) {
  const sections = readFileSync("CHANGELOG.md", "utf8").split(/^## /m).slice(1);
  const section = sections.find((text) => text.split(/\s/, 1)[0] === version);
  return section?.slice(section.indexOf("\n")).trim();
}

/** What stands in the way, each with what to do. @param {{ name: string; version: string }} manifest */
function problems({ name, version }) {
  const { ok, text } = output(".", "git", "status", "--porcelain");
  const found = [];
  if (!ok) found.push("This is no git repository: release from a clone.");
  if (text !== "") found.push(`The tree is not clean: commit or remove\n${text}`);
  if (!changesOf(version)) {
    found.push(
      `CHANGELOG.md says nothing of ${version}: give what is under "Unreleased" the title "## ${version} - date".`,
    );
  }
  if (changesOf("Unreleased")) {
    found.push(`CHANGELOG.md has changes under "Unreleased": move them to ${version}, or release what they belong to.`);
  }
  if (output(".", "git", "tag", "--list", `v${version}`).text !== "") {
    found.push(`The tag v${version} exists: ${name} ${version} is out, so raise the version (npm version).`);
  }
  return found;
}

/** Commands whose output is for whoever releases. @param {string} line */
function run(line) {
  console.log(`\n$ ${line}`);
  if (spawnSync(line, { shell: true, stdio: "inherit" }).status !== 0) throw new Error(`It failed: ${line}`);
}

/**
 * What the published package is made of, in CycloneDX, from the lock file. From a copy that knows nothing of development
 * and peers: `npm sbom --omit=dev` also leaves out every dependency that a development tool happens to share.
 */
function writeSbom() {
  const folder = mkdtempSync(join(tmpdir(), "two-factor-sbom-"));
  const others = ["devDependencies", "peerDependencies", "peerDependenciesMeta"];
  /** @param {object} manifest */
  const published = (manifest) =>
    Object.fromEntries(Object.entries(manifest).filter(([name]) => !others.includes(name)));
  const read = (/** @type {string} */ file) => JSON.parse(readFileSync(file, "utf8"));
  const write = (/** @type {string} */ file, /** @type {object} */ value) =>
    writeFileSync(join(folder, file), JSON.stringify(value));
  try {
    const lock = read("package-lock.json");
    write("package.json", published(read("package.json")));
    write("package-lock.json", { ...lock, packages: { ...lock.packages, "": published(lock.packages[""]) } });
    const { ok, text, errors } = output(folder, "npm", "sbom", "--package-lock-only", "--sbom-format=cyclonedx");
    if (!ok) throw new Error(`npm sbom failed:\n${errors}`);
    mkdirSync(".cache", { recursive: true });
    writeFileSync(sbomFile, `${text}\n`);
    console.log(`\n${sbomFile}: ${JSON.parse(text).components.length} components; attach it to the release`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function release() {
  const manifest = JSON.parse(readFileSync("package.json", "utf8"));
  const { name, version } = manifest;
  const found = problems(manifest);
  if (found.length > 0) {
    throw new Error(`${name} ${version} cannot be released:\n${found.map((problem) => `  - ${problem}`).join("\n")}`);
  }
  console.log(`${name} ${version}, from a clean tree\n\n${changesOf(version)}`);
  if (dryRun)
    console.log(`\nBefore it is published, these run and must pass:\n${tests.map((line) => `  ${line}`).join("\n")}`);
  else for (const line of tests) run(line);
  writeSbom();
  run(`npm publish --provenance --access public${dryRun ? " --dry-run" : ""}`);
  if (dryRun) console.log(`\nNothing was published. Then: git tag v${version} && git push origin v${version}`);
  else run(`git tag v${version}`);
}

try {
  release();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
