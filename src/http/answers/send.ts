import type { Response } from "express";
import type { Exchange } from "../caller";
import type { Kept } from "../session/kept";

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

/** Saves nothing: whoever changed the session has saved it. */
export function redirect({ res }: Exchange, to: string): void {
  uncached(res);
  unframed(res);
  // `Location` as it is: Express would encode again what is encoded.
  res.status(303).set("Location", to).end();
}

/** What `JSON.stringify` makes `Data` of: where a text is told, a date may stand. */
type BeforeJson<Data> = string extends Data
  ? Data | Date
  : Data extends string | number | boolean | undefined
    ? Data
    : Data extends readonly (infer Item)[]
      ? readonly BeforeJson<Item>[]
      : { readonly [Name in keyof Data]: BeforeJson<Data[Name]> };

/**
 * `sendJson<Status>(…)`: which of the client's shapes (src/client/data.ts) it is has to be said, so that server and
 * client cannot tell two stories. That docs/openapi.yaml tells the same is tested on every answer.
 */
export function sendJson<Data = never>(
  { res, kept }: Exchange & { kept?: Kept },
  status: number,
  body: BeforeJson<NoInfer<Data>>,
): void {
  uncached(res);
  res.status(status).json({ ...(body as object), ...kept?.told() });
}
