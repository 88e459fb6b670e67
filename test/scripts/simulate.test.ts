import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const script = join(__dirname, "..", "..", "scripts", "simulate.mjs");

test("two of the thirty days under attack: the owner gets in, and no more is told than may be", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [script, "--days", "2"]);
  expect(stdout).toMatch(/owner on a known browser +in 6 of 6/);
  expect(stdout).toMatch(/attacker +typed \d+, told \d+, in 0;/);
});
