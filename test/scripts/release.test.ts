import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const run = promisify(execFile);
const script = join(__dirname, "..", "..", "scripts", "release.mjs");
const ready = "# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-11-25\n\n- What is new.\n\n## 1.2.2\n\n- Old.\n";

interface Sbom {
  bomFormat: string;
  components: { name: string }[];
}

let folder: string;
const git = (...arguments_: string[]) => run("git", arguments_, { cwd: folder });
const write = (file: string, text: string) => writeFile(join(folder, file), text);

/** A small package of its own, ready to be released. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "two-factor-release-"));
  const needs = { dependencies: { used: "1.0.0" }, devDependencies: { tool: "1.0.0" } };
  const manifest = { name: "released", version: "1.2.3", license: "MIT", ...needs };
  const packages = {
    "": manifest,
    "node_modules/tool": { version: "1.0.0", dev: true, dependencies: { used: "1.0.0" } },
    "node_modules/used": { version: "1.0.0" },
  };
  const lock = { name: "released", version: "1.2.3", lockfileVersion: 3, requires: true, packages };
  await write("package.json", JSON.stringify(manifest));
  await write("package-lock.json", JSON.stringify(lock));
  await write("CHANGELOG.md", ready);
  await write(".gitignore", ".cache/\n");
  await git("init", "--quiet");
  await commit();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function commit(): Promise<void> {
  await git("add", "--all");
  await git("-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "Ready");
}

async function dryRun(): Promise<{ code: number; text: string }> {
  // npm would ask the registry which versions there are.
  const env = { ...process.env, npm_config_offline: "true" };
  return run(process.execPath, [script, "--dry-run"], { cwd: folder, env }).then(
    ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
    (failed: { code: number; stdout: string; stderr: string }) => ({
      code: failed.code,
      text: failed.stdout + failed.stderr,
    }),
  );
}

describe("a release that is only tried", () => {
  test("tells its changes and its tests, lists what it is made of, and has npm do all but send", async () => {
    const { code, text } = await dryRun();
    expect(text).toContain("- What is new.");
    expect(text).not.toContain("- Old.");
    expect(text).toContain("npm run test:packed");
    expect(text).toMatch(/npm publish --provenance --access public --dry-run/);
    expect(text).toMatch(/Nothing was published/);
    expect(code).toBe(0);
    const sbom = JSON.parse(await readFile(join(folder, ".cache", "sbom.cdx.json"), "utf8")) as Sbom;
    expect(sbom.bomFormat).toBe("CycloneDX");
    // Also used by a tool of development, and nevertheless part of what is published.
    expect(sbom.components.map(({ name }) => name)).toEqual(["used"]);
    expect((await git("tag", "--list")).stdout).toBe("");
  });

  test.each([
    ["a changelog that says nothing of it", "# Changelog\n\n## 1.2.2\n\n- Old.\n", /says nothing of 1\.2\.3/],
    [
      "changes that no version has",
      ready.replace("Unreleased\n", "Unreleased\n\n- Forgotten.\n"),
      /under "Unreleased"/,
    ],
  ])("is refused for %s", async (_, changelog, told) => {
    await write("CHANGELOG.md", changelog);
    await commit();
    const { code, text } = await dryRun();
    expect(text).toMatch(told);
    expect(code).toBe(1);
  });

  test("is refused for a tree that is not clean, and for a version that is out, all told at once", async () => {
    await git("tag", "v1.2.3");
    await write("stray.txt", "");
    const { code, text } = await dryRun();
    expect(text).toMatch(/not clean[^]*stray\.txt[^]*tag v1\.2\.3 exists/);
    expect(code).toBe(1);
  });
});
