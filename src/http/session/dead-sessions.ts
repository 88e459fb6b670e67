import type { Request, Response } from "express";
import { hostSession, type HostStore, type WithSession } from "./host-session";

/** Sessions that this process saw replaced or ended; the newest few thousand are enough for slow requests. */
class DeadSessions {
  readonly #ids = new Set<string>();
  /** What is being logged out right now, and by which request. */
  readonly #leaving = new Map<string, WithSession>();
  /** Requests whose session the host's store knows no more. */
  readonly #found = new WeakSet<WithSession>();

  add(id: string): void {
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > 5000 && oldest !== undefined) this.#ids.delete(oldest);
  }

  /** It could not be ended, so it lives on. */
  remove(id: string): void {
    this.#ids.delete(id);
  }

  /** For this request alone: a store that was wrong for a moment ends nobody's login for good. */
  found(req: Request): void {
    this.#found.add(hostSession(req));
    const { res } = req as { res?: Response };
    if (res !== undefined) keepDeadSessionDead(req, res);
  }

  /** For all requests but the one that logs out, the session is dead until that is done. */
  leave(id: string, host: WithSession): void {
    this.#leaving.set(id, host);
  }

  left(id: string, host: WithSession, dead: boolean): void {
    if (this.#leaving.get(id) === host) this.#leaving.delete(id);
    if (dead) this.add(id);
  }

  has(host: WithSession, id = host.sessionID): boolean {
    if (this.#found.has(host)) return true;
    return id !== undefined && (this.#ids.has(id) || (this.#leaving.get(id) ?? host) !== host);
  }
}

export const deadSessions = new DeadSessions();
const watched = new WeakSet<HostStore>();

/**
 * Whoever ends a session of this store in this process, it is dead from the very call on: a save of ours that has just asked
 * whether it lives would bring it back. A store has no word for "save it if it is still there".
 */
function watchEnds(store: HostStore | undefined): void {
  const destroy = store?.destroy;
  if (store === undefined || typeof destroy !== "function" || watched.has(store)) return;
  watched.add(store);
  store.destroy = function destroyNoted(this: HostStore, id, done) {
    deadSessions.add(id);
    const noted = (error?: unknown) => {
      if (error) deadSessions.remove(id);
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
  const host = hostSession(req);
  if (host.sessionID === undefined || res[guarded]) return;
  res[guarded] = true;
  watchEnds(host.sessionStore);
  beforeAnswer(res, () => {
    if (deadSessions.has(host)) host.session = null;
  });
}

/** During a logout. After it the id is dead if the host has let it go, and not where it goes on with it, or has failed. */
export function watchLogout(req: Request, res: Response): void {
  const host = hostSession(req);
  const { sessionID: id } = host;
  if (id === undefined) return;
  deadSessions.leave(id, host);
  res.once("close", () => {
    deadSessions.left(id, host, res.statusCode < 500 && (!host.session || host.sessionID !== id));
  });
}
