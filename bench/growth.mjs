// node bench/growth.mjs --users 1000,100000,1000000 --store postgres|mysql|redis|sqlite --people 100 --rounds 3
// Does it matter how many are enrolled? Fills the store with typical records, then enrols and verifies a few real people.
import { parseArgs } from "node:util";
import { createPool } from "mysql2/promise";
import pg from "pg";
import { createClient } from "redis";
import { codeOf, currentStep } from "./authenticator.mjs";
import { Browser } from "./browser.mjs";
import { startCluster } from "./cluster.mjs";
import { median, milliseconds, quantile, timed } from "./figures.mjs";
import { openSqlite, temporarySqliteFile } from "./sqlite.mjs";
import { startMariadb, startPostgres, startRedis } from "../scripts/servers.mjs";

const { values } = parseArgs({
  options: {
    users: { type: "string", default: "1000,100000,1000000" },
    store: { type: "string", default: "postgres" },
    people: { type: "string", default: "100" },
    rounds: { type: "string", default: "3" },
  },
});
const people = Number(values.people);
const rounds = Number(values.rounds);
const revalidateSeconds = 2;

const redis = await startRedis({ appendonly: false });
const postgres = values.store === "postgres" ? await startPostgres({ fsync: true }) : undefined;
const mariadb = values.store === "mysql" ? await startMariadb({ durable: true }) : undefined;
const file = values.store === "sqlite" ? temporarySqliteFile() : undefined;
const variables = {
  ...{ STORE: values.store, REDIS_URL: redis.url },
  ...((postgres ?? mariadb) && { DATABASE_URL: (postgres ?? mariadb).url }),
  ...(file && { SQLITE_FILE: file }),
};
/** Stores' own ways to the records: `template` is a real one, in which `model` stands for the user. */
async function openPostgres() {
  const pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
  return {
    close: () => pool.end(),
    read: async (id) =>
      (await pool.query("SELECT record FROM two_factor_records WHERE user_id = $1", [key(id)])).rows[0].record,
    async fill(from, to, template, model) {
      await pool.query(
        `INSERT INTO two_factor_records SELECT format('["user","filler%s"]', n),
           replace($1::text, $2::text, 'filler' || n), md5(n::text) FROM generate_series($3::int, $4::int) n`,
        [template, model, from, to - 1],
      );
      // What the filling leaves behind to be written is no part of what is measured.
      await pool.query("VACUUM ANALYZE two_factor_records");
      await pool.query("CHECKPOINT");
    },
  };
}
async function openMysql() {
  const pool = createPool({ uri: mariadb.url, connectionLimit: 1 });
  return {
    close: () => pool.end(),
    read: async (id) => {
      const [[row]] = await pool.query("SELECT record FROM two_factor_records WHERE user_id = ?", [key(id)]);
      return row.record.toString();
    },
    async fill(from, to, template, model) {
      for (let start = from; start < to; start += 1000) {
        const numbers = Array.from({ length: Math.min(1000, to - start) }, (_, n) => start + n);
        const row = (n) => [key(`filler${n}`), template.replaceAll(model, `filler${n}`), `revision${n}`];
        await pool.query("INSERT INTO two_factor_records (user_id, record, revision) VALUES ?", [numbers.map(row)]);
      }
      await pool.query("ANALYZE TABLE two_factor_records");
    },
  };
}
async function openRedis() {
  const client = await createClient({ url: redis.url }).connect();
  return {
    close: () => client.destroy(),
    read: (id) => client.hGet(`two-factor:${key(id)}`, "record"),
    async fill(from, to, template, model) {
      for (let start = from; start < to; start += 1000) {
        const numbers = Array.from({ length: Math.min(1000, to - start) }, (_, n) => start + n);
        const fields = (n) => ({ record: template.replaceAll(model, `filler${n}`), revision: `revision${n}` });
        await Promise.all(numbers.map((n) => client.hSet(`two-factor:${key(`filler${n}`)}`, fields(n))));
      }
    },
  };
}
function openFile() {
  const database = openSqlite(file);
  return {
    close: () => database.close(),
    read: async (id) => database.prepare("SELECT record FROM two_factor_records WHERE user_id = ?").get(key(id)).record,
    async fill(from, to, template, model) {
      database
        .prepare(
          `WITH RECURSIVE numbers(n) AS (SELECT @from UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < @to)
           INSERT INTO two_factor_records SELECT '["user","filler' || n || '"]',
             replace(@template, @model, 'filler' || n), hex(randomblob(16)) FROM numbers`,
        )
        .run({ from, to, template, model });
      database.pragma("wal_checkpoint(TRUNCATE)");
    },
  };
}
const key = (id) => JSON.stringify(["user", id]);

