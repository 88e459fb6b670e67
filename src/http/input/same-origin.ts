import type { Request } from "express";

/**
 * Whether an unsafe request comes from our own pages (ASVS 5.0 3.5.1): by `Sec-Fetch-Site` where the browser sends it,
 * else by `Origin`. A request with neither is no browser's, and no cross-site request of one.
 */
export function isFromHere(req: Request, allowedOrigins: readonly string[] = []): boolean {
  const origin = req.get("origin");
  if (origin !== undefined && allowedOrigins.includes(origin)) return true;
  const site = req.get("sec-fetch-site");
  if (site !== undefined) return site === "same-origin" || site === "none";
  return origin === undefined || origin === ownOrigin(req);
}

/** `X-Forwarded-*` count only where the host has said `trust proxy`, which `req.protocol` and `trusts` know. */
export function ownOrigin(req: Request): string | undefined {
  const forwarded = trustsProxy(req) ? req.get("x-forwarded-host")?.split(",")[0]?.trim() : undefined;
  const host = forwarded || req.get("host");
  if (host === undefined) return undefined;
  try {
    return new URL(`${req.protocol}://${host}`).origin;
  } catch {
    return undefined;
  }
}

function trustsProxy(req: Request): boolean {
  const trusts = req.app.get("trust proxy fn") as ((address: string, hop: number) => boolean) | undefined;
  const address = req.socket.remoteAddress;
  return typeof trusts === "function" && address !== undefined && trusts(address, 0);
}
