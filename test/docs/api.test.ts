import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { apiPage } from "../../scripts/reference/api.mjs";
import { viewsPage } from "../../scripts/reference/views.mjs";

const root = join(__dirname, "../..");

/** Compared line by line: a page of 2,000 lines is no readable difference. */
test.each([
  ["docs/api.md", apiPage],
  ["docs/views.md", viewsPage],
])("%s is what the build says (npm run api)", { timeout: 60_000 }, (page, make) => {
  const made = make().split("\n");
  const kept = readFileSync(join(root, page), "utf8").split("\n");
  const first = made.findIndex((line, index) => line !== kept[index]);
  expect(first === -1 ? undefined : { line: first + 1, made: made[first], kept: kept[first] }).toBeUndefined();
  expect(kept).toHaveLength(made.length);
});

test("docs/api.md names every entry of the package, and no file of this machine", () => {
  const page = readFileSync(join(root, "docs/api.md"), "utf8");
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { exports: object };
  const entries = Object.keys(exports).filter((path) => !path.endsWith(".json"));
  const titles = page.split("\n").filter((line) => line.startsWith("## "));
  expect(titles).toEqual(entries.map((path) => `## express-two-factor${path.slice(1)}`));
  expect(page).not.toContain("import(");
  expect(page).not.toContain(root);
});
