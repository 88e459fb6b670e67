// node bench/profile.mjs page|verify|enrol|key [--times 3000] [--lines 40] [--floor]
// Where the time of one hot path goes: a warm process is asked again and again, and what V8 has sampled is summed up by
// function, its own and with all that it calls. `--floor` profiles what is written by hand instead.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { codeNow, floor, nextStep, ours } from "./sides.mjs";
import { keyOwner } from "./key-owner.mjs";
import { startSubject } from "./subject.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    times: { type: "string", default: "3000" },
    lines: { type: "string", default: "40" },
    floor: { type: "boolean", default: false },
  },
});
const side = values.floor ? floor : ours;

/** @returns what is asked again and again */
const paths = {
  async page(_subject, visitor) {
    await side.enrol(visitor, "ada");
    return () => visitor.get("/page");
  },
  async verify(subject, clock) {
    const secret = await side.enrol(clock, "ada");
    return async () => {
      nextStep(clock);
      const visitor = subject.again(clock);
      await side.signIn(visitor, "ada");
      const { status } = await side.verify(visitor, codeNow(visitor, secret));
      if (status !== 200) throw new Error(`A right code answered ${status}`);
    };
  },
  enrol(subject, first) {
    let people = 0;
    return async () => {
      const visitor = subject.again(first);
      await side.signIn(visitor, `person-${(people += 1)}`);
      await visitor.get(values.floor ? "/setup" : "/two-factor/setup", "text/html");
    };
  },
  key: (subject) => keyOwner(subject, values.floor ? "floor" : "ours"),
};

/** By a function's name and place: microseconds a time, of its own and in all. */
function summed({ nodes, samples, timeDeltas }, times) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const nameOf = ({ callFrame: { functionName, url, lineNumber } }) =>
    `${functionName || "(anonymous)"}  ${url.replace(/^.*\/(?=dist\/|bench\/)|^.*node_modules\//, "")}:${lineNumber + 1}`;
  const sums = new Map();
  for (const [at, sample] of samples.entries()) {
    const seen = new Set();
    for (let id = sample; id !== undefined; id = parents.get(id)) {
      const name = nameOf(byId.get(id));
      const sum = sums.get(name) ?? { own: 0, all: 0 };
      if (id === sample) sum.own += timeDeltas[at] / times;
      if (!seen.has(name)) sum.all += timeDeltas[at] / times;
      seen.add(name);
      sums.set(name, sum);
    }
  }
  return [...sums].map(([name, sum]) => ({ name, ...sum }));
}

const [path = "verify"] = positionals;
const folder = await mkdtemp(join(tmpdir(), "two-factor-profile-"));
try {
  const how = ["--cpu-prof", `--cpu-prof-dir=${folder}`, "--cpu-prof-interval=200"];
  const subject = await startSubject(
    values.floor ? "floor" : "ours",
    { NODE_ENV: "bench", ...(path === "key" && { KEYS: "1" }) },
    how,
  );
  const ask = await paths[path](subject, await subject.visitor());
  for (let n = 0; n < Number(values.times); n += 1) await ask();
  await subject.stop();
  const [file] = await readdir(folder);
  const functions = summed(JSON.parse(await readFile(join(folder, file), "utf8")), Number(values.times));
  for (const by of ["own", "all"]) {
    console.log(`\nMicroseconds a time, ${by === "own" ? "in the function itself" : "with all that it calls"}`);
    for (const one of functions.toSorted((a, b) => b[by] - a[by]).slice(0, Number(values.lines))) {
      console.log(`${one[by].toFixed(1).padStart(8)}  ${one.name}`);
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
