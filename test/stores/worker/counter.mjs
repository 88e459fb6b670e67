// counter.mjs KIND PLACE HOW_MANY [DRIVERS]: adds one, so many times, as the service changes a record, and prints each
// write that was acknowledged.
import { randomUUID } from "node:crypto";
import { openStore } from "./open-store.mjs";

const [kind = "", place = "", many, drivers] = process.argv.slice(2);
const { store, close } = openStore(kind, place, drivers);
for (let done = 0; done < Number(many);) {
  const before = await store.get("counter");
  const { count } = before ? JSON.parse(before.record) : { count: 0 };
  const next = { record: JSON.stringify({ count: count + 1 }), revision: randomUUID() };
  if (!(await store.compareAndSet("counter", before?.revision, next))) continue;
  done += 1;
  process.stdout.write(`${count + 1}\n`);
}
await close();
