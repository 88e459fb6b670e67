import { sendProblem } from "../answers/answers";
import { comfort, script, stylesheet } from "../render/stylesheet";
import type { Exchange, HttpParts } from "../caller";

const oneYearSeconds = 31_536_000;

/** The stylesheet and the scripts; their names hold a hash, so they may be kept for ever. Open to everybody: they tell nothing. */
export async function sendAsset(parts: HttpParts, exchange: Exchange, path: string): Promise<void> {
  const { req, res } = exchange;
  const hasKeys = parts.service.factors.asked !== undefined;
  const known = [stylesheet, ...(hasKeys ? [script] : []), ...(hasKeys || parts.settings.script ? [comfort] : [])];
  const asset = known.find(({ name }) => path === `/assets/${name}`);
  if (asset === undefined) return sendProblem(parts, exchange, "NOT_FOUND");
  if (req.method !== "GET" && req.method !== "HEAD") {
    res.set("Allow", "GET, HEAD");
    return sendProblem(parts, exchange, "METHOD_NOT_ALLOWED");
  }
  res.set("Cache-Control", `public, max-age=${oneYearSeconds}, immutable`);
  res.set("X-Content-Type-Options", "nosniff");
  res.type(asset.type).send(asset.body);
}
