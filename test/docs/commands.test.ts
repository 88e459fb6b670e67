import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { blocksOf, textOf } from "./pages";
import { pages } from "./snippets";

const run = promisify(execFile);
const root = join(__dirname, "../..");
const main = join(root, "dist/cli/index.js");

/** What each command of ours takes, by its own word. */
const help = new Map<string, string>();
beforeAll(async () => {
  const { stdout } = await run(process.execPath, [main, "--help"]);
  help.set("", stdout);
  const names = [...stdout.matchAll(/^ {2}([a-z][a-z-]+) /gm)].map(([, name]) => name!);
  await Promise.all(
    names.map(async (name) => help.set(name, (await run(process.execPath, [main, name, "--help"])).stdout)),
  );
}, 60_000);

test.each(pages)("every command of ours in %s is one, and has the options that are shown", (page) => {
  const shown = [...textOf(page).matchAll(/npx express-two-factor ([a-z-]+)((?: [^\n`#|]*)?)/g)];
  const wrong = shown.flatMap(([whole, name, rest = ""]) => {
    const known = help.get(name!);
    if (known === undefined) return [whole];
    return [...rest.matchAll(/(?<= )--[a-z-]+/g)].filter(([option]) => !known.includes(option)).map(() => whole);
  });
  expect(wrong).toEqual([]);
});

test("docs/command-line.md names every command, and every option that a command has", () => {
  const page = textOf("docs/command-line.md");
  const missing = [...help].flatMap(([name, text]) => {
    if (name === "" || name === "help") return [];
    const options = [...text.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option!);
    const wanted = options.filter((option) => !["--help", "--version"].includes(option));
    const own = name === "import" ? page + textOf("docs/coming-from-elsewhere.md") : page;
    return [name, ...wanted].filter((word) => !own.includes(word)).map((word) => `${name}: ${word}`);
  });
  expect(missing).toEqual([]);
});

test.each(pages)("what %s has for a shell is one's, and its npm scripts are there", async (page) => {
  const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
  for (const { code } of blocksOf(page, "sh")) {
    await run("sh", ["-nc", code]);
    const used = [...code.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!);
    expect(used.filter((name) => scripts[name] === undefined)).toEqual([]);
  }
});
