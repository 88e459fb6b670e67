import { RedisStore } from "connect-redis";
import session, { type SessionData } from "express-session";
import { Pool } from "pg";
import { createClient } from "redis";
import { onTestFinished } from "vitest";
import { databaseForThisTest, redisForThisTest } from "./services";

export async function redisSessions(): Promise<session.Store> {
  const client = await createClient({ url: await redisForThisTest() }).connect();
  onTestFinished(() => client.destroy());
  return new RedisStore({ client });
}

type Done = (error?: unknown, found?: SessionData | null) => void;

/** Sessions as rows, as the usual store for PostgreSQL keeps them. */
class PostgresSessions extends session.Store {
  constructor(readonly pool: Pool) {
    super();
  }

  #ask(done: Done | undefined, text: string, params: readonly string[], row?: (found?: string) => void): void {
    this.pool.query<{ data: string }>(text, [...params]).then(
      ({ rows }) => (row ? row(rows[0]?.data) : done?.()),
      (error: unknown) => done?.(error),
    );
  }

  override get(id: string, done: Done): void {
    this.#ask(done, "SELECT data FROM sessions WHERE id = $1", [id], (data) =>
      done(null, data === undefined ? null : (JSON.parse(data) as SessionData)),
    );
  }

  override set(id: string, data: SessionData, done?: Done): void {
    const text = "INSERT INTO sessions VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET data = EXCLUDED.data";
    this.#ask(done, text, [id, JSON.stringify(data)]);
  }

  override destroy(id: string, done?: Done): void {
    this.#ask(done, "DELETE FROM sessions WHERE id = $1", [id]);
  }
}

async function postgresSessions(): Promise<session.Store> {
  const pool = new Pool({ connectionString: await databaseForThisTest(), max: 5 });
  onTestFinished(() => pool.end());
  await pool.query("CREATE TABLE sessions (id text PRIMARY KEY, data text NOT NULL)");
  return new PostgresSessions(pool);
}

/** Each shared by all processes of one host. */
export const sessionStores = [
  { sessions: "MemoryStore", open: async (): Promise<session.Store> => new session.MemoryStore() },
  { sessions: "Redis", open: redisSessions },
  { sessions: "PostgreSQL", open: postgresSessions },
];
