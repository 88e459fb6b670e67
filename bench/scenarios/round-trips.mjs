// How often one right code waits for the database: counted on the wire. Sessions are in memory, so nothing else is asked.
import pg from "pg";
import { createClient } from "redis";
import { generateEncryptionKey, twoFactor } from "../../dist/index.js";
import { postgresStore } from "../../dist/stores/postgres.js";
import { redisStore } from "../../dist/stores/redis.js";
import { setClockAhead } from "../clock.mjs";
import { countedProxy } from "../counted-proxy.mjs";
import { hostApp, userOf } from "../host-app.mjs";
import { visited } from "../in-process.mjs";
import { summary } from "../pairs.mjs";
import { versions } from "../peers.mjs";
import { startPostgres, startRedis } from "../../scripts/servers.mjs";
import { codeNow, ours, stepMilliseconds } from "../sides.mjs";

async function onPostgres(port) {
  const pool = new pg.Pool({ port, host: "127.0.0.1", user: "postgres", database: "postgres", max: 1 });
  pool.on("error", () => undefined);
  return { store: postgresStore(pool, { createTable: true }), close: () => pool.end() };
}

async function onRedis(port) {
  const client = await createClient({ url: `redis://127.0.0.1:${port}` })
    .on("error", () => undefined)
    .connect();
  return { store: redisStore(client), close: () => client.destroy() };
}

async function count(server, open, codes) {
  const proxy = await countedProxy(server.port);
  setClockAhead(0);
  const { store, close } = await open(proxy.port);
  const tfa = twoFactor({
    ...{ issuer: "Bench", store, user: userOf, recoveryCodes: { count: 1 } },
    otpSecretEncryptionKey: generateEncryptionKey(),
  });
  const counts = await visited(hostApp(tfa), async (visitor) => {
    const secret = await ours.enrol(visitor, "ada");
    const numbers = [];
    for (let n = 0; n <= codes; n += 1) {
      visitor.cookies.clear();
      // The visitor lives in the same process, by the same clock.
      setClockAhead((n + 1) * stepMilliseconds);
      await ours.signIn(visitor, "ada");
      const before = proxy.count();
      const { status } = await ours.verify(visitor, codeNow(visitor, secret));
      if (status !== 200) throw new Error(`A right code answered ${status}`);
      numbers.push(proxy.count() - before);
    }
    return numbers.slice(1); // the first one loads scripts and plans
  });
  await close();
  proxy.close();
  return summary(counts);
}

export async function measure({ each }) {
  const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  try {
    const unit = "store calls";
    return [
      { name: "redis-round-trips", ...(await count(redis, onRedis, each)), unit, versions: versions("redis") },
      { name: "pg-round-trips", ...(await count(postgres, onPostgres, each)), unit, versions: versions("pg") },
    ];
  } finally {
    await Promise.all([redis.stop(), postgres.stop()]);
  }
}
