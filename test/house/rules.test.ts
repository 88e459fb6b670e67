import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(__dirname, "../..");
const text = readFileSync(join(root, "docs/rules.md"), "utf8");
const rules = [...text.matchAll(/^### (\d+)\. /gm)].map(([, number]) => Number(number));

/** All that people wrote here to be read, code too, each line with its place. */
function linesOf(...places: string[]): string[] {
  const files = places.flatMap((place) =>
    /\./.test(place)
      ? [place]
      : readdirSync(join(root, place), { recursive: true, encoding: "utf8" }).map((file) => join(place, file)),
  );
  return files
    .filter((file) => /\.(md|ts|mts|mjs|cjs|js|ejs|yaml)$/.test(file) && !/node_modules|dist|test.house/.test(file))
    .flatMap((file) =>
      readFileSync(join(root, file), "utf8")
        .split("\n")
        .map((line, index) => `${file}:${index + 1}: ${line}`),
    );
}

const lines = linesOf(
  ...["README.md", "SECURITY.md", "CHANGELOG.md"],
  ...["docs", "src", "views", "test", "example-app", "examples", "scripts", "bench"],
);

test("every rule has its tests, and every security test a rule that docs/rules.md tells", () => {
  const files = readdirSync(join(root, "test/security")).filter((file) => file.endsWith(".test.ts"));
  const tested = new Set(files.map((file) => Number(/^(\d\d)-/.exec(file)?.[1])));
  expect([...tested].toSorted((a, b) => a - b)).toEqual(rules.toSorted((a, b) => a - b));
});

test("a rule that is quoted by its number is there", () => {
  const quoted = lines.flatMap((line) => [...line.matchAll(/\brules? (\d+)/gi)].map(([, number]) => Number(number)));
  expect(quoted.length).toBeGreaterThan(0);
  expect(quoted.filter((number) => !rules.includes(number))).toEqual([]);
});

test("nothing points to papers that are not in the repository", () => {
  const papers = /\bdocuments? 00\d|\bissues? #?\d+\b|\b(design|findings)\.md|\.\.\/shared\//i;
  expect(lines.filter((line) => papers.test(line))).toEqual([]);
});
