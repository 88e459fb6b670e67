import type { Request, RequestHandler, Response } from "express";
import { isFromHere } from "express-two-factor";
import { memberOf } from "./members";

/** A page for browsers, JSON for everyone else. A form that says nothing about its answer came from a page. */
export function answersAs(req: Request): "page" | "json" {
  if (req.get("sec-fetch-mode") === "navigate") return "page";
  const accept = req.get("accept") ?? "";
  if (/text\/html|application\/(\w+\+)?json/i.test(accept))
    return req.accepts(["html", "json"]) === "html" ? "page" : "json";
  return req.is("application/x-www-form-urlencoded") ? "page" : "json";
}

/** A page of ours. Its forms tell us their origin: with helmet's `no-referrer` browsers would send `Origin: null`. */
export function showPage(res: Response, view: string, data: Readonly<Record<string, unknown>>): void {
  res.set({ "Cache-Control": "no-store", "Referrer-Policy": "same-origin" });
  res.render(view, { member: memberOf(res.req), ...data });
}

const titles = {
  VALIDATION_ERROR: "That is not complete",
  UNAUTHORIZED: "Please sign in",
  INVALID_CREDENTIALS: "Email or password is wrong",
  SIGN_IN_FAILED: "You are not signed in",
  FORBIDDEN: "Not for you",
  INSUFFICIENT_ACR: "A second factor is needed",
  CROSS_SITE_REQUEST: "This form came from another site",
  NOT_FOUND: "There is nothing here",
  TOO_MANY_ATTEMPTS: "Too many attempts",
  UNAVAILABLE: "Please try again in a moment",
  INTERNAL_ERROR: "Something went wrong",
} as const;

const statuses: Readonly<Record<keyof typeof titles, number>> = {
  VALIDATION_ERROR: 400,
  UNAUTHORIZED: 401,
  INVALID_CREDENTIALS: 401,
  SIGN_IN_FAILED: 401,
  FORBIDDEN: 403,
  INSUFFICIENT_ACR: 403,
  CROSS_SITE_REQUEST: 403,
  NOT_FOUND: 404,
  TOO_MANY_ATTEMPTS: 429,
  UNAVAILABLE: 503,
  INTERNAL_ERROR: 500,
};

export interface Refusal {
  code: keyof typeof titles;
  detail: string;
  retryAfterSeconds?: number | undefined;
  /** The page to show it on, and what that page needs; a plain page of its own when absent. */
  view?: string;
  data?: Readonly<Record<string, unknown>>;
}

/** Says no, as a page or as a problem (RFC 9457). */
export function refuse(req: Request, res: Response, { code, detail, retryAfterSeconds, view, data }: Refusal): void {
  res.status(statuses[code]).vary("Accept");
  if (retryAfterSeconds !== undefined) res.set("Retry-After", String(retryAfterSeconds));
  if (answersAs(req) === "page") {
    showPage(res, view ?? "problem", { title: titles[code], detail, ...data });
    return;
  }
  res.set({ "Cache-Control": "no-store", "Content-Type": "application/problem+json" });
  res.send(JSON.stringify({ type: "about:blank", title: titles[code], status: statuses[code], code, detail }));
}

/** Only for members: a browser is sent to the login and comes back, everyone else gets 401. */
export const requireMember: RequestHandler = (req, res, next) => {
  if (memberOf(req) !== undefined) return next();
  if ((req.method === "GET" || req.method === "HEAD") && answersAs(req) === "page") {
    res
      .set("Cache-Control", "no-store")
      .vary("Accept")
      .redirect(303, `/login?next=${encodeURIComponent(req.originalUrl)}`);
    return;
  }
  refuse(req, res, { code: "UNAUTHORIZED", detail: "Nobody is signed in." });
};

/** Only for super admins. */
export const requireSuper: RequestHandler = (req, res, next) => {
  if (memberOf(req)?.role === "super") return next();
  refuse(req, res, { code: "FORBIDDEN", detail: "Only super admins may see this page." });
};

/** Our forms may only be sent from our own pages: the session cookie is `lax`, but a sibling subdomain is same-site. */
export const sameOriginOnly: RequestHandler = (req, res, next) => {
  if (req.method === "GET" || req.method === "HEAD" || isFromHere(req)) return next();
  refuse(req, res, { code: "CROSS_SITE_REQUEST", detail: "Go back to the site, and send it from there." });
};
