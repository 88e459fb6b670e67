// The kit as docs/stores.md shows it, in Node's own runner.
import { test } from "node:test";
import { built, kit } from "./open-store.mjs";

const store = built("memory").memoryStore();
const make = () => ({ clients: [store], oneProcess: true });
for (const { name, run } of kit()) void test(name, async (t) => void (await run(make, t)));
