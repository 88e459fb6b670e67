import { hasMethods, haveMethods, type Check } from "./checks";

/** What hosts hand over for a store, and what to write instead. The first that fits is told. */
const mistaken: readonly (readonly [methods: readonly string[], what: string])[] = [
  [["then"], "a promise: await it first"],
  [
    ["query", "connect"],
    "a pool or client of PostgreSQL: pass postgresStore(pool), of express-two-factor/stores/postgres",
  ],
  [["get", "set", "del"], "a client of Redis: pass redisStore(client), of express-two-factor/stores/redis"],
  [["get", "set", "destroy"], "a store of sessions, which forgets: pass one of express-two-factor/stores/…"],
];

const isStore = haveMethods("get", "compareAndSet");

export const beStore: Check = (value, name) => {
  const problems = isStore(value, name);
  if (problems.length === 0) return [];
  if (typeof value === "function") {
    return [`\`${name}\` is a function: call it, as in store: postgresStore(pool).`];
  }
  const what = mistaken.find(([methods]) => hasMethods(value, methods))?.[1];
  return what === undefined ? problems : [`\`${name}\` is ${what}.`];
};
