// Prints the one line that a CI reads, `N passed, N failed`: vitest's counts of tests, and whatever else went wrong.
// Its argument is the number of failed commands (the test commands among them); ends with 1 when anything failed.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const cache = join(dirname(fileURLToPath(import.meta.url)), "..", ".cache");
const failedCommands = Number(process.argv[2]);

/** @param {string} name */
function report(name) {
  try {
    return JSON.parse(readFileSync(join(cache, name), "utf8"));
  } catch (error) {
    console.error("No test report:", error);
    return { numPassedTests: 0, numFailedTests: 0, success: false };
  }
}

const reports = [report("vitest.json"), report("vitest.states.json"), report("vitest-packed.json")];
const passed = reports.reduce((sum, { numPassedTests }) => sum + numPassedTests, 0);
const failedTests = reports.reduce((sum, { numFailedTests }) => sum + numFailedTests, 0);

// A test command itself counts through its tests; only when it failed without a failed test does it count as one.
const counted = reports.filter(({ numFailedTests }) => numFailedTests > 0).length;
const silent = reports.filter(({ success, numFailedTests }) => !success && numFailedTests === 0).length;
const failed = failedTests + Math.max(failedCommands - counted, silent);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
