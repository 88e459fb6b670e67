// Prints the one line that a CI reads, `N passed, N failed`: vitest's count of tests, and whatever else went wrong.
// Its argument is the number of failed commands (the test command among them); ends with 1 when anything failed.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const report = join(dirname(fileURLToPath(import.meta.url)), "..", ".cache", "vitest.json");
const failedCommands = Number(process.argv[2]);

let tests = { numPassedTests: 0, numFailedTests: 0, success: false };
try {
  tests = JSON.parse(readFileSync(report, "utf8"));
} catch (error) {
  console.error("No test report:", error);
}

// The test command itself counts through its tests; only when it failed without a failed test does it count as one.
const otherFailures = failedCommands - (tests.numFailedTests > 0 ? 1 : 0);
const failed = tests.numFailedTests + Math.max(otherFailures, tests.success || tests.numFailedTests > 0 ? 0 : 1);
console.log(`${tests.numPassedTests} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
