import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(__dirname, "../..");
const sources = join(root, "src");
const folders = readdirSync(sources, { withFileTypes: true }).filter((entry) => entry.isDirectory());

/** What is said in backticks and looks like a file or a folder. */
const pathsIn = (text: string): string[] =>
  [...text.matchAll(/`([\w./-]+)`/g)].flatMap(([, path = ""]) =>
    /\/|\.(ts|mjs|mts|md|json|yaml)$/.test(path) ? [path] : [],
  );

/** As the map writes them: from the root, from `src`, or from a folder that the same row has named. */
function isThere(path: string, row: string): boolean {
  const named = pathsIn(row).filter((other) => other.endsWith("/"));
  const parts = folders.map(({ name }) => join("src", name));
  return ["", "src", ...parts, ...named].some((base) => existsSync(join(root, base, path)));
}

describe.each(["ARCHITECTURE.md", "CONTRIBUTING.md"])("%s", (file) => {
  const text = readFileSync(join(root, file), "utf8");

  test("names no file that is not there", () => {
    const rows = text.split("\n");
    const lost = rows.flatMap((row) => pathsIn(row).filter((path) => !isThere(path, row)));
    expect(lost.filter((path) => !path.includes("application/"))).toEqual([]);
  });

  test("links to what is there", () => {
    const links = [...text.matchAll(/\]\(([^)#]+)/g)].map(([, link = ""]) => link);
    expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
  });
});

test("every folder of src has its place on the map", () => {
  const map = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  expect(folders.map(({ name }) => name).filter((name) => !map.includes(`\`src/${name}/\``))).toEqual([]);
});

test("the map is one page", () => {
  expect(readFileSync(join(root, "ARCHITECTURE.md"), "utf8").split("\n").length).toBeLessThanOrEqual(120);
});
