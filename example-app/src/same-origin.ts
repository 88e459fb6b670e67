import type { RequestHandler } from "express";
import { refuse } from "./answers";

/**
 * Our forms may only be sent from our own pages (the session cookie is `lax`, but a sibling subdomain is same-site).
 * Browsers say where a request comes from; what says nothing is no browser and holds no visitor's cookies.
 */
export const sameOriginOnly: RequestHandler = (req, res, next) => {
  if (req.method === "GET" || req.method === "HEAD") return next();
  const site = req.get("sec-fetch-site");
  const origin = req.get("origin");
  const isOurs =
    site !== undefined
      ? site === "same-origin" || site === "none"
      : origin === undefined || hostOf(origin) === req.host.toLowerCase();
  if (isOurs) return next();
  refuse(req, res, { code: "CROSS_SITE_REQUEST", detail: "Go back to the site, and send it from there." });
};

/** `Origin: null` and anything else that is no address has no host. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
