// npm run bench [-- --quick] [--without-peers] [--only gate,codes] [--people 100000] [--out file]
// Speed and cost beside the peers and beside what is written by hand, and who withstands three attacks: all in one run, as
// bench/table.mjs lists it. Ratios travel between machines, milliseconds do not. `--quick` shows that it works, no more.
import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { havePeers, installPeers } from "./peers.mjs";
import { goals, lineOf, scenarios } from "./table.mjs";

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    "without-peers": { type: "boolean", default: false },
    only: { type: "string", default: scenarios.join(",") },
    people: { type: "string" },
    out: { type: "string" },
  },
});
if (!values.quick && !values["without-peers"] && !havePeers()) installPeers();

const whole = { rounds: 41, each: 15, warm: 150, parallel: 50, guesses: 200, people: 12_000, samples: 100 };
const quick = { rounds: 2, each: 2, warm: 2, parallel: 5, guesses: 10, people: 50, samples: 2 };
const size = { ...(values.quick ? quick : whole), peers: !values["without-peers"] && havePeers() };
if (values.people !== undefined) size.people = Number(values.people);

/** @throws where the scenario did */
async function rowsOf(scenario) {
  // "bench": no library warns that this host is none for production.
  const env = { ...process.env, NODE_ENV: "bench" };
  const child = fork(here("scenario.mjs"), [scenario, JSON.stringify(size)], { env });
  const [rows] = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`Scenario ${scenario} ended with ${code}`))),
  ]);
  return rows;
}

const startedAt = performance.now();
console.log(
  `Node ${process.version}, load ${loadavg()[0].toFixed(1)}; ${size.rounds} rounds${size.peers ? "" : ", without peers"}\n`,
);
const results = [];
for (const scenario of values.only.split(",")) {
  const rows = await rowsOf(scenario);
  results.push(...rows);
  for (const row of rows) console.log(lineOf(row, !values.quick));
}
const missed = results.filter(({ name, ratio }) => goals[name]?.goal.isMet(ratio) === false).map(({ name }) => name);
const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
console.log(`\n${minutes} minutes, load ${loadavg()[0].toFixed(1)}`);
if (!values.quick) console.log(`Goals not met: ${missed.join(", ") || "none"}`);

// A quick run says nothing worth keeping.
const out = values.out ?? (values.quick ? undefined : here("results.json"));
if (out !== undefined) await writeFile(out, `${JSON.stringify(results, undefined, 2)}\n`);
