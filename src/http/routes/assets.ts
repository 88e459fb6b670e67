import { sendProblem } from "../answers/answers";
import { stylesheet } from "../render/stylesheet";
import type { Exchange, HttpParts } from "../caller";

const oneYearSeconds = 31_536_000;

/** The stylesheet; its name holds its hash, so it may be kept for ever. Open to everybody: it tells nothing. */
export async function sendAsset(parts: HttpParts, exchange: Exchange, path: string): Promise<void> {
  const { req, res } = exchange;
  if (path !== `/assets/${stylesheet.name}`) return sendProblem(parts, exchange, "NOT_FOUND");
  if (req.method !== "GET" && req.method !== "HEAD") {
    res.set("Allow", "GET, HEAD");
    return sendProblem(parts, exchange, "METHOD_NOT_ALLOWED");
  }
  res.set("Cache-Control", `public, max-age=${oneYearSeconds}, immutable`);
  res.set("X-Content-Type-Options", "nosniff");
  res.type("css").send(stylesheet.body);
}
