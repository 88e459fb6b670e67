import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

// Nothing here is timed: what is promised is that the measurements can be made, wherever somebody wants to make them.
const run = promisify(execFile);
const bench = join(__dirname, "../../bench");
const ofPeers = ["status-vs-better-auth", "verify-vs-better-auth", "step-up-vs-better-auth"];
const named = [
  ...["gate-session", "gate-not-needed", "gate-http", "gate-vs-passport", ...ofPeers, "verify-vs-floor"],
  ...["decrypt-vs-sdk", "redis-round-trips", "pg-round-trips", "enrol", "import", "proven-heap", "key-verify"],
];

interface Row {
  name: string;
  ratio: number;
  low: number;
  high: number;
  unit: string;
  versions: Record<string, string>;
}

let folder: string;
let goals: Record<string, { needsPeers?: boolean }>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "two-factor-bench-test-"));
  ({ goals } = (await import(pathToFileURL(join(bench, "table.mjs")).href)) as { goals: typeof goals });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("every goal that was set is measured by the bench, and told in docs/performance.md", async () => {
  const document = await readFile(join(bench, "../docs/performance.md"), "utf8");
  expect(Object.keys(goals)).toEqual(expect.arrayContaining(named));
  expect(named.filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
});

test("a quick run needs no peers, and answers every goal that they are not part of", async () => {
  const out = join(folder, "results.json");
  const { stdout } = await run(process.execPath, [join(bench, "run.mjs"), "--quick", "--without-peers", "--out", out]);
  const rows = JSON.parse(await readFile(out, "utf8")) as Row[];
  const names = rows.map(({ name }) => name);
  const wanted = Object.keys(goals).filter((name) => goals[name]?.needsPeers !== true);
  expect(wanted.filter((name) => !names.includes(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
  for (const row of rows) {
    expect(Object.keys(row)).toEqual(["name", "ratio", "low", "high", "unit", "versions"]);
    expect([row.ratio, row.low, row.high].every(Number.isFinite)).toBe(true);
    expect(row.versions).toMatchObject({ node: process.versions.node });
    expect(stdout).toContain(row.name);
  }
  // What counts is right however little was measured.
  const value = (name: string) => rows.find((row) => row.name === name)?.ratio;
  expect(value("one-code-at-once-ours")).toBe(1);
  expect(value("wrong-guesses-at-once-ours")).toBe(3);
  expect(value("older-step-after-newer-ours")).toBe(0);
});

test("the peers are no dependencies of the library: they have a package and a lock file of their own", async () => {
  const read = async (file: string) =>
    JSON.parse(await readFile(file, "utf8")) as Record<string, Record<string, string> | undefined>;
  const theirs = Object.keys((await read(join(bench, "package.json")))["dependencies"] ?? {});
  const library = await read(join(bench, "../package.json"));
  expect(theirs).toEqual(expect.arrayContaining(["better-auth", "passport-totp"]));
  for (const kind of ["dependencies", "devDependencies"]) {
    expect(Object.keys(library[kind] ?? {})).not.toEqual(expect.arrayContaining(["better-auth"]));
  }
  expect(Object.keys(await read(join(bench, "package-lock.json")))).toContain("packages");
});
