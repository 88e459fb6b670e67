// node bench/soak.mjs --minutes 10 --processes 4 --store postgres|redis
// People set up, log in, guess, repeat and are reset over several processes, while one process a minute is killed and
// the database is restarted once. Ends with 1 where a code passed that must not, or an enrolment is gone.
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Browser } from "./browser.mjs";
import { startCluster } from "./cluster.mjs";
import { startPostgres, startRedis } from "../scripts/servers.mjs";
import { live } from "./soak-scenes.mjs";
import { createTally } from "./tally.mjs";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    processes: { type: "string", default: "4" },
    store: { type: "string", default: "postgres" },
    clients: { type: "string", default: "12" },
  },
});
const [minutes, processes, clients] = [values.minutes, values.processes, values.clients].map(Number);
const milliseconds = minutes * 60_000;

const redis = await startRedis({ appendonly: true });
const postgres = values.store === "postgres" ? await startPostgres({ fsync: true }) : undefined;
const cluster = await startCluster(processes, {
  STORE: values.store,
  REDIS_URL: redis.url,
  ...(postgres && { DATABASE_URL: postgres.url }),
  // Short locks, so that people come back within the run; a reset is to be known everywhere within a second.
  OPTIONS: JSON.stringify({
    revalidateSeconds: 1,
    lockout: { baseSeconds: 2, maxSeconds: 2 },
    rememberBrowser: "never",
  }),
});

const tally = createTally();
const anyProcess = () => cluster.urls[Math.floor(Math.random() * processes)];
const browser = () => new Browser(anyProcess, tally.answered);
const endsAt = Date.now() + milliseconds;
let people = 0;
let lastEnrolled;

async function client(number) {
  while (Date.now() < endsAt) {
    const id = `person-${number}-${(people += 1)}`;
    lastEnrolled = (await live(id, { browser, tally, foreign: () => lastEnrolled })) ?? lastEnrolled;
  }
}

let kills = 0;
async function killOneAMinute() {
  while (Date.now() + 60_000 < endsAt) {
    await pause(60_000);
    await cluster.crash(kills % processes);
    kills += 1;
  }
}

let restarts = 0;
async function restartDatabaseOnce() {
  await pause(milliseconds / 2);
  await (postgres ?? redis).restart();
  restarts += 1;
}

console.log(`${values.store}, ${processes} processes, ${clients} clients, ${minutes} minutes`);
await Promise.all([
  ...Array.from({ length: clients }, (_, number) => client(number)),
  killOneAMinute(),
  restartDatabaseOnce(),
]);

/** Asked until an answer comes: silence is no loss. */
async function isEnrolled(id) {
  for (let tries = 0; tries < 20; tries += 1) {
    const { status, body } = await new Browser(anyProcess).get(`/admin/status/${id}`);
    if (status === 200) return body.enabled === true;
    await pause(250);
  }
  throw new Error(`No answer about ${id}`);
}
const lost = [];
for (const id of tally.enrolments) if (!(await isEnrolled(id))) lost.push(id);

const requests = [...tally.statuses.values()].reduce((sum, many) => sum + many, 0);
console.log(`requests ${requests}; people ${people}; processes killed ${kills}; database restarted ${restarts}`);
console.log("by status", Object.fromEntries([...tally.statuses].sort()));
console.log("races, codes accepted", Object.fromEntries(tally.passes), "; resets", tally.resets);
console.log(`answers to proven sessions ${tally.provenAnswers}, not let in`, Object.fromEntries(tally.provenRefused));
console.log(`enrolments acknowledged and kept on ${tally.enrolments.size - lost.length}`);
console.log(`wrong passes ${tally.wrongPasses.length}`, tally.wrongPasses.slice(0, 20));
console.log(`lost enrolments ${lost.length}`, lost.slice(0, 20));

await cluster.stop();
await Promise.all([redis.stop(), postgres?.stop()]);
process.exitCode = tally.wrongPasses.length + lost.length > 0 ? 1 : 0;
