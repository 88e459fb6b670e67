import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const run = promisify(execFile);
const root = join(__dirname, "..", "..");

interface Report {
  diagnostics: { code: string; filename: string; labels: { span: { line: number } }[] }[];
}

/** A house of its own with our rules and the bad code, since in this one the fixtures are left out of the lint. */
let house: string;
/** `src/core/bad.ts:4 no-restricted-imports` for each report. */
let reported: Set<string>;

async function badLines(): Promise<string[]> {
  const files = await readdir(join(house, "src"), { recursive: true });
  const lines = files
    .filter((file) => file.endsWith(".ts"))
    .map(async (file) => {
      const text = await readFile(join(house, "src", file), "utf8");
      return text.split("\n").flatMap((line, index) => {
        const rule = /\/\/ bad: (\S+)$/.exec(line)?.[1];
        return rule === undefined ? [] : [`src/${file}:${index + 1} ${rule}`];
      });
    });
  return (await Promise.all(lines)).flat();
}

async function lint(): Promise<Report> {
  const oxlint = join(root, "node_modules", ".bin", "oxlint");
  const output = await run(oxlint, ["--type-aware", "--format=json", "src"], { cwd: house, maxBuffer: 2 ** 24 }).catch(
    (failed: { stdout: string }) => failed,
  );
  return JSON.parse(output.stdout) as Report;
}

beforeAll(async () => {
  house = await mkdtemp(join(tmpdir(), "two-factor-house-"));
  await cp(join(__dirname, "fixtures"), house, { recursive: true });
  await cp(join(root, ".oxlintrc.json"), join(house, ".oxlintrc.json"));
  await cp(join(root, "tsconfig.base.json"), join(house, "tsconfig.base.json"));
  await writeFile(join(house, "tsconfig.json"), '{ "extends": "./tsconfig.base.json", "include": ["src"] }');
  await symlink(join(root, "node_modules"), join(house, "node_modules"));
  const { diagnostics } = await lint();
  reported = new Set(
    diagnostics.map(({ code, filename, labels }) => {
      const rule = /\((.+)\)$/.exec(code)?.[1] ?? code;
      return `${filename}:${labels[0]?.span.line} ${rule}`;
    }),
  );
});

afterAll(() => rm(house, { recursive: true, force: true }));

describe("the linter", () => {
  test("reports every line of the bad house that breaks a rule", async () => {
    const bad = await badLines();
    expect(bad.length).toBeGreaterThan(50);
    expect(bad.filter((line) => !reported.has(line))).toEqual([]);
  });

  test("lets the arrows of the house pass in the allowed direction", async () => {
    const bad = await badLines();
    const arrows = [...reported].filter((line) => line.endsWith(" no-restricted-imports"));
    expect(arrows.filter((line) => !bad.includes(line))).toEqual([]);
  });

  test("reports a source file of more than 250 lines", async () => {
    await writeFile(join(house, "src", "long.ts"), "export {};\n" + "\n".repeat(250));
    const { diagnostics } = await lint();
    const long = diagnostics.filter(({ filename }) => filename === "src/long.ts");
    expect(long.map(({ code }) => code)).toContain("eslint(max-lines)");
  });
});
