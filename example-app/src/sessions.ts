import { RedisStore } from "connect-redis";
import session from "express-session";
import { boundedCommands, type Redis, redisPrefix } from "./redis";

const oneHourSeconds = 3600;

/** The host's own login session: one hour since the sign-in. */
export function sessions(store: session.Store, secrets: readonly string[]) {
  return session({
    store,
    secret: [...secrets],
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: "lax", secure: "auto", maxAge: oneHourSeconds * 1000 },
  });
}

export function redisSessions(client: Redis): session.Store {
  return new RedisStore({ client: boundedCommands(client), prefix: `${redisPrefix}session:` });
}

interface Kept {
  text: string;
  expiresAt: number;
}

/** For one process: the newest `max` sessions. The store that comes with express-session forgets none before its time. */
export class MemorySessions extends session.Store {
  /** In the order of their last use, so that the first is the one to go. */
  readonly #kept = new Map<string, Kept>();

  constructor(readonly max = 10_000) {
    super();
  }

  override get(id: string, done: (error: unknown, found?: session.SessionData | null) => void): void {
    const kept = this.#kept.get(id);
    const isAlive = kept !== undefined && kept.expiresAt > Date.now();
    if (!isAlive) this.#kept.delete(id);
    setImmediate(done, null, isAlive ? (JSON.parse(kept.text) as session.SessionData) : null);
  }

  override set(id: string, data: session.SessionData, done?: (error?: unknown) => void): void {
    this.#keep(id, JSON.stringify(data), data);
    if (done !== undefined) setImmediate(done);
  }

  override touch(id: string, data: session.SessionData, done?: () => void): void {
    const kept = this.#kept.get(id);
    if (kept !== undefined) {
      // The new expiry only: what a slower request knew of the rest may be old.
      const fresh = { ...(JSON.parse(kept.text) as session.SessionData), cookie: data.cookie };
      this.#keep(id, JSON.stringify(fresh), data);
    }
    if (done !== undefined) setImmediate(done);
  }

  override destroy(id: string, done?: (error?: unknown) => void): void {
    this.#kept.delete(id);
    if (done !== undefined) setImmediate(done);
  }

  #keep(id: string, text: string, { cookie }: session.SessionData): void {
    this.#kept.delete(id);
    this.#kept.set(id, { text, expiresAt: Date.now() + (cookie.maxAge ?? oneHourSeconds * 1000) });
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > this.max && oldest.done !== true) this.#kept.delete(oldest.value);
  }
}
