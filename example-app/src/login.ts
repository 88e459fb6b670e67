import { createHash } from "node:crypto";
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from "express";
import { ipKeyGenerator, rateLimit, type Store } from "express-rate-limit";
import type { Passport } from "passport";
import { Strategy } from "passport-local";
import { answersAs, refuse, sameOriginOnly, showPage } from "./answers";
import { type Member, type Members, normalizeEmail } from "./members";
import { Outage, storeBacked } from "./outage";
import { cameByProvider } from "./provider-session";
import { Turns } from "./turns";
import { wayBack } from "./way-back";

/** What the second factor asks of somebody who just signed in: `tfa.pending`. */
export type PendingOf = (req: Request) => Promise<object> | object;

type PassportInstance = InstanceType<typeof Passport>;

interface LoginForm {
  email: string;
  password: string;
  next: string;
}

const failuresAllowed = 5;
const windowMinutes = 15;

/** Passport as most hosts have it: an id in the session, a password checked by a strategy. */
export function teachPassport(passport: PassportInstance, members: Members): void {
  passport.serializeUser((user, done) => done(null, (user as Member).id));
  passport.deserializeUser((id, done) => done(null, members.byId(String(id)) ?? false));
  passport.use(
    new Strategy({ usernameField: "email", passwordField: "password" }, (email, password, done) => {
      members.authenticate(email, password).then((member) => done(null, member ?? false), done);
    }),
  );
}

/** @param limitStore counts failed logins for all processes; absent: in memory. */
export function loginRoutes(passport: PassportInstance, pending: PendingOf, limitStore: Store | undefined): Router {
  const router = Router();
  router.get("/login", (req, res) =>
    showPage(res, "login", {
      next: wayBack(req.query["next"]),
      email: "",
      error: undefined,
      leftProvider: req.query["left"] === "provider",
      // The second factor leads here so when a login has waited for its code for too long.
      hasExpired: req.query["reason"] === "expired",
      wasReset: req.query["reason"] === "reset",
    }),
  );
  router.post(
    "/login",
    sameOriginOnly,
    express.urlencoded({ extended: false, limit: "16kb" }),
    express.json({ limit: "16kb" }),
    readLoginForm,
    refuseUnreadable,
    takeTurns(),
    storeBacked(failureLimit(limitStore)),
    signIn(passport),
    goOn(pending),
  );
  return router;
}

/**
 * The host's part of a logout, after the second factor has had its own. The provider's session is the provider's: who came
 * from there is told that it may go on.
 */
export const hostLogout: RequestHandler = (req, res, next) => {
  const to = cameByProvider(req) ? "/login?left=provider" : "/";
  req.logout((error: unknown) => {
    if (error !== undefined && error !== null)
      return next(new Outage("The session could not be ended", { cause: error }));
    if (answersAs(req) === "json") res.status(204).end();
    else res.redirect(303, to);
  });
};

/** Whatever is not two short texts is answered before anything is counted or hashed. */
const readLoginForm: RequestHandler = (req, res, next) => {
  const { email, password, next: back } = (req.body ?? {}) as Record<string, unknown>;
  if (!isText(email, 254) || !isText(password, 1024)) return refuseForm(req, res);
  res.locals["form"] = { email, password, next: wayBack(back) } satisfies LoginForm;
  next();
};

/** The body parsers' own errors: too large, not JSON, compressed by an unknown method. */
const refuseUnreadable: ErrorRequestHandler = (error: { status?: number }, req, res, next) => {
  if ((error.status ?? 500) < 500) refuseForm(req, res);
  else next(error);
};

/** Five wrong passwords for one account from one address; right ones are not counted. */
function failureLimit(store: Store | undefined): RequestHandler {
  return rateLimit({
    windowMs: windowMinutes * 60_000,
    limit: failuresAllowed,
    keyGenerator: (req, res) => limitKey(req, res),
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_req, res) => res.locals["signedIn"] === true,
    standardHeaders: false,
    legacyHeaders: false,
    // `req.ip` follows TRUST_PROXY; a header that we do not trust is no reason for a warning.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: (req, res) => {
      const until = (req as Request & { rateLimit?: { resetTime?: Date } }).rateLimit?.resetTime?.getTime() ?? 0;
      const retryAfterSeconds = Math.max(1, Math.ceil((until - Date.now()) / 1000));
      const minutes = Math.ceil(retryAfterSeconds / 60);
      refuse(req, res, {
        code: "TOO_MANY_ATTEMPTS",
        detail: `There were too many failed logins. Try again in ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`,
        retryAfterSeconds,
      });
    },
    ...(store === undefined ? {} : { store }),
  });
}

/** One login of one account from one address at a time, so that the limit counts exactly. */
function takeTurns(): RequestHandler {
  const turns = new Turns(500);
  return async (req, res, next) => {
    const pass = await turns.take(limitKey(req, res));
    if (pass === undefined) {
      return refuse(req, res, { code: "UNAVAILABLE", detail: "Too many logins at once.", retryAfterSeconds: 5 });
    }
    if (res.closed) return pass();
    res.once("close", pass);
    next();
  };
}

function signIn(passport: PassportInstance): RequestHandler {
  return (req, res, next) => {
    const decide = (error: unknown, member: Member | false | undefined) => {
      if (error !== null && error !== undefined) return next(error);
      if (member === undefined || member === false) {
        const form = formOf(res);
        const data = { email: form.email, next: form.next, error: "Email or password is wrong." };
        return refuse(req, res, {
          code: "INVALID_CREDENTIALS",
          detail: "Email or password is wrong.",
          view: "login",
          data,
        });
      }
      // Passport gives the visitor a new session id and saves it, so the answer may be sent at once.
      req.logIn(member, (failure: unknown) => {
        if (failure !== undefined && failure !== null)
          return next(new Outage("The login was not saved", { cause: failure }));
        res.locals["signedIn"] = true;
        next();
      });
    };
    (passport.authenticate("local", decide) as RequestHandler)(req, res, next);
  };
}

/** A browser to the page first asked for, where the gate asks for the second factor; a program learns what is missing. */
function goOn(pending: PendingOf): RequestHandler {
  return async (req, res) => {
    if (answersAs(req) === "json") res.set("Cache-Control", "no-store").json(await pending(req));
    else res.redirect(303, formOf(res).next);
  };
}

function refuseForm(req: Request, res: Response): void {
  const error = "Fill in your email and your password.";
  refuse(req, res, { code: "VALIDATION_ERROR", detail: error, view: "login", data: { email: "", next: "/", error } });
}

/** Hashed, so that neither counters nor logs hold addresses. IPv6 counts by network, which one household owns. */
function limitKey(req: Request, res: Response): string {
  const account = normalizeEmail(formOf(res).email);
  return createHash("sha256")
    .update(JSON.stringify([account, ipKeyGenerator(req.ip ?? "")]))
    .digest("base64url");
}

function formOf(res: Response): LoginForm {
  return res.locals["form"] as LoginForm;
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= maxLength;
}
