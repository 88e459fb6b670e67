import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const main = join(__dirname, "../../dist/cli/index.js");
const shell = (line: string, ...args: string[]) =>
  spawnSync("sh", ["-c", line, "sh", process.execPath, main, ...args], { encoding: "utf8" });

test.each(["generate-key", "schema"])("%s ends with 1 where its output cannot be written", (command) => {
  const ran = shell('"$@" > /dev/full', command);
  expect(ran.status).toBe(1);
  expect(ran.stderr).toContain("could not be written");
});

test("no key is made that nobody would see", () => {
  const ran = shell('"$@" >&-', "generate-key");
  expect(ran.status).toBe(1);
  expect(ran.stderr).toContain("No key was made");
});

test("what was typed is no command to the terminal when an error quotes it", () => {
  const ran = shell('"$@"', "no\u001B[31m-such");
  expect(ran.status).toBe(1);
  expect(ran.stderr).toBe("error: unknown command 'no\uFFFD[31m-such'\n");
});
