import type { Request } from "express";

/** The parts of express-session that are used where they exist; cookie-session has none of them. */
export interface HostSession extends Record<string, unknown> {
  save?: (done: (error?: unknown) => void) => void;
  cookie?: { data?: Record<string, unknown>; expires?: unknown; originalMaxAge?: unknown };
}

export interface HostStore {
  generate?: (req: Request) => void;
  get?: (id: string, done: (error?: unknown, session?: unknown) => void) => unknown;
  set?: (id: string, session: unknown, done?: (error?: unknown) => void) => unknown;
  destroy?: (id: string, done?: (error?: unknown) => void) => unknown;
}

export type WithSession = {
  session?: HostSession | null;
  sessionID?: string | undefined;
  sessionStore?: HostStore;
};

/** The request as session middlewares leave it; their types are not the library's to ask for. */
export const hostSession = (req: Request) => req as unknown as WithSession;

export const sessionStoreSeconds = 5;
