import type { Request } from "express";

/**
 * Whether a person looks at the answer: a navigation by the browser's own word (`Sec-Fetch-Mode`), or, without that
 * header, an `Accept` that names HTML and puts it no lower than JSON. A bare wildcard is a program's.
 */
export function wantsPage(req: Request): boolean {
  const mode = req.get("sec-fetch-mode");
  if (mode !== undefined) return mode === "navigate";
  const accept = req.get("accept") ?? "";
  const html = qualityOf(accept, ["text/html", "application/xhtml+xml"]);
  return html > 0 && html >= qualityOf(accept, ["application/json", "application/problem+json"]);
}

/** A page load that can be sent elsewhere. */
export const isNavigation = (req: Request): boolean =>
  (req.method === "GET" || req.method === "HEAD") && wantsPage(req);

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
 * headers, and what another site made the browser load may not: there a person presses a button first.
 */
export function mayBegin(req: Request): boolean {
  if (req.method !== "GET") return false;
  const purpose = `${req.get("sec-purpose") ?? ""} ${req.get("purpose") ?? ""} ${req.get("x-moz") ?? ""}`;
  if (/prefetch|prerender|preview/i.test(purpose)) return false;
  const site = req.get("sec-fetch-site");
  return site === undefined || site === "same-origin" || site === "none";
}
