import { execFile } from "node:child_process";
import { access, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installPacked, type Installed } from "./install";

const run = promisify(execFile);

let installed: Installed;
beforeAll(async () => {
  installed = await installPacked();
}, 120_000);
afterAll(() => installed.remove());

/** The names under which code is imported, `express-two-factor/package.json` aside. */
function codeSubpaths(): string[] {
  return Object.keys(installed.manifest.exports)
    .filter((subpath) => !subpath.endsWith(".json"))
    .map((subpath) => `express-two-factor${subpath.slice(1)}`);
}

/** Runs a script in the project that installed the package, and returns what it printed. */
async function inProject(file: string, text: string, flags: string[] = []): Promise<string> {
  await writeFile(join(installed.project, file), text);
  const { stdout } = await run(process.execPath, [...flags, file], { cwd: installed.project });
  return stdout.trim();
}

describe("the tarball", () => {
  test("holds what a host needs, and neither sources nor tests", async () => {
    const files = await readdir(installed.library);
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "dist", "docs", "package.json", "views"]));
    expect(files.filter((file) => /^(src|test|scripts|example-app|bench|tsconfig.*)$/.test(file))).toEqual([]);
  });

  test("holds every file that package.json names", async () => {
    const present = await readdir(installed.library, { recursive: true });
    const named = JSON.stringify(installed.manifest.exports).match(/\.\/[^"]+\.(?:js|d\.ts)(?=")/g) ?? [];
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((file) => !present.includes(file.slice(2)))).toEqual([]);
  });
});

describe("what is read beside the code", () => {
  /** Files of the tarball with their text. */
  async function texts(ending: RegExp): Promise<[string, string][]> {
    const files = (await readdir(installed.library, { recursive: true })).filter((file) => ending.test(file));
    return Promise.all(
      files.map(async (file) => [file, await readFile(join(installed.library, file), "utf8")] as [string, string]),
    );
  }
  const exists = (file: string) =>
    access(join(installed.library, file)).then(
      () => true,
      () => false,
    );

  test("links to files that are in the tarball, or to full addresses", async () => {
    const dead: string[] = [];
    for (const [file, text] of await texts(/\.md$/)) {
      for (const [, target = ""] of text.matchAll(/(?:\]\(|src=")([^)"\s#]+)/g)) {
        const link = target.replace(/#.*$/, "");
        if (/^https?:/.test(link)) continue;
        if (!(await exists(join(dirname(file), link)))) dead.push(`${file}: ${target}`);
      }
    }
    expect(dead).toEqual([]);
  });

  test("is in the tarball where the code, its errors among it, says to read it", async () => {
    const named = new Set<string>();
    for (const [, text] of await texts(/^dist\/.*\.(js|d\.ts)$/)) {
      for (const [name] of text.matchAll(/\bdocs\/[\w-]+\.(?:md|yaml)\b/g)) named.add(name);
    }
    expect(named.size).toBeGreaterThan(0);
    for (const name of named) expect([name, await exists(name)]).toEqual([name, true]);
  });

  test("leads from package.json to a repository, a homepage and a place for bugs, by full addresses", async () => {
    const { repository, homepage, bugs, keywords } = installed.manifest;
    expect(repository.url).toMatch(/^git\+https:\/\/.+\.git$/);
    for (const address of [homepage, bugs]) expect(URL.canParse(address)).toBe(true);
    expect(keywords).toEqual(expect.arrayContaining(["express", "two-factor", "totp", "2fa"]));
  });
});

describe("the installed package, with its declared dependencies only", () => {
  test("gives `require` and `import` one and the same instance", async () => {
    const shared = codeSubpaths().filter((name) => !name.endsWith("/client"));
    const script = `
      import { createRequire } from "node:module";
      const require = createRequire(import.meta.url);
      const different = [];
      for (const name of ${JSON.stringify(shared)}) {
        const [imported, required] = [await import(name), require(name)];
        for (const key of Object.keys(required)) if (imported[key] !== required[key]) different.push(name + "#" + key);
      }
      console.log(JSON.stringify(different));
    `;
    expect(JSON.parse(await inProject("same.mjs", script))).toEqual([]);
  });

  test("has its names found by a static `import` from an ES module", async () => {
    const script = `
      import { twoFactor } from "express-two-factor";
      import { memoryStore } from "express-two-factor/stores/memory";
      import { redisStore } from "express-two-factor/stores/redis";
      import { postgresStore } from "express-two-factor/stores/postgres";
      import { notice } from "express-two-factor/notices";
      console.log([twoFactor, memoryStore, redisStore, postgresStore, notice].map((value) => typeof value).join());
    `;
    expect(await inProject("names.mjs", script)).toBe("function,function,function,function,function");
  });

  test("is CommonJS down to its last dependency, as Jest and older bundlers need it", async () => {
    const script = `for (const name of ${JSON.stringify(codeSubpaths())}) require(name); console.log("loaded");`;
    expect(await inProject("commonjs.cjs", script, ["--no-experimental-require-module"])).toBe("loaded");
  });

  test("gives the browser client as an ES module, with the names of the CommonJS one", async () => {
    const script = `
      import { createRequire } from "node:module";
      const name = "express-two-factor/client";
      const [esm, cjs] = [await import(name), createRequire(import.meta.url)(name)];
      console.log(JSON.stringify([Object.keys(esm).sort(), Object.keys(cjs).sort()]));
    `;
    const [esm, cjs] = JSON.parse(await inProject("client.mjs", script)) as [string[], string[]];
    expect(esm).toEqual(cjs);
    expect(esm.length).toBeGreaterThan(0);
  });

  test("makes a key of 32 bytes on the command line", async () => {
    const npx = ["--no-install", "express-two-factor", "generate-key"];
    const { stdout } = await run("npx", npx, { cwd: installed.project });
    expect(stdout.trim()).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(Buffer.from(stdout.trim(), "base64")).toHaveLength(32);
  });
});
