import type { Request } from "express";
import { withinSeconds } from "../../service/patience";
import { sessionStoreSeconds } from "./host-session";

interface Endable {
  regenerate?: (done: (error?: unknown) => void) => void;
}

/** Passport's logout where there is one, then an empty session. */
export async function endHostLogin(req: Request): Promise<void> {
  const { logout } = req as { logout?: (done: (error?: unknown) => void) => void };
  // Before passport 0.6 it took no callback, and calls none.
  if (typeof logout === "function" && logout.length === 0) Reflect.apply(logout, req, [() => undefined]);
  else if (typeof logout === "function") await patiently((done) => Reflect.apply(logout, req, [done]));
  const { session } = req as unknown as { session?: (Endable & Record<string, unknown>) | null };
  if (!session) return;
  if (typeof session.regenerate === "function") await patiently((done) => session.regenerate?.(done));
  else for (const name of Object.keys(session)) delete session[name];
}

/** Calls the host's session store, and waits, but not for ever. @throws TwoFactorError `STORE_UNAVAILABLE` */
export const patiently = (start: (done: (error?: unknown) => void) => void): Promise<void> =>
  withinSeconds(
    sessionStoreSeconds,
    "The session store",
    () => new Promise<void>((resolve, reject) => start((error) => (error ? reject(error) : resolve()))),
  );
