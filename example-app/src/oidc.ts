import cookieParser from "cookie-parser";
import { type CookieOptions, type ErrorRequestHandler, type Request, type Response, Router } from "express";
import { TwoFactorError } from "express-two-factor";
import { acrRefusal, requireAcr } from "express-two-factor/oidc";
import { refuse } from "./answers";
import type { Member, Members } from "./members";
import { OidcClient, SignInFailed, type StartedSignIn } from "./oidc-client";
import type { OidcConfig } from "./oidc-config";
import { Outage } from "./outage";
import { rememberProvider } from "./provider-session";
import type { SecondFactor } from "./two-factor";
import { wayBack } from "./way-back";

interface OidcParts {
  tfa: SecondFactor;
  members: Members;
  sessionSecrets: readonly string[];
  log: (message: string) => void;
}

/**
 * What a sign-in must be held against, in the browser that began it. A session would do, too, but whoever asks often would
 * fill the store with them, and it lets the oldest go: other people's.
 */
type KeptSignIn = StartedSignIn & { until: number };
const startedCookie = "sign_in";
const startedForMs = 600_000;
const attributesOf = (req: Request): CookieOptions => ({
  httpOnly: true,
  path: "/login/oidc",
  sameSite: "lax",
  secure: req.secure,
});

/** “Sign in with …”: to the identity provider, and back. Stands above the gate, as the login does. */
export function oidcRoutes(config: OidcConfig | undefined, { tfa, members, sessionSecrets, log }: OidcParts): Router {
  const router = Router();
  if (config === undefined) return router;
  const client = new OidcClient(config);
  router.use("/login/oidc", cookieParser([...sessionSecrets]));

  router.get("/login/oidc", async (req, res) => {
    const redirectUri = `${req.protocol}://${req.host}/login/oidc/callback`;
    const { url, started } = await client.start(redirectUri, wayBack(req.query["next"]));
    const kept: KeptSignIn = { ...started, until: Date.now() + startedForMs };
    res.cookie(startedCookie, kept, { ...attributesOf(req), signed: true, maxAge: startedForMs });
    res.set("Cache-Control", "no-store").redirect(303, url.href);
  });

  router.get("/login/oidc/callback", async (req, res) => {
    const started = (req.signedCookies as Record<string, KeptSignIn | false | undefined>)[startedCookie];
    res.clearCookie(startedCookie, attributesOf(req)); // an answer is taken one time
    if (!started || started.until < Date.now()) throw new SignInFailed("No sign-in was begun in this browser");
    res.locals["next"] = started.next;
    const signedIn = await client.finish(queryOf(req), started);
    const { acr, auth_time: authTime } = signedIn.claims;
    // What was asked went through the browser, where it can be taken out; what came back is signed.
    if (config.onWeakAcr === "refuse") requireAcr(signedIn.claims, config.acrValues, { locale: languageOf(req) });
    const email = await client.emailOf(signedIn);
    const member = email === undefined ? undefined : members.byVerifiedEmail(email);
    if (member === undefined) {
      return refuse(req, res, { code: "FORBIDDEN", detail: `No member has the address that ${config.name} names.` });
    }
    await logIn(req, member);
    rememberProvider(req);
    await tfa.satisfy(req, { method: "acr", acr, at: authTime === undefined ? undefined : new Date(authTime * 1000) });
    res.set("Cache-Control", "no-store").redirect(303, started.next);
  });

  router.use(notSignedIn(config.name, log));
  return router;
}

/** Both are answers for the visitor; everything else is for the error page. */
function notSignedIn(provider: string, log: (message: string) => void): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const again = `/login/oidc?next=${encodeURIComponent(nextOf(res))}`;
    const refusal = error instanceof SignInFailed ? acrRefusal(error.cause, { locale: languageOf(req) }) : error;
    if (refusal instanceof TwoFactorError && refusal.code === "INSUFFICIENT_ACR") {
      const data = { detailLanguage: languageOf(req), again };
      return refuse(req, res, { code: "INSUFFICIENT_ACR", detail: refusal.message, data });
    }
    if (!(error instanceof SignInFailed)) return next(error);
    const why = error.cause instanceof Error ? ` (${error.cause.message})` : "";
    log(`Sign-in with ${provider}: ${error.message}${why}`);
    const detail = `${provider} did not sign you in. Please try again.`;
    refuse(req, res, { code: "SIGN_IN_FAILED", detail, data: { again } });
  };
}

/** The page first asked for, where the sign-in was begun here. */
const nextOf = ({ locals }: Response): string => wayBack(locals["next"]);

/** Passport gives the visitor a new session id and saves it: only from then on is there a user to satisfy. */
function logIn(req: Request, member: Member): Promise<void> {
  return new Promise((resolve, reject) => {
    req.logIn(member, (cause: unknown) => {
      if (cause === undefined || cause === null) resolve();
      else reject(new Outage("The login was not saved", { cause }));
    });
  });
}

/** The languages that the library's message comes in; this site itself speaks English. */
function languageOf(req: Request): string {
  return req.acceptsLanguages("en", "fr", "de", "es", "ru") || "en";
}

function queryOf({ originalUrl }: Request): string {
  const at = originalUrl.indexOf("?");
  return at < 0 ? "" : originalUrl.slice(at);
}
