import { parseCookie } from "cookie";
import type { Request } from "express";
import { withinSeconds } from "../../service/patience";

/** The parts of express-session that are used where they exist; cookie-session has none of them. */
export interface HostSession extends Record<string, unknown> {
  save?: (done: (error?: unknown) => void) => void;
  cookie?: { data?: Record<string, unknown>; expires?: unknown; originalMaxAge?: unknown };
}

export interface HostStore {
  generate?: (req: Request) => void;
  get?: (id: string, done: (error?: unknown, session?: unknown) => void) => unknown;
  destroy?: (id: string, done?: (error?: unknown) => void) => unknown;
}

export type WithSession = {
  session?: HostSession | null;
  sessionID?: string | undefined;
  sessionStore?: HostStore;
};

/** The request as session middlewares leave it; their types are not the library's to ask for. */
export const hostSession = (req: Request) => req as unknown as WithSession;

const waitSeconds = 5;

/** Calls the host's session store, and waits, but not for ever. @throws TwoFactorError `STORE_UNAVAILABLE` */
export const patiently = (start: (done: (error?: unknown) => void) => void): Promise<void> =>
  withinSeconds(
    waitSeconds,
    "The session store",
    () => new Promise<void>((resolve, reject) => start((error) => (error ? reject(error) : resolve()))),
  );

/**
 * What the host's store holds now of the session that this request came with. `"unasked"` where it cannot tell: a store
 * without `get`, a session without an id, or one that the host made in this very request and has never saved.
 * @throws TwoFactorError `STORE_UNAVAILABLE`
 */
export async function storedSession(
  req: Request,
  id = hostSession(req).sessionID,
): Promise<object | undefined | "unasked"> {
  const { sessionStore: store } = hostSession(req);
  if (typeof store?.get !== "function" || id === undefined || !cameWith(req, id)) return "unasked";
  const found = await withinSeconds(waitSeconds, "The session store", () => get(store, id));
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
