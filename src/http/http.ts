import type { IncomingMessage } from "node:http";
import type { NextFunction, Request, Response } from "express";
import { TwoFactorError } from "../errors";
import type { Settings } from "../options";
import type { Service } from "../service/service";
import { createRememberCookie } from "./cookies";
import { passGate } from "./gate";
import { checkRequest, logOut, pendingOf, type PendingLogin } from "./methods";
import { createRenderer } from "./render";
import { report } from "./report";
import { sendFault, serveRoute } from "./routes";
import { satisfyWith, type AcrProof } from "./satisfy";
import { passStepUp } from "./step-up";
import { upgradeWith, type FindUser, type HostMiddleware, type Upgrade } from "./upgrade";
import { createWatch } from "./watch";
import { isUnder } from "./way-back";
import type { Exchange, HttpParts } from "./visit";

export type Middleware = (req: Request, res: Response, next: NextFunction) => void;

/** What the function that `twoFactor` makes can do besides being mounted. */
export interface HttpMethods {
  /** Our pages alone; say in `path` where you mount them. */
  readonly routes: Middleware;
  /** The gate alone: before everything mounted after it. */
  readonly gate: Middleware;
  /**
   * Before everything else. In development it warns of routes that answer somebody who owes a second factor and stand
   * before the gate; with `NODE_ENV=production` it does nothing.
   */
  readonly watch: Middleware;
  /** Call it before the host's logout: as a middleware, or awaited. */
  logout(req: Request, res: Response, next?: NextFunction): Promise<void>;
  /** For the host's login answer: what is still owed, and where to go. */
  pending(req: Request): Promise<PendingLogin>;
  /** For a WebSocket upgrade: `true` when the gate would let this request pass. Session and user must be on it. */
  check(req: IncomingMessage): Promise<boolean>;
  /**
   * All of it for the server's `upgrade` event: `true` when the gate would let the request pass; else the socket has been
   * answered (400, 401, 403 for a foreign Origin, 503) and ended. What it returns never throws or rejects.
   * @param withSession the app's own session middleware; or several, such as `[withSession, passport.session()]`
   * @param findUser who is signed in, put onto `req.user`; absent where a middleware or the option `user` says it
   */
  upgrade<Kept = Record<string, unknown>>(
    withSession: HostMiddleware | readonly HostMiddleware[],
    findUser?: FindUser<Kept>,
  ): Upgrade;
  /**
   * What the identity provider says of a second factor; call it once the user is logged in.
   * @returns whether the session is proven by it. Under `onWeakAcr: "refuse"` it throws `INSUFFICIENT_ACR` instead of
   * `false`, with a message for the user
   */
  satisfy(req: Request, proof: AcrProof): Promise<boolean>;
  /** Guards a route with a proof not older than `seconds`. */
  requireRecent(options: { seconds: number }): Middleware;
}

/** Everything that Express sees. */
export function createHttp(settings: Settings, service: Service): { middleware: Middleware; methods: HttpMethods } {
  const parts: HttpParts = {
    settings,
    service,
    renderer: createRenderer(settings),
    cookie: createRememberCookie(settings),
  };
  const reached = new WeakSet<object>();
  const reaches = <Req extends object>(req: Req): Req => {
    reached.add(req);
    return req;
  };
  const watch = createWatch(parts, (req) => reached.has(req));

  // Where our routes were first met, if the host mounted them elsewhere than `path` says. Only the first time: from
  // then on a visitor's way to write an address (`/ACCOUNT/2fa`) changes nothing for others.
  let mountedAt: string | undefined;
  const base = () => mountedAt ?? settings.path;
  /** @returns whether that is news */
  const learnBase = (seen: string): boolean => {
    if (mountedAt !== undefined || seen.toLowerCase() === settings.path.toLowerCase()) return false;
    mountedAt = seen;
    return true;
  };

  /** Runs one request; what fails is answered or handed to the host, and never passes. */
  function run(work: (exchange: Exchange) => Promise<boolean>, at: (req: Request) => string): Middleware {
    return function twoFactorMiddleware(req, res, next) {
      const exchange: Exchange = { req: reaches(req), res, base: at(req) };
      work(exchange)
        .catch(async (error: unknown) => {
          await fail(exchange, next, error);
          return false;
        })
        // What the host throws from here on is the host's, so it must not meet the catch above.
        .then((pass) => {
          if (pass) next();
        })
        .catch(next);
    };
  }

  async function fail(exchange: Exchange, next: NextFunction, error: unknown): Promise<void> {
    const fault =
      error instanceof TwoFactorError
        ? error
        : new TwoFactorError("MISCONFIGURED", "Something unexpected failed.", { cause: error });
    if (!settings.handleErrors) return next(fault);
    if (fault.status >= 500) report(fault);
    if (exchange.res.headersSent) return void exchange.res.destroy();
    try {
      await sendFault(parts, exchange, fault);
    } catch {
      // Even the page that says so failed (a host's view, say): then in plain words.
      if (exchange.res.headersSent) return void exchange.res.destroy();
      exchange.res.set("Cache-Control", "no-store").status(fault.status);
      exchange.res.type("text").send("Something went wrong. Please try again later.");
    }
  }

  const serve = async (exchange: Exchange, path: string) => {
    await serveRoute(parts, exchange, path);
    return false;
  };

  const gate = run((exchange) => passGate(parts, exchange), base);

  const routes = run(
    async (exchange) => {
      const { req } = exchange;
      if (req.baseUrl !== "") {
        if (learnBase(req.baseUrl)) warnOfMount(req.baseUrl, settings.path);
        return serve(exchange, req.path);
      }
      return isUnder(req.path, settings.path) ? serve(exchange, req.path.slice(settings.path.length)) : true;
    },
    (req) => (req.baseUrl === "" ? settings.path : req.baseUrl),
  );

  const middleware = run(
    async (exchange) => {
      const { path } = exchange.req;
      return isUnder(path, settings.path)
        ? serve(exchange, path.slice(settings.path.length))
        : passGate(parts, exchange);
    },
    (req) => {
      const here = req.baseUrl + settings.path;
      learnBase(here);
      return here;
    },
  );

  return {
    middleware,
    methods: {
      routes,
      gate,
      watch(req, res, next) {
        watch(req, res);
        next();
      },
      logout: (req, res, next) => logOut(parts, reaches(req), res, next),
      pending: (req) => pendingOf(parts, reaches(req), base()),
      check: (req) => checkRequest(parts, reaches(req) as Request),
      upgrade: (withSession, findUser) => upgradeWith(parts, withSession, findUser),
      satisfy: (req, proof) => satisfyWith(parts, reaches(req), proof),
      requireRecent({ seconds }) {
        if (!(Number.isFinite(seconds) && seconds > 0)) throw new TypeError("requireRecent needs { seconds } above 0.");
        return run((exchange) => passStepUp(parts, exchange, seconds), base);
      },
    },
  };
}

function warnOfMount(baseUrl: string, path: string): void {
  process.emitWarning(
    `express-two-factor: routes are mounted at "${baseUrl}", but path is "${path}". Say path: "${baseUrl}", so that the gate knows where to lead to from the first request on.`,
  );
}
