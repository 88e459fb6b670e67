// Loading the package beside loading its dependencies, each time in a process of its own.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ratioOf, summary, takeTurns } from "../pairs.mjs";
import { versions } from "../peers.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const own = [join(root, "dist/index.js")];

const run = (script) =>
  JSON.parse(execFileSync(process.execPath, ["--expose-gc", "-e", script], { cwd: root, encoding: "utf8" }));

/** All of them but those of the command line alone, and what our own files ask Node for, since that takes its time as well. */
function dependencies() {
  const { dependencies: all } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const ofCommands = ["commander", "cli-progress"];
  return [...builtIns(), ...Object.keys(all).filter((name) => !ofCommands.includes(name))];
}

const builtIns = () =>
  run(`
    const Module = require("node:module");
    const load = Module._load;
    const asked = new Set();
    Module._load = function (name, parent, ...more) {
      const from = parent?.filename ?? "";
      if (from.startsWith(${JSON.stringify(join(root, "dist"))}) && Module.isBuiltin(name)) asked.add(name);
      return load.call(this, name, parent, ...more);
    };
    require(${JSON.stringify(own[0])});
    console.log(JSON.stringify([...asked]));`);

/** Processor time, since a busy neighbour changes it less; memory after what can be thrown away is. */
const weigh = (names) =>
  run(`
    gc();
    const memory = () => { const { heapUsed, external } = process.memoryUsage(); return heapUsed + external; };
    const before = memory();
    const started = process.cpuUsage();
    for (const name of ${JSON.stringify(names)}) require(name);
    const { user, system } = process.cpuUsage(started);
    gc();
    console.log(JSON.stringify({ milliseconds: (user + system) / 1000, bytes: memory() - before }));`);

export async function measure(size) {
  const others = dependencies();
  const memory = { own: [], others: [] };
  const subject = (names, kept) => async () => {
    const { milliseconds, bytes } = weigh(names);
    kept?.push(bytes);
    return milliseconds;
  };
  const times = await takeTurns(
    { own: subject(own, memory.own), others: subject(others, memory.others), again: subject(others) },
    { rounds: size.rounds, each: Math.max(1, Math.ceil(size.each / 10)), warm: 1 },
  );
  const of = versions();
  const row = (name, numbers, unit) => ({ name, ...numbers, unit, versions: of });
  return [
    row("control-import", ratioOf(times.again, times.others), "× the dependencies alone, processor time"),
    row("import", ratioOf(times.own, times.others), "× the dependencies alone, processor time"),
    row("import-memory", ratioOf(memory.own, memory.others), "× the dependencies alone, bytes that stay"),
    row("milliseconds-import", summary(times.own), "ms"),
  ];
}
