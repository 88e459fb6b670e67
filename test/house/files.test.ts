import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";

const root = join(__dirname, "..", "..");
const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ts"),
);

test("no source file is a drawer for things without a home: a type or helper lives with its owner", () => {
  const drawers = ["utils.ts", "util.ts", "helpers.ts", "common.ts", "types.ts", "misc.ts"];
  expect(sources.filter((file) => drawers.includes(basename(file)))).toEqual([]);
});

test("source files are named in lower case with hyphens, so that a clone on any file system is the same", () => {
  expect(sources.filter((file) => !/^([a-z0-9-]+\/)*[a-z0-9-]+\.ts$/.test(file))).toEqual([]);
});
