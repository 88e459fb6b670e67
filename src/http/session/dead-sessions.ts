import { parseCookie } from "cookie";
import type { Request, Response } from "express";
import { withinSeconds } from "../../service/patience";
import { sessionStoreSeconds, type HostStore, type WithSession } from "./host-session";

/** Sessions that this process saw replaced or ended; the newest few thousand are enough for slow requests. */
const mostKnown = 5000;

/**
 * What this process knows of the sessions of one store that have ended. It belongs to the store, which all instances of ours
 * in an app share: a session that one of them has renewed is dead for the others, too.
 */
class DeadSessions {
  readonly #ids = new Set<string>();
  /** What is being logged out right now, and by which request. */
  readonly #leaving = new Map<string, WithSession>();
  /** Requests whose session the store knows no more. */
  readonly #found = new WeakSet<WithSession>();

  add(id: string): void {
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > mostKnown && oldest !== undefined) this.#ids.delete(oldest);
  }

  /** It could not be ended, so it lives on. */
  remove(id: string): void {
    this.#ids.delete(id);
  }

  /** For this request alone: a store that was wrong for a moment ends nobody's login for good. */
  found(host: WithSession): void {
    this.#found.add(host);
  }

  /** For all requests but the one that logs out, the session is dead until that is done. */
  leave(id: string, host: WithSession): void {
    this.#leaving.set(id, host);
  }

  left(id: string, host: WithSession, dead: boolean): void {
    if (this.#leaving.get(id) === host) this.#leaving.delete(id);
    if (dead) this.add(id);
  }

  /** For everybody, and for good. */
  isOver(id: string): boolean {
    return this.#ids.has(id);
  }

  has(host: WithSession, id = host.sessionID): boolean {
    if (this.#found.has(host)) return true;
    return id !== undefined && (this.#ids.has(id) || (this.#leaving.get(id) ?? host) !== host);
  }
}

const known = new WeakMap<object, DeadSessions>();

/** A request whose session has no store (cookie-session) is a world of its own. */
export function deadSessionsOf(host: WithSession): DeadSessions {
  const owner = host.sessionStore ?? host;
  const dead = known.get(owner) ?? new DeadSessions();
  known.set(owner, dead);
  return dead;
}

/**
 * Whether the session that this request came with has ended meanwhile: the host's store knows it no more. Nothing then
 * saves it anew, neither here nor as the answer ends.
 * @throws TwoFactorError `STORE_UNAVAILABLE`
 */
export async function hasEnded(req: Request, id = (req as unknown as WithSession).sessionID): Promise<boolean> {
  const host = req as unknown as WithSession;
  const dead = deadSessionsOf(host);
  if (dead.has(host, id)) return true;
  const stored = await storedSession(req, id);
  // It may have been ended, by another request, since the store was asked.
  if (stored !== undefined) return dead.has(host, id);
  dead.found(host);
  const { res } = req as { res?: Response };
  if (res !== undefined) keepDeadSessionDead(req, res);
  return true;
}

/**
 * What the host's store holds now of the session that this request came with. `"unasked"` where it cannot tell: a store
 * without `get`, a session without an id, or one that the host made in this very request and has never saved.
 * @throws TwoFactorError `STORE_UNAVAILABLE`
 */
async function storedSession(
  req: Request,
  id = (req as unknown as WithSession).sessionID,
): Promise<object | undefined | "unasked"> {
  const { sessionStore: store } = req as unknown as WithSession;
  if (typeof store?.get !== "function" || id === undefined || !cameWith(req, id)) return "unasked";
  const found = await withinSeconds(sessionStoreSeconds, "The session store", () => get(store, id));
  return typeof found === "object" && found !== null ? found : undefined;
}

const get = (store: HostStore, id: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const answer = store.get?.(id, (error, session) => {
      // What a store of files says of one that is not there.
      if (error && (error as { code?: unknown }).code !== "ENOENT") reject(error);
      else resolve(error ? undefined : session);
    });
    // An asynchronous store may reject without calling back.
    Promise.resolve(answer).catch(reject);
  });

/** Whether the browser sent this id, as express-session writes it (`s:`, id, signature) or bare. */
function cameWith(req: Request, id: string): boolean {
  const { cookie } = req.headers;
  const { cookies, signedCookies } = req as { cookies?: object; signedCookies?: object };
  const jars = [cookie === undefined ? {} : parseCookie(cookie), cookies ?? {}, signedCookies ?? {}];
  const sent = jars.flatMap((jar): unknown[] => Object.values(jar));
  return sent.some((value) => typeof value === "string" && (value === id || value.startsWith(`s:${id}.`)));
}

const watched = new WeakSet<HostStore>();

/**
 * Whoever ends a session of this store in this process, it is dead from the very call on: a save of ours that has just asked
 * whether it lives would bring it back. A store has no word for "save it if it is still there".
 */
function watchEnds(host: WithSession): void {
  const { sessionStore: store } = host;
  const destroy = store?.destroy;
  if (store === undefined || typeof destroy !== "function" || watched.has(store)) return;
  watched.add(store);
  const dead = deadSessionsOf(host);
  store.destroy = function destroyNoted(this: HostStore, id, done) {
    dead.add(id);
    const noted = (error?: unknown) => {
      if (error) dead.remove(id);
      done?.(error);
    };
    return Reflect.apply(destroy, this, [id, noted]);
  };
}

const guarded = Symbol("guarded against dead sessions");

/** Does something right before the answer's headers are written, and again before it ends and the session is saved. */
export function beforeAnswer(res: Response, work: () => void): void {
  const writeHead = res.writeHead.bind(res);
  const end = res.end.bind(res);
  res.writeHead = function writeHeadAfterWork(this: Response, ...args: unknown[]) {
    work();
    return Reflect.apply(writeHead, this, args) as Response;
  } as Response["writeHead"];
  res.end = function endAfterWork(this: Response, ...args: unknown[]) {
    work();
    return Reflect.apply(end, this, args) as Response;
  } as Response["end"];
}

/**
 * A slow parallel request still holds the session as it was. Where that session has died meanwhile, its answer must
 * neither save it anew nor send its cookie (`rolling`, `resave`): that would throw the user out, or bring it back.
 */
export function keepDeadSessionDead(req: Request, res: Response & { [guarded]?: true }): void {
  const host = req as unknown as WithSession;
  if (host.sessionID === undefined || res[guarded]) return;
  res[guarded] = true;
  watchEnds(host);
  const dead = deadSessionsOf(host);
  beforeAnswer(res, () => {
    if (dead.has(host)) host.session = null;
  });
}

/** During a logout. After it the id is dead if the host has let it go, and not where it goes on with it, or has failed. */
export function watchLogout(req: Request, res: Response): void {
  const host = req as unknown as WithSession;
  const { sessionID: id } = host;
  if (id === undefined) return;
  const dead = deadSessionsOf(host);
  dead.leave(id, host);
  res.once("close", () => {
    dead.left(id, host, res.statusCode < 500 && (!host.session || host.sessionID !== id));
  });
}
