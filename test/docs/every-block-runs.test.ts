import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { blocksOf, textOf, type Block } from "./pages";
import { ranByWhat } from "./ran-by";

const root = join(__dirname, "../..");

const pages = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "ARCHITECTURE.md", "examples/README.md"],
  ...readdirSync(join(root, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];

const name = ({ page, line, code }: Block) => `${page}:${line} ${code.split("\n")[0]}`;
const rowsFor = (block: Block) => {
  const ofPage = ranByWhat.filter(({ page }) => page === block.page);
  const own = ofPage.filter(({ text }) => text !== undefined && block.code.includes(text));
  return own.length > 0 ? own : ofPage.filter(({ text }) => text === undefined);
};

test.each(pages)("every code block of %s is run by a test, or a reason stands in the table", (page) => {
  // A fence that is indented, or opened with more, would not be seen.
  const fences = [...textOf(page).matchAll(/^[ \t>]*(?:`{3,}|~{3,})/gm)].length;
  expect(blocksOf(page)).toHaveLength(fences / 2);
  expect(blocksOf(page).flatMap((block) => (rowsFor(block).length === 1 ? [] : [name(block)]))).toEqual([]);
});

test("every row of the table is about one block, and its test takes the block from the page", () => {
  const blocks = pages.flatMap((page) => blocksOf(page));
  const wrong = ranByWhat.filter((row) => {
    const { page, text, by, named = text, because } = row;
    const about = blocks.filter((block) => rowsFor(block).includes(row));
    if (text === undefined ? about.length === 0 : about.length !== 1) return true;
    if (by === undefined) return because === undefined;
    if (!existsSync(join(root, by))) return true;
    const code = textOf(by);
    return !code.includes(page) || (named !== undefined && !code.includes(named));
  });
  expect(wrong).toEqual([]);
});
