import type { Request, Response } from "express";
import { isAllowed } from "../gate";
import { hostSession } from "../session/host-session";
import { callerWithout, type HttpParts } from "../caller";
import { know } from "../facts";

const mostWarnings = 20;
const assets =
  /^(text\/(css|javascript)|application\/(javascript|wasm|manifest\+json)|image\/|font\/|audio\/|video\/)/i;

/**
 * A help in development: whatever is answered before it reaches us is not guarded, and from behind that is not to be seen.
 * @param hasReachedUs whether the gate, a route or a method of ours has had the request
 */
export function createWatch(parts: HttpParts, hasReachedUs: (req: Request) => boolean) {
  const told = new Set<string>();

  async function look(req: Request, res: Response): Promise<void> {
    if (res.statusCode < 200 || res.statusCode > 299 || hasReachedUs(req)) return;
    if (assets.test(String(res.getHeader("content-type") ?? "")) || told.size >= mostWarnings) return;
    const route = `${req.method} ${nameOf(req)}`;
    if (told.has(route) || !(await owesProof(parts, req))) return;
    told.add(route);
    process.emitWarning(
      `express-two-factor: ${route} answered ${res.statusCode} to somebody who is signed in and owes a second factor: it ` +
        "stands before app.use(tfa). Mount it after it, or see docs/other-ways-in.md.",
      { code: "TWO_FACTOR_WAY_ROUND" },
    );
  }

  return function watch(req: Request, res: Response): void {
    if (process.env["NODE_ENV"] === "production") return;
    // Faults are told where they matter to a user.
    res.once("finish", () => void look(req, res).catch(() => undefined));
  };
}

/** As the route is written: an address may hold what is secret. */
function nameOf({ baseUrl, route, originalUrl }: Request): string {
  const { path } = (route ?? {}) as { path?: unknown };
  return typeof path === "string" ? baseUrl + path : (originalUrl.split(/[?#]/, 1)[0] ?? "");
}

async function owesProof(parts: HttpParts, req: Request): Promise<boolean> {
  const { session, sessionID } = hostSession(req);
  // Ended by this very request: a logout.
  if (!session && sessionID !== undefined) return false;
  // Basic and Bearer need no session; then nothing is proven.
  const asked = session ? req : Object.assign(Object.create(req) as Request, { session: {} });
  const caller = await callerWithout(parts, asked);
  if (caller === undefined || (await isAllowed(parts, asked))) return false;
  return (await know(parts, caller)).decided.gate !== "pass";
}
