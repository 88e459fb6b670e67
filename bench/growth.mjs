// node bench/growth.mjs --users 1000,100000,1000000 --store postgres|mysql|redis|sqlite [--people 50] [--rounds 31]
// Does it matter how many are enrolled? A process and a database for each size, filled with typical records, side by side: real
// people verify in turns, and each size is told as a ratio to the first, which runs twice as the control.
import { parseArgs } from "node:util";
import { startRedis } from "../scripts/servers.mjs";
import { startCluster } from "./cluster.mjs";
import { Connection, Visitor } from "./connection.mjs";
import { timed } from "./figures.mjs";
import { stores } from "./growth-stores.mjs";
import { ratioOf, summary, takeTurns } from "./pairs.mjs";
import { codeNow, nextStep, ours } from "./sides.mjs";

const { values } = parseArgs({
  options: {
    users: { type: "string", default: "1000,100000,1000000" },
    store: { type: "string", default: "postgres" },
    people: { type: "string", default: "50" },
    rounds: { type: "string", default: "31" },
  },
});
const sizes = values.users.split(",").map(Number);
const people = Number(values.people);
const revalidateSeconds = 2;
const model = "model-of-a-typical-person";

/** A host whose store holds so many records, and how somebody verifies there. */
async function sized(server, users, name, sessions) {
  const store = await server.open(name);
  const variables = { STORE: values.store, REDIS_URL: sessions.url, ...store.variables };
  // One recovery code each: ten take ten scrypts, which makes the preparation long and changes nothing measured here.
  const options = (count) => ({
    ...variables,
    OPTIONS: JSON.stringify({ revalidateSeconds, recoveryCodes: { count } }),
  });
  const clock = { aheadMilliseconds: 0 };
  const visitorAt = async (url) => new Visitor(await Connection.open(Number(new URL(url).port)));
  const signedIn = async (connection, id, secret) => {
    const visitor = Object.assign(new Visitor(connection), clock);
    await ours.signIn(visitor, id);
    const { status, milliseconds } = await ours.verify(visitor, codeNow(visitor, secret));
    if (status !== 200) throw new Error(`The code of ${id} answered ${status}`);
    return { visitor, milliseconds };
  };

  const maker = await startCluster(1, options(10));
  const { connection: first } = await visitorAt(maker.urls[0]);
  const secret = await ours.enrol(new Visitor(first), model);
  nextStep(clock);
  await signedIn(first, model, secret);
  const template = await store.read(model);
  await maker.stop();

  const cluster = await startCluster(1, options(1));
  const { connection } = await visitorAt(cluster.urls[0]);
  const secrets = [];
  for (let n = 0; n < people; n += 1) {
    secrets.push(await ours.enrol(Object.assign(new Visitor(connection), clock), `person-${n}`));
  }
  const { milliseconds } = await timed(() => store.fill(users, template, model));
  console.log(
    `${users} records of ${Buffer.byteLength(template)} bytes: filled in ${(milliseconds / 1000).toFixed(0)} s`,
  );

  let turn = 0;
  return {
    async verify() {
      if ((turn += 1) % people === 1) nextStep(clock);
      const who = turn % people;
      return (await signedIn(connection, `person-${who}`, secrets[who])).milliseconds;
    },
    /** Store calls of ten proven sessions that ask for a page again and again for three seconds. */
    async callsOfProven() {
      nextStep(clock);
      const proven = [];
      for (let n = 0; n < Math.min(10, people); n += 1)
        proven.push((await signedIn(connection, `person-${n}`, secrets[n])).visitor);
      const before = (await cluster.ask()).calls;
      const startedAt = Date.now();
      let requests = 0;
      for (; Date.now() - startedAt < 3000; requests += proven.length)
        for (const visitor of proven) await visitor.get("/private");
      const atMost = proven.length * Math.ceil((Date.now() - startedAt) / 1000 / revalidateSeconds + 1);
      return { requests, calls: (await cluster.ask()).calls.get - before.get, atMost };
    },
    async stop() {
      connection.close();
      await cluster.stop();
      await store.close();
    },
  };
}

const [sessions, server] = [await startRedis(), await stores[values.store]()];
const hosts = {};
for (const [n, users] of [sizes[0], ...sizes].entries()) {
  hosts[n === 0 ? "control" : String(users)] = await sized(server, users, `size_${n}`, sessions);
}
const verifying = Object.fromEntries(Object.entries(hosts).map(([name, { verify }]) => [name, verify]));
const times = await takeTurns(verifying, { rounds: Number(values.rounds), each: 20, warm: 100 });
const first = times[String(sizes[0])];
const text = ({ ratio, low, high }) => `${ratio.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
for (const [name, host] of Object.entries(hosts)) {
  const { requests, calls, atMost } = await host.callsOfProven();
  console.log(
    `${values.store}, ${name.padEnd(8)} verify ${text(ratioOf(times[name], first))} × ${sizes[0]} enrolled,`,
    `${text(summary(times[name]))} ms; ${requests} requests of proven sessions, ${calls} store calls (at most ${atMost})`,
  );
}
await Promise.all(Object.values(hosts).map((host) => host.stop()));
await Promise.all([sessions.stop(), server.stop()]);
