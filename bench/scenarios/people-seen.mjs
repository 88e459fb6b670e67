// What the process keeps of people whom it has seen within `revalidateSeconds`: everybody has a proven session and asks once.
import { createHmac } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import session from "express-session";
import { generateEncryptionKey, twoFactor } from "../../dist/index.js";
import { memoryStore } from "../../dist/stores/memory.js";
import { hostWith, sessionSecret, userOf } from "../host-app.mjs";
import { asker, visited } from "../in-process.mjs";
import { summary } from "../pairs.mjs";
import { versions } from "../peers.mjs";
import { ours } from "../sides.mjs";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
const model = "model-of-a-typical-person";
const keyOf = (id) => JSON.stringify(["user", id]);

function heap() {
  collect();
  return process.memoryUsage().heapUsed;
}

/** A text put together from parts keeps them, and is copied when it is first read: that would look like something kept. */
const whole = (text) => Buffer.from(text).toString();

const cookieOf = (id) =>
  `connect.sid=s%3A${id}.${encodeURIComponent(createHmac("sha256", sessionSecret).update(id).digest("base64").replace(/=+$/, ""))}`;

export async function measure({ people }) {
  const [store, sessions] = [memoryStore(), new session.MemoryStore()];
  let reads = 0;
  const get = (...args) => ((reads += 1), store.get(...args));
  const tfa = twoFactor({
    ...{ issuer: "Bench", store: { ...store, get }, user: userOf, revalidateSeconds: 3600 },
    otpSecretEncryptionKey: generateEncryptionKey(),
  });
  const app = hostWith({ store: sessions }, tfa);
  await visited(app, (visitor) => ours.enrol(visitor, model));

  // Copies of one person who has really enrolled: to enrol takes ten scrypts.
  const { record } = await store.get(keyOf(model));
  const [proven] = Object.values(sessions.sessions);
  for (let n = 0; n < people; n += 1) {
    const id = `person-${n}`;
    await store.compareAndSet(keyOf(id), undefined, {
      record: whole(record.replaceAll(model, id)),
      revision: `of-${n}`,
    });
    sessions.sessions[id] = whole(proven.replaceAll(model, id));
  }
  const ask = (n) => asker(app, ours.page, { accept: "application/json", cookie: cookieOf(`person-${n}`) })();
  // Compiled functions are not what is counted.
  for (let n = 0; n < Math.min(people, 500); n += 1) await ask(0);

  reads = 0;
  const before = heap();
  for (let n = 0; n < people; n += 1) await ask(n);
  const kept = heap() - before;
  const row = (name, value, unit) => ({ name, ...summary([value]), unit, versions: versions("express") });
  return [
    row("memory-of-people-seen", kept / 1e6, `MB that stay, after ${people} people`),
    row("store-reads-of-people-seen", reads, `reads of the store, for as many requests of ${people} people`),
  ];
}