async function enrol(url, id) {
  const browser = new Browser(url);
  await browser.login(id);
  const { secret } = (await browser.post("/two-factor/setup")).body;
  const step = currentStep();
  const { status } = await browser.post("/two-factor/setup/verify", { code: codeOf(secret, step) });
  if (status !== 200) throw new Error(`The set-up of ${id} answered ${status}`);
  return { id, secret, step };
}

/** Logs in anew, with a code of a step that was not used yet: a clock that the client moves saves half a minute each. */
async function verify(url, person) {
  person.step = Math.max(person.step + 1, currentStep());
  const browser = new Browser(url);
  browser.aheadMilliseconds = (person.step - currentStep()) * 30_000;
  await browser.login(person.id);
  const { answer, milliseconds } = await timed(() => browser.verify(codeOf(person.secret, person.step)));
  if (answer.status !== 200) throw new Error(`The code of ${person.id} answered ${answer.status}`);
  return { browser, milliseconds };
}

/** Store calls of proven sessions that ask for a page again and again for three seconds. */
async function callsOfProven(cluster, browsers) {
  // One clock for all: what was seen before it jumped is looked at anew.
  const aheadMilliseconds = Math.max(...browsers.map((browser) => browser.aheadMilliseconds));
  for (const browser of browsers) browser.aheadMilliseconds = aheadMilliseconds;
  const before = (await cluster.ask()).calls;
  const startedAt = Date.now();
  let requests = 0;
  while (Date.now() - startedAt < 3000) {
    await Promise.all(browsers.map((browser) => browser.get("/private")));
    requests += browsers.length;
  }
  const after = (await cluster.ask()).calls;
  const seconds = (Date.now() - startedAt) / 1000;
  return {
    requests,
    calls: after.get - before.get,
    atMost: browsers.length * Math.ceil(seconds / revalidateSeconds + 1),
  };
}

const store = await { postgres: openPostgres, mysql: openMysql, redis: openRedis, sqlite: openFile }[values.store]();
const model = "model-of-a-typical-person";
const maker = await startCluster(1, variables);
await verify(maker.urls[0], await enrol(maker.urls[0], model));
const template = await store.read(model);
await maker.stop();
console.log(`${values.store}; record of somebody with an authenticator, ten recovery codes and a remembered browser:`);
console.log(`  ${Buffer.byteLength(template)} bytes`);

// One recovery code each: ten take ten scrypts, which makes the preparation long and changes nothing measured here.
const options = JSON.stringify({ revalidateSeconds, recoveryCodes: { count: 1 } });
const cluster = await startCluster(1, { ...variables, OPTIONS: options });
const [url] = cluster.urls;
const enrolled = [];
for (let n = 0; n < people; n += 1) enrolled.push(await enrol(url, `person-${n}`));
for (const person of enrolled) await verify(url, person); // warm

let filled = 0;
for (const users of values.users.split(",").map(Number)) {
  const { milliseconds: filling } = await timed(() => store.fill(filled, users, template, model));
  filled = users;
  // Several rounds, each with a new code of everybody, show what the noise is.
  const latencies = [];
  let proven = [];
  for (let round = 0; round < rounds; round += 1) {
    const verified = [];
    for (const person of enrolled) verified.push(await verify(url, person));
    latencies.push(verified.map((one) => one.milliseconds));
    proven = verified.slice(0, 10).map((one) => one.browser);
  }
  const { requests, calls, atMost } = await callsOfProven(cluster, proven);
  console.log(
    `${users} enrolled (filled in ${(filling / 1000).toFixed(0)} s):`,
    `verify median ${milliseconds(median(latencies.flat()))} (rounds ${latencies.map((one) => milliseconds(median(one))).join(", ")}),`,
    `p99 ${milliseconds(quantile(latencies.flat(), 0.99))};`,
    `${requests} requests of 10 proven sessions, ${calls} store calls (at most ${atMost})`,
  );
}

await store.close();
await cluster.stop();
await Promise.all([redis.stop(), postgres?.stop(), mariadb?.stop()]);
