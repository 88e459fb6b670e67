// One process of a small host app, forked by the benches: it believes anybody who says who they are.
import { CLOCK_HEADER, setClockAhead } from "./clock.mjs";
import { RedisStore } from "connect-redis";
import express from "express";
import session from "express-session";
import { createPool } from "mysql2/promise";
import pg from "pg";
import { createClient } from "redis";
import { twoFactor } from "../dist/index.js";
import { memoryStore } from "../dist/stores/memory.js";
import { mysqlStore } from "../dist/stores/mysql.js";
import { postgresStore } from "../dist/stores/postgres.js";
import { redisStore } from "../dist/stores/redis.js";
import { sqliteStore } from "../dist/stores/sqlite.js";
import { openSqlite } from "./sqlite.mjs";

const {
  STORE,
  DATABASE_URL,
  SQLITE_FILE,
  REDIS_URL,
  RECORDS_URL = process.env.REDIS_URL,
  PORT = "0",
  OPTIONS = "{}",
} = process.env;

/** A client that fails at once while its server is away, as a host would have it, and not when it is back. */
async function redisClient(url = REDIS_URL) {
  const client = createClient({ url, disableOfflineQueue: true });
  client.on("error", () => undefined);
  return client.connect();
}

async function openStore() {
  if (STORE === "memory") return memoryStore();
  if (STORE === "redis") return redisStore(await redisClient(RECORDS_URL));
  if (STORE === "mysql")
    return mysqlStore(createPool({ uri: DATABASE_URL, connectionLimit: 20 }), { createTable: true });
  if (STORE === "sqlite") return sqliteStore(openSqlite(SQLITE_FILE), { createTable: true });
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 20, connectionTimeoutMillis: 4000 });
  pool.on("error", () => undefined);
  return postgresStore(pool, { createTable: true });
}

const calls = { get: 0, compareAndSet: 0 };

/** The store, with its calls counted. */
function counted(store) {
  return {
    ...store,
    get: (...args) => ((calls.get += 1), store.get(...args)),
    compareAndSet: (...args) => ((calls.compareAndSet += 1), store.compareAndSet(...args)),
  };
}

const tfa = twoFactor({
  issuer: "Bench",
  store: counted(await openStore()),
  user: (req) => (req.session.userId === undefined ? undefined : { id: req.session.userId }),
  cookie: { secure: false },
  ...JSON.parse(OPTIONS),
});

const app = express();
app.use((req, _res, next) => {
  setClockAhead(Number(req.headers[CLOCK_HEADER] ?? 0));
  next();
});
app.get("/healthz", (_req, res) => res.json({ ok: true }));
app.post("/admin/reset/:id", async (req, res) => {
  await tfa.reset(req.params.id, { reason: "bench", by: "bench" });
  res.json({ ok: true });
});
app.get("/admin/status/:id", async (req, res) => res.json(await tfa.status(req.params.id)));
app.use(
  session({
    store: new RedisStore({ client: await redisClient() }),
    secret: "shared by all processes of this bench",
    resave: false,
    saveUninitialized: false,
  }),
);
app.post("/login", express.json(), (req, res) => {
  req.session.userId = String(req.body.id);
  res.json({ ok: true });
});
app.get("/open", (_req, res) => res.json({ ok: true }));
app.use(tfa);
app.get("/private", (req, res) => res.json({ user: req.session.userId }));
app.use((_error, _req, res, _next) => res.status(503).json({ code: "HOST" }));

const server = app.listen(Number(PORT), "127.0.0.1", () => {
  process.send?.({ url: `http://127.0.0.1:${server.address().port}` });
});
// A client of ours may rest for long while something else is prepared.
server.keepAliveTimeout = 600_000;
process.on("message", ({ ask }) => process.send?.({ ask, cpu: process.cpuUsage(), calls: { ...calls } }));
process.on("disconnect", () => process.exit());
