import { parseCookie } from "cookie";
import type { Request, Response } from "express";
import { withinSeconds } from "../../service/patience";
import { AnswersUnderWay } from "./answers-under-way";
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
  readonly underWay = new AnswersUnderWay();
  /** What is to be done once the session of a request has ended, by user. */
  readonly #afterEnd = new WeakMap<WithSession, Map<string, () => Promise<void>>>();

  add(id: string): void {
    // Whoever held it then is guarded, and whoever has come since was so at once.
    if (this.#ids.has(id)) return;
    this.#ids.add(id);
    this.#guard(id);
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
    this.guard(host);
  }

  /** For all requests but the one that logs out, the session is dead until that is done. */
  leave(id: string, host: WithSession): void {
    this.#leaving.set(id, host);
    this.#guard(id);
  }

  left(id: string, host: WithSession, dead: boolean): void {
    if (this.#leaving.get(id) === host) this.#leaving.delete(id);
    if (dead) this.add(id);
  }

  onceEnded(host: WithSession, user: string, work: () => Promise<void>): void {
    const before = this.#afterEnd.get(host);
    if (before === undefined) this.#afterEnd.set(host, new Map([[user, work]]));
    else before.set(user, work);
  }

  /** For each user that requests which hold it have known; in one session there can be several, of several scopes. */
  afterEnd(id: string, done: () => void): void {
    const leaving = this.#leaving.get(id);
    const holders = leaving === undefined ? this.#holdersOf(id) : [leaving, ...this.#holdersOf(id)];
    const works = new Map(holders.flatMap((host) => [...(this.#afterEnd.get(host) ?? [])]));
    if (works.size === 0) done();
    else void Promise.all([...works.values()].map((work) => work())).then(done);
  }

  /** For everybody, and for good. */
  isOver(id: string): boolean {
    return this.#ids.has(id);
  }

  has(host: WithSession, id = host.sessionID): boolean {
    if (this.#found.has(host)) return true;
    return id !== undefined && (this.#ids.has(id) || (this.#leaving.get(id) ?? host) !== host);
  }

  /**
   * Where its session is dead as the answer goes out, that must neither save it anew nor send its cookie (`rolling`,
   * `resave`): that would throw the user out, or bring it back.
   */
  guard(host: WithSession): void {
    const { res } = host as { res?: Response & { [guarded]?: true } };
    if (res === undefined || res[guarded]) return;
    res[guarded] = true;
    beforeAnswer(res, () => {
      if (this.has(host)) host.session = null;
    });
  }

  /** All slow requests that still hold it as it was. */
  #guard(id: string): void {
    for (const host of this.#holdersOf(id)) this.guard(host);
  }

  #holdersOf(id: string): WithSession[] {
    return [...this.underWay]
      .map(({ req }) => req as unknown as WithSession)
      .filter(({ sessionID }) => sessionID === id);
  }
}

/** Only these few get other methods: an answer whose session lives costs a place in a list. */
const guarded = Symbol("guarded against dead sessions");

const known = new WeakMap<object, DeadSessions>();

/** A request whose session has no store (cookie-session) is a world of its own. */
export function deadSessionsOf(host: WithSession): DeadSessions {
  const owner = host.sessionStore ?? host;
  const before = known.get(owner);
  if (before !== undefined) return before;
  const dead = new DeadSessions();
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
 * Whoever ends a session of this store in this process, it is dead from the very call on: a save that has just asked
 * whether it lives would bring it back. A store has no word for "save it if it is still there", so this one gets it: what
 * is dead is not saved; and where the store was slower with a save than with an end that came after it, the save has
 * undone that end, and is undone, also when nobody waits for it any more.
 */
export function watchEnds(host: WithSession): void {
  const { sessionStore: store } = host;
  if (store === undefined || watched.has(store)) return;
  watched.add(store);
  const { destroy, set } = store;
  if (typeof destroy !== "function") return;
  const dead = deadSessionsOf(host);
  if (typeof set === "function") {
    store.set = function setUnlessDead(this: HostStore, id, session, done) {
      if (dead.isOver(id)) return done && process.nextTick(done);
      if (done === undefined) return Reflect.apply(set, this, [id, session]);
      const saved = (error?: unknown) =>
        dead.isOver(id) ? void Reflect.apply(destroy, this, [id, () => done(error)]) : done(error);
      return Reflect.apply(set, this, [id, session, saved]);
    };
  }
  store.destroy = function destroyNoted(this: HostStore, id, done) {
    // One that we have just replaced goes by another id.
    const isRenewed = dead.isOver(id);
    dead.add(id);
    const noted = (error?: unknown) => {
      if (error) dead.remove(id);
      if (error || isRenewed) done?.(error);
      else dead.afterEnd(id, () => done?.(error));
    };
    return Reflect.apply(destroy, this, [id, noted]);
  };
}

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
 * A slow parallel request still holds the session as it was, and must not bring it back where it dies meanwhile. So from here
 * on it is known to be under way, which costs next to nothing; and whatever ends its session guards its answer then.
 */
export function keepDeadSessionDead(req: Request, res: Response): void {
  const host = req as unknown as WithSession;
  if (host.sessionID === undefined) return;
  watchEnds(host);
  const dead = deadSessionsOf(host);
  if (dead.has(host)) dead.guard(host);
  else dead.underWay.add(res);
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
