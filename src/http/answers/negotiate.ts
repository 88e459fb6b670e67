import type { Request } from "express";
import type { Settings } from "../../options";

const withoutPages = new WeakSet<Request>();

/** A page cannot bring a token along: with `state: "token"`, whoever asks gets JSON. It is said as an instance takes a request. */
export function showPages(req: Request, state: Settings["state"]): void {
  if (state === "token") withoutPages.add(req);
  else withoutPages.delete(req);
}

/** htmx puts what it gets into a page, unless the answer sends the whole page elsewhere (`HX-Redirect`). */
export const isHtmx = (req: Request): boolean => req.get("hx-request") === "true" && !withoutPages.has(req);

/** Turbo loads pages and sends forms by `fetch`. No other site's page may set these headers. */
export const isTurbo = (req: Request): boolean =>
  (req.get("x-turbo-request-id") !== undefined || req.get("turbo-frame") !== undefined) && !withoutPages.has(req);

/**
 * Whether a person looks at the answer: a navigation by the browser's own word (`Sec-Fetch-Mode`) or by Turbo's; or,
 * without such a word, an `Accept` that names HTML and puts it no lower than JSON. A bare wildcard is a program's.
 */
export function wantsPage(req: Request): boolean {
  if (withoutPages.has(req)) return false;
  const mode = req.get("sec-fetch-mode");
  if (mode !== undefined && !isTurbo(req)) return mode === "navigate";
  const accept = req.get("accept") ?? "";
  const html = qualityOf(accept, ["text/html", "application/xhtml+xml"]);
  return html > 0 && html >= qualityOf(accept, ["application/json", "application/problem+json"]);
}

/** A page load that can be sent elsewhere. */
export const isNavigation = (req: Request): boolean =>
  (req.method === "GET" || req.method === "HEAD") && wantsPage(req);

/** A page load, also by htmx or Turbo, but not of a part of a page that stands already: nobody comes back to that alone. */
export function isWholePage(req: Request): boolean {
  if (req.get("turbo-frame") !== undefined) return false;
  return isHtmx(req) ? req.method === "GET" && req.get("hx-boosted") === "true" : isNavigation(req);
}

/** The highest `q` (RFC 9110 §12.5.1) that the header gives one of these types by name; 0 where it names none. */
function qualityOf(accept: string, types: readonly string[]): number {
  let best = 0;
  for (const range of accept.split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    if (!types.includes(type)) continue;
    const q = parameters.find((parameter) => parameter.startsWith("q="));
    const quality = q === undefined ? 1 : Number(q.slice(2));
    if (quality >= 0 && quality <= 1) best = Math.max(best, quality);
  }
  return best;
}

/**
 * Whether a GET may begin something (a set-up, a code by mail). What a browser loads ahead, what only asks for the
 * headers, and what another site made the browser load may not: there a person presses a button first. A front end of
 * another origin asks by a script, which names its origin.
 */
export function mayBegin(req: Request, { allowedOrigins }: Pick<Settings, "allowedOrigins">): boolean {
  if (req.method !== "GET") return false;
  // Turbo and htmx load ahead what the pointer rests on, and may not set the browser's own header.
  const purposes = ["sec-purpose", "x-sec-purpose", "purpose", "x-moz"].map((name) => req.get(name) ?? "");
  if (/prefetch|prerender|preview/i.test(purposes.join()) || req.get("hx-preloaded") !== undefined) return false;
  const [origin, site] = [req.get("origin"), req.get("sec-fetch-site")];
  if (origin !== undefined && allowedOrigins.includes(origin)) return true;
  return site === undefined || site === "same-origin" || site === "none";
}
