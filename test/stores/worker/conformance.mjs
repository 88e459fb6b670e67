// conformance.mjs KIND PLACE [DRIVERS]: the published kit, for a Node that the test runner is not run with. Prints one line a
// case.
import { kit, openStore } from "./open-store.mjs";

const [kind = "", place = "", drivers] = process.argv.slice(2);
const [one, other] = [openStore(kind, place, drivers), openStore(kind, place, drivers)];
for (const { name, run } of kit()) {
  const error = await run(() => ({ clients: [one.store, other.store] }), { skip() {} }).then(() => undefined, String);
  console.log(JSON.stringify({ name, error }));
}
await Promise.all([one.close(), other.close()]);
