import { createHmac, timingSafeEqual } from "node:crypto";
import { parseCookie } from "cookie";
import type { CookieOptions, Request, Response } from "express";

const name = "sign_in";
const validForSeconds = 600;

/**
 * What a sign-in that was begun elsewhere must be held against, in the browser that began it. A session would do, too, but
 * whoever asks often would fill the store with them, and it lets the oldest go: other people's.
 */
export class StartedCookie<Started extends object> {
  readonly #secrets: readonly string[];

  /** @param secrets the first signs, all verify */
  constructor(
    secrets: readonly string[],
    readonly path: string,
  ) {
    this.#secrets = secrets;
  }

  send(req: Request, res: Response, started: Started): void {
    const until = Date.now() + validForSeconds * 1000;
    const text = Buffer.from(JSON.stringify({ started, until })).toString("base64url");
    const value = `${text}.${signature(this.#secrets[0]!, text).toString("base64url")}`;
    res.cookie(name, value, { ...this.#attributes(req), maxAge: validForSeconds * 1000 });
  }

  /** What this browser began, once: an answer is taken one time. */
  take(req: Request, res: Response): Started | undefined {
    const value = parseCookie(req.headers.cookie ?? "")[name];
    if (value === undefined) return undefined;
    res.clearCookie(name, this.#attributes(req));
    const [text = "", signed = ""] = value.split(".");
    const given = Buffer.from(signed, "base64url");
    const isOurs = this.#secrets.some((secret) => {
      const right = signature(secret, text);
      return given.length === right.length && timingSafeEqual(given, right);
    });
    if (!isOurs) return undefined;
    const { started, until } = JSON.parse(Buffer.from(text, "base64url").toString()) as {
      started: Started;
      until: number;
    };
    return until > Date.now() ? started : undefined;
  }

  #attributes(req: Request): CookieOptions {
    return { httpOnly: true, path: this.path, sameSite: "lax", secure: req.secure };
  }
}

/** The secret signs session ids as well; the name keeps the two apart. */
const signature = (secret: string, text: string): Buffer =>
  createHmac("sha256", secret).update(`${name} ${text}`).digest();
