import type { IncomingMessage } from "node:http";
import type { NextFunction, Request, Response } from "express";
import { TwoFactorError } from "../errors";
import type { Settings } from "../options";
import type { Awaitable } from "../options/values";
import type { Service } from "../service/service";
import { createBases, type Place } from "./paths/bases";
import { createKeeper, createSlots } from "./session/keepers";
import { openPathsOf, passGate } from "./gate";
import {
  createLookout,
  isExpress,
  noExpress,
  noteScope,
  warnOfGateBelow,
  warnOfHalfTranslations,
  warnOfOneMailbox,
  warnOfOpenRoot,
  warnOfProxy,
} from "./host-mistakes";
import { checkRequest, logOut, pendingOf, type PendingLogin } from "./methods/methods";
import { listenForMounts } from "./paths/mountable";
import { showPages } from "./answers/negotiate";
import { createRenderer } from "./render/renderer";
import { report } from "./answers/report";
import { sendFault, serveRoute } from "./routes/table";
import { satisfyWith, type AcrProof } from "./methods/satisfy";
import { passStepUp } from "./methods/step-up";
import { asksForUnder, guardedPaths } from "./paths/under";
import { upgradeWith, type FindUser, type HostMiddleware, type Upgrade } from "./methods/upgrade";
import { createWarn } from "./warnings";
import { createWatch } from "./methods/watch";
import type { Exchange, HttpParts } from "./caller";

export type Middleware = (req: Request, res: Response, next: NextFunction) => void;

export interface Gate extends Middleware {
  /** @throws TwoFactorOptionsError where it names no plain path */
  (options: { under: readonly string[] }): Middleware;
}

/** What the function that `twoFactor` makes can do besides being mounted. */
export interface HttpMethods {
  /** Our pages alone, at `path`; where you mount them elsewhere, say so in `path`. */
  readonly routes: Middleware;
  /**
   * The gate alone: before everything mounted after it. `gate({ under: ["/admin"] })`, mounted at the root, guards a part:
   * whatever asks for something under these paths of the site, however it is written.
   */
  readonly gate: Gate;
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
  /** Guards a route with a proof not older than `seconds`; `method`, such as `"security-key"`: and of this kind alone. */
  requireRecent(options: { seconds: number; method?: string }): Middleware;
}

/** Everything that Express sees. */
export function createHttp(settings: Settings, service: Service): { middleware: Middleware; methods: HttpMethods } {
  const warn = createWarn();
  const slots = createSlots(settings);
  const parts: HttpParts = {
    settings,
    service,
    renderer: createRenderer(settings),
    keeper: createKeeper(settings, service, slots),
    slots,
    warn,
    lookout: createLookout(settings, warn),
    underway: { setups: new Map(), marks: new Set() },
    openPaths: openPathsOf(settings),
  };
  warnOfOpenRoot(settings, warn);
  warnOfHalfTranslations(settings, warn);
  noteScope(settings.scope);
  let isWatched = false;
  warnOfOneMailbox(settings, warn);
  const reached = new WeakSet<object>();
  const reaches = <Req extends object>(req: Req): Req => {
    if (isWatched) reached.add(req);
    showPages(req as unknown as Request, settings.state);
    return req;
  };
  const watch = createWatch(parts, (req) => reached.has(req));

  /**
   * Runs one request: what is ours of it is served, `otherwise` decides on the rest. What fails is answered or handed to the
   * host, and never passes. What is decided at once passes at once.
   */
  function run(placeOf: (req: Request) => Place, otherwise: (exchange: Exchange) => Awaitable<boolean>): Middleware {
    return function twoFactorMiddleware(req, res, next) {
      if (!isExpress(req, res)) return next(noExpress());
      warnOfProxy(req, warn);
      showPages(req, settings.state);
      if (isWatched) reached.add(req);
      let pass: Awaitable<boolean>;
      try {
        const { base, path } = placeOf(req);
        const exchange: Exchange = { req, res, base };
        pass = path === undefined ? otherwise(exchange) : serveRoute(parts, exchange, path).then(() => false);
      } catch (error) {
        return void failed(req, res, next, error).catch(next);
      }
      // What the host throws from here on is the host's, so it must not meet the catch above.
      if (pass === true) return next();
      if (pass === false) return;
      void pass
        .then(
          (passes) => void (passes && next()),
          (error: unknown) => failed(req, res, next, error),
        )
        .catch(next);
    };
  }

  async function failed(req: Request, res: Response, next: NextFunction, error: unknown): Promise<void> {
    const fault =
      error instanceof TwoFactorError
        ? error
        : new TwoFactorError("MISCONFIGURED", "Something unexpected failed.", { cause: error });
    return settings.handleErrors ? answerFault({ req, res, base: bases.of(req) }, fault) : next(fault);
  }

  async function answerFault(exchange: Exchange, fault: TwoFactorError): Promise<void> {
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

  const apart = (req: Request): Place => ({ base: bases.of(req) });
  const gate = run(apart, (exchange) => {
    warnOfGateBelow(exchange.req, warn);
    return passGate(parts, exchange);
  });
  const gateUnder = (options: unknown) => {
    const paths = guardedPaths(options);
    return run(apart, (exchange) => !asksForUnder(exchange.req, paths) || passGate(parts, exchange));
  };

  const routes = run(
    (req) => bases.ofRoutes(req),
    () => true,
  );
  const bases = createBases(settings, listenForMounts(routes), warn);
  const middleware = run(
    (req) => bases.ofMiddleware(req),
    (exchange) => passGate(parts, exchange),
  );

  return {
    middleware,
    methods: {
      routes,
      // Express calls with three; a host with one.
      gate: ((req: unknown, res?: Response, next?: NextFunction) =>
        res && next ? gate(req as Request, res, next) : gateUnder(req)) as Gate,
      watch(req, res, next) {
        isWatched = true;
        watch(req, res);
        next();
      },
      async logout(req, res, next) {
        await logOut(parts, reaches(req), res);
        try {
          // A callback of the host's may be asynchronous, whatever its type says.
          await (next?.() as unknown);
        } catch (cause) {
          const fault = new TwoFactorError("MISCONFIGURED", "What the host does after tfa.logout failed.", { cause });
          if (res.headersSent) report(fault);
          else await answerFault({ req, res, base: bases.of(req) }, fault);
        }
      },
      pending: (req) => pendingOf(parts, reaches(req), bases.of(req)),
      check: (req) => checkRequest(parts, reaches(req) as Request),
      upgrade: (withSession, findUser) => upgradeWith(parts, withSession, findUser),
      satisfy: (req, proof) => satisfyWith(parts, reaches(req), proof),
      requireRecent({ seconds, method }) {
        if (!(Number.isFinite(seconds) && seconds > 0)) throw new TypeError("requireRecent needs { seconds } above 0.");
        if (method !== undefined && !service.factors.kinds.some((kind) => kind.method === method)) {
          throw new TypeError(`requireRecent: there is no method "${method}" here.`);
        }
        return run(apart, (exchange) => passStepUp(parts, exchange, { seconds, method }));
      },
    },
  };
}
