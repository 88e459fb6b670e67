import { ServerResponse, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Request } from "express";
import { TwoFactorError } from "../../errors";
import { withinSeconds } from "../../service/patience";
import { checkRequest, hasPath } from "./methods";
import { report } from "../answers/report";
import { hostSession } from "../session/host-session";
import type { HttpParts } from "../caller";

/** A middleware of the host: its session, or what puts the user on the request. */
export type HostMiddleware = (req: never, res: never, next: (error?: unknown) => void) => unknown;

/** Who is signed in, by what the session keeps; `undefined` and `null`: nobody. */
export type FindUser<Kept> = (session: Kept, req: IncomingMessage) => unknown;

export type Upgrade = (req: IncomingMessage, socket: Duplex, head?: Buffer) => Promise<boolean>;

const reasons = { 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 503: "Service Unavailable" } as const;

type Refusal = keyof typeof reasons;

/**
 * Decides upgrade requests, which meet no middleware.
 * @returns what answers `true` where the gate would let the request pass. Else it has answered and ended the socket
 * itself. It never rejects: whoever listens for `upgrade` has nobody to catch it
 */
export function upgradeWith<Kept>(
  parts: HttpParts,
  withSession: HostMiddleware | readonly HostMiddleware[],
  findUser: FindUser<Kept> | undefined,
): Upgrade {
  const middlewares = [withSession].flat();
  if (middlewares.length === 0 || !middlewares.every((one) => typeof one === "function")) {
    throw new TypeError("upgrade needs the session middleware of the app: tfa.upgrade(session({ … }), findUser).");
  }
  if (findUser !== undefined && typeof findUser !== "function") {
    throw new TypeError("upgrade needs findUser as a function: tfa.upgrade(withSession, (session) => …).");
  }

  async function decide(req: IncomingMessage, socket: Duplex): Promise<"pass" | Refusal> {
    if (!hasPath(req)) return 400;
    if (!isOriginOurs(req, parts.settings.allowedOrigins)) return 403;
    await withMiddlewares(parts, middlewares, req);
    if (socket.destroyed) return 401;
    if (findUser !== undefined) {
      parts.keeper.check(req as Request);
      const kept = (hostSession(req as Request).session ?? {}) as Kept;
      Object.assign(req, { user: await patient(parts, "findUser", async () => findUser(kept, req)) });
      if (socket.destroyed) return 401;
    }
    const passes = await patient(parts, "The second factor", () => checkRequest(parts, req as Request));
    return passes ? "pass" : 401;
  }

  return async function mayUpgrade(req, socket) {
    // Nobody else listens yet, and a reset without a listener ends the process. It stays after the hand-over: the host
    // may await something of its own before it listens, and hears its errors as well.
    socket.on("error", () => undefined);
    let answer: "pass" | Refusal;
    try {
      answer = await decide(req, socket);
    } catch (error) {
      report(asFault(error));
      answer = 503;
    }
    if (answer === "pass" && !socket.destroyed) return true;
    refuse(socket, answer === "pass" ? 401 : answer);
    return false;
  };
}

const patient = <T>({ settings }: HttpParts, what: string, work: () => Promise<T>): Promise<T> =>
  withinSeconds(settings.storeTimeoutSeconds, what, work);

/** They may throw, hang, call back twice, or answer instead: only a call of `next` without an error goes on. */
async function withMiddlewares(
  parts: HttpParts,
  middlewares: readonly HostMiddleware[],
  req: IncomingMessage,
): Promise<void> {
  // Without a socket: whatever is written to it goes nowhere.
  const res = new ServerResponse(req);
  for (const middleware of middlewares) {
    const run = () =>
      new Promise<void>((resolve, reject) => {
        const next = (error?: unknown) => (error ? reject(error) : resolve());
        // An async one may reject instead.
        Promise.resolve(middleware(req as never, res as never, next)).catch(reject);
      });
    // One after the other: each builds on what the one before it has put on the request.
    // oxlint-disable-next-line no-await-in-loop -- see above
    await patient(parts, "The session", run);
  }
}

/**
 * Browsers open sockets across origins, cookies and all, and always say from where (RFC 6455 §4.1); what says nothing is
 * no browser. No app is at hand to ask about `trust proxy`, so only the host's name is compared, and `http` pages get no
 * socket where TLS is known to be used.
 */
function isOriginOurs(req: IncomingMessage, allowedOrigins: readonly string[]): boolean {
  const { origin, host } = req.headers;
  if (origin === undefined) return true;
  if (allowedOrigins.includes(origin)) return true;
  if (host === undefined) return false;
  const isSecure = (req.socket as { encrypted?: boolean }).encrypted === true || forwardedProtocol(req) === "https";
  return origin === originOf("https", host) || (!isSecure && origin === originOf("http", host));
}

/** Trusted only for being stricter. */
function forwardedProtocol({ headers }: IncomingMessage): string | undefined {
  return [headers["x-forwarded-proto"]].flat()[0]?.split(",")[0]?.trim().toLowerCase();
}

function originOf(protocol: "http" | "https", host: string): string | undefined {
  return URL.canParse(`${protocol}://${host}`) ? new URL(`${protocol}://${host}`).origin : undefined;
}

function asFault(error: unknown): TwoFactorError {
  if (error instanceof TwoFactorError) return error;
  return new TwoFactorError("MISCONFIGURED", "An upgrade could not be decided.", { cause: error });
}

/** Destroyed once it is written: who never closes their side would hold the socket for ever. */
function refuse(socket: Duplex, status: Refusal): void {
  if (socket.destroyed || !socket.writable) return void socket.destroy();
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${reasons[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
