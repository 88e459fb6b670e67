import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { conformance } from "../../src/stores/conformance";
import { mysqlSchema } from "../../src/stores/mysql";
import { sqliteSchema } from "../../src/stores/sqlite";
import { freshMariadb, mariadbSql } from "../support/services";
import { drivers, type Drivers } from "./drivers";
import { sqliteFileForThisTest } from "./sqlite-files";

const run = promisify(execFile);
const worker = (name: string) => join(__dirname, "worker", name);
/** `node:sqlite` came with Node 22.5, and the tests run with 20. */
const newerNode = ["npx", "-y", "-p", "node@24", "--", "node", "--no-warnings"];

let loaded: Drivers;
beforeAll(async () => {
  loaded = await drivers();
}, 600_000);

const kinds = ["better-sqlite3", "node:sqlite", "sqlite3", "mysql2"] as const;
type Kind = (typeof kinds)[number];

/** An empty table, and where it is. */
async function placeFor(kind: Kind): Promise<string> {
  if (kind === "mysql2") {
    const { url, drop } = await freshMariadb();
    onTestFinished(drop);
    await mariadbSql(url, mysqlSchema());
    return url;
  }
  const file = await sqliteFileForThisTest();
  const database = new loaded.BetterSqlite3(file);
  database.exec(`PRAGMA journal_mode = wal; ${sqliteSchema()}`);
  database.close();
  return file;
}

const nodeFor = (kind: Kind) => (kind === "node:sqlite" ? newerNode : [process.execPath]);

interface Counter {
  child: ChildProcess;
  /** The counts that were acknowledged to it. */
  acknowledged: number[];
  ended: Promise<{ code: number | null; stderr: string }>;
}

function startCounter(kind: Kind, place: string, many: number): Counter {
  const [command = "", ...args] = nodeFor(kind);
  const child = spawn(command, [...args, worker("counter.mjs"), kind, place, String(many), loaded.directory], {
    detached: true,
  });
  const acknowledged: number[] = [];
  let [rest, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    acknowledged.push(...lines.map(Number));
  });
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  onTestFinished(() => killGroup(child));
  return {
    child,
    acknowledged,
    ended: once(child, "close").then(([code]) => ({ code: code as number | null, stderr })),
  };
}

/** npx starts a shell, and that the process: all of them. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

async function countOn(kind: Kind, place: string): Promise<number> {
  const last = startCounter(kind, place, 1);
  expect(await last.ended).toEqual({ code: 0, stderr: "" });
  return last.acknowledged[0]! - 1;
}

describe.each(kinds)("processes with %s", (kind) => {
  test("that write at once, three of them, lose nothing that was acknowledged", async () => {
    const place = await placeFor(kind);
    const counters = [1, 2, 3].map(() => startCounter(kind, place, 100));
    for (const { ended } of counters) expect(await ended).toEqual({ code: 0, stderr: "" });
    const acknowledged = counters.flatMap((counter) => counter.acknowledged).toSorted((a, b) => a - b);
    expect(acknowledged).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    expect(await countOn(kind, place)).toBe(300);
  });

  test("of which one is killed lose nothing, and the others go on", async () => {
    const place = await placeFor(kind);
    const [doomed, other] = [startCounter(kind, place, 1_000_000), startCounter(kind, place, 300)];
    while (doomed.acknowledged.length < 50) await new Promise((resolve) => setTimeout(resolve, 5));
    killGroup(doomed.child);
    await doomed.ended;
    expect(await other.ended).toEqual({ code: 0, stderr: "" });
    const acknowledged = [...doomed.acknowledged, ...other.acknowledged];
    expect(new Set(acknowledged).size).toBe(acknowledged.length);
    // Some may have been written whose acknowledgement the dead process could no longer print; none is missing.
    const unheard = (await countOn(kind, place)) - acknowledged.length;
    expect(unheard).toBeGreaterThanOrEqual(0);
  });
});

test("sqliteStore conforms on node:sqlite", async () => {
  const place = await placeFor("node:sqlite");
  const [command = "", ...args] = newerNode;
  const { stdout } = await run(command, [...args, worker("conformance.mjs"), "node:sqlite", place]);
  const lines = stdout.trim().split("\n");
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual(conformance.map(({ name }) => ({ name })));
});
