// npm run bench [-- --requests 500] [-- --passport-totp <folder where it is installed>]
// What the gate and a code cost, side by side in one run. Ratios travel between machines, milliseconds do not.
import { once } from "node:events";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { codeOf, currentStep } from "./authenticator.mjs";
import { Browser } from "./browser.mjs";
import { startCluster } from "./cluster.mjs";
import { median, milliseconds, quantile, timed } from "./figures.mjs";
import { startPostgres, startRedis } from "../scripts/servers.mjs";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "500" },
    people: { type: "string", default: "40" },
    "passport-totp": { type: "string" },
  },
});
const requests = Number(values.requests);
const rounds = 31;

const redis = await startRedis({ appendonly: false });
const postgres = await startPostgres({ fsync: true });
const servers = { REDIS_URL: redis.url, DATABASE_URL: postgres.url };

async function enrolled(url, id) {
  const browser = new Browser(url);
  await browser.login(id);
  const { secret } = (await browser.post("/two-factor/setup")).body;
  const step = currentStep();
  const { status } = await browser.post("/two-factor/setup/verify", { code: codeOf(secret, step) });
  if (status !== 200) throw new Error(`The set-up answered ${status}`);
  return { id, secret, step };
}

/** Logs in anew, with the code of the step after the one that enrolled. */
async function verified(url, { id, secret, step }) {
  const browser = new Browser(url);
  await browser.login(id);
  const { answer, milliseconds } = await timed(() => browser.verify(codeOf(secret, step + 1)));
  if (answer.status !== 200) throw new Error(`A right code answered ${answer.status}`);
  return { browser, milliseconds };
}

/** Processor microseconds of the host process for one request: a busy neighbour changes them less than wall time. */
async function costOf(cluster, browser, path) {
  const before = await cluster.ask();
  for (let n = 0; n < requests; n += 1) {
    const { status } = await browser.get(path);
    if (status !== 200) throw new Error(`${path} answered ${status}`);
  }
  const after = await cluster.ask();
  const cpu = ({ user, system }) => user + system;
  return { microseconds: (cpu(after.cpu) - cpu(before.cpu)) / requests, reads: after.calls.get - before.calls.get };
}

async function gate() {
  const cluster = await startCluster(1, { STORE: "postgres", ...servers });
  const [url] = cluster.urls;
  const person = await enrolled(url, "gate");
  const { browser: proven } = await verified(url, person);
  const remembered = new Browser(url);
  remembered.cookies.set("remember_tfa", proven.cookies.get("remember_tfa"));
  await remembered.login(person.id);
  await costOf(cluster, proven, "/open"); // warm
  await costOf(cluster, proven, "/private");

  const costs = { alone: [], again: [], proven: [], remembered: [] };
  const reads = { proven: 0, remembered: 0 };
  const startedAt = Date.now();
  for (let round = 0; round < rounds; round += 1) {
    const alone = (await costOf(cluster, proven, "/open")).microseconds;
    const ofProven = await costOf(cluster, proven, "/private");
    const ofRemembered = await costOf(cluster, remembered, "/private");
    const again = (await costOf(cluster, proven, "/open")).microseconds;
    const between = (alone + again) / 2;
    costs.alone.push(between);
    costs.again.push(again / alone);
    costs.proven.push(ofProven.microseconds / between);
    costs.remembered.push(ofRemembered.microseconds / between);
    reads.proven += ofProven.reads;
    reads.remembered += ofRemembered.reads;
  }
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
  await cluster.stop();
  const ratio = (numbers) => {
    const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(numbers, part));
    return `${middle.toFixed(3)}  (half of the rounds: ${low.toFixed(2)} to ${high.toFixed(2)})`;
  };
  console.log(`The gate: processor time for a request, ${rounds} rounds of ${requests}; sessions in Redis`);
  console.log(`  express-session alone         1      (${median(costs.alone).toFixed(0)} µs)`);
  console.log(`  the same once more (noise)    ${ratio(costs.again)}`);
  console.log(`  a proven session              ${ratio(costs.proven)}`);
  console.log(`  a remembered browser          ${ratio(costs.remembered)}`);
  console.log(
    `  store reads in ${seconds} s: ${reads.proven} for ${rounds * requests} requests of the proven session,`,
    `${reads.remembered} for as many of the remembered browser (revalidateSeconds 30)`,
  );
}

async function ours(store) {
  const cluster = await startCluster(1, {
    STORE: store,
    ...servers,
    OPTIONS: JSON.stringify({ recoveryCodes: { count: 1 } }),
  });
  const times = [];
  for (let n = 0; n < Number(values.people); n += 1) {
    const person = await enrolled(cluster.urls[0], `${store}-${n}`);
    times.push((await verified(cluster.urls[0], person)).milliseconds);
  }
  await cluster.stop();
  return median(times.slice(5)); // the first ones warm it
}

/** Its strategy alone, behind the same Express, session and body parser. */
async function passportTotp(folder) {
  const { default: express } = await import("express");
  const { default: session } = await import("express-session");
  const { RedisStore } = await import("connect-redis");
  const { createClient } = await import("redis");
  const { Strategy } = createRequire(join(resolve(folder), "index.js"))("passport-totp");
  const { default: passport } = await import("passport");
  const client = await createClient({ url: redis.url }).connect();
  const key = "12345678901234567890";
  const own = new passport.Passport();
  own.use(new Strategy((_user, done) => done(null, key, 30)));
  const app = express();
  app.use(session({ store: new RedisStore({ client }), secret: "bench", resave: false, saveUninitialized: false }));
  app.post("/login", express.json(), (req, res) => ((req.session.userId = req.body.id), res.json({})));
  app.use((req, _res, next) => ((req.user = { id: req.session.userId }), next()));
  const check = own.authenticate("totp", { session: false });
  app.post("/two-factor/verify", express.json(), check, (req, res) => ((req.session.proven = true), res.json({})));
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = new Browser(`http://127.0.0.1:${server.address().port}`);
  await browser.login("somebody");
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"; // the same key in base32
  const times = [];
  for (let n = 0; n < Number(values.people); n += 1) {
    const { answer, milliseconds } = await timed(() => browser.verify(codeOf(secret, currentStep())));
    if (answer.status !== 200) throw new Error(`passport-totp answered ${answer.status}`);
    times.push(milliseconds);
  }
  server.close();
  client.destroy();
  return median(times.slice(5));
}

async function codes() {
  const theirs = values["passport-totp"] && (await passportTotp(values["passport-totp"]));
  console.log("A right code: median of a submission over HTTP, session saved in Redis");
  if (theirs)
    console.log(`  passport-totp                 1     (${milliseconds(theirs)})  no encryption, no replay protection`);
  for (const store of ["memory", "redis", "postgres"]) {
    const time = await ours(store);
    const ratio = theirs ? `${(time / theirs).toFixed(1)}  ` : "";
    console.log(`  express-two-factor, ${store.padEnd(10)}${ratio}(${milliseconds(time)})`);
  }
}

if (requests > 0) await gate();
await codes();
await Promise.all([redis.stop(), postgres.stop()]);
