import type { Response } from "express";

/**
 * No other site shows our pages in a frame and gets a button clicked there, unless the host has said whose frames may:
 * then its word stays.
 */
export function unframed(res: Response): void {
  const policy = [res.get("Content-Security-Policy") ?? []].flat().map(String);
  if (res.get("X-Frame-Options") !== undefined) return;
  if (policy.some((directives) => /(^|[;,])\s*frame-ancestors([\s;,]|$)/i.test(directives))) return;
  res.set("X-Frame-Options", "DENY");
  const rest = policy.slice(0, -1);
  const last = policy.at(-1)?.replace(/[;\s]+$/, "");
  const own = "frame-ancestors 'none'";
  const whole = [...rest, last === undefined || last === "" ? own : `${last}; ${own}`];
  res.set("Content-Security-Policy", whole.length === 1 ? whole.join() : whole);
}

/** Nothing of ours is kept by a browser or a proxy, and which form it has depends on `Accept`. */
export function uncached(res: Response): void {
  res.set("Cache-Control", "no-store");
  res.vary("Accept");
}
