import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blocksOf } from "../docs/pages";
import { startExample, walk } from "../examples/example";
import { installPacked, type Installed } from "./install";

const run = promisify(execFile);

let installed: Installed;
beforeAll(async () => {
  installed = await installPacked();
  await installed.add("express", "express-session");
}, 120_000);
afterAll(() => installed.remove());

test("the README's commands lead from an empty folder to an app with a second factor", async () => {
  const block = blocksOf("README.md", "sh").find(({ code }) => code.startsWith("npm init -y"))!;
  const [install, ...steps] = block.code.trim().split("\n");
  // What the registry would bring is there, from this repository.
  expect(install).toBe("npm init -y && npm install express express-session express-two-factor");
  const start = /^node (\S+) app\.js$/.exec(steps.pop()!);
  await run("sh", ["-ec", steps.join("\n")], { cwd: installed.project });
  const app = await startExample("minimal", { folder: installed.project, env: {}, flags: [start![1]!] });
  await walk(app, { email: "anna@example.com" });
});
