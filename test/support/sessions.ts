import session, { type SessionData } from "express-session";
import { cookiesOf } from "./raw";

type Done = (error?: unknown) => void;

/** A session store that works, until it is told not to. */
export class FaultyStore extends session.MemoryStore {
  sets = 0;
  fault: "none" | "set fails" | "set throws" | "set hangs" | "destroy fails" | "destroy hangs" = "none";

  override set(id: string, data: SessionData, done: Done): void {
    this.sets += 1;
    if (this.fault === "set hangs") return;
    if (this.fault === "set throws") throw new Error("the session store threw");
    if (this.fault === "set fails") done(new Error("the session store failed"));
    else super.set(id, data, done);
  }

  override touch(id: string, data: SessionData, done: Done): void {
    if (this.fault !== "set hangs") super.touch(id, data, done as () => void);
  }

  override destroy(id: string, done: Done): void {
    if (this.fault === "destroy hangs") return;
    if (this.fault === "destroy fails") done(new Error("the session store failed"));
    else super.destroy(id, done);
  }
}

/** The id in an answer's session cookie, if it sets one. */
export const sessionIdOf = (answer: { headers: Record<string, unknown> }): string | undefined =>
  /connect\.sid=s%3A([^.]+)/.exec(cookiesOf(answer))?.[1];

/** The whole `Set-Cookie` of the session. */
export const sessionCookieOf = (answer: { headers: Record<string, unknown> }): string | undefined =>
  [answer.headers["set-cookie"] ?? []]
    .flat()
    .find((cookie): cookie is string => String(cookie).startsWith("connect.sid="));
