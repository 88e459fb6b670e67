import { type ErrorRequestHandler, type Request, Router } from "express";
import { TwoFactorError } from "express-two-factor";
import { requireAcr } from "express-two-factor/oidc";
import { refuse } from "./answers";
import { type Member, type Members, normalizeEmail } from "./members";
import { OidcClient, SignInFailed, type StartedSignIn } from "./oidc-client";
import type { OidcConfig } from "./oidc-config";
import { Outage } from "./outage";
import type { SecondFactor } from "./two-factor";
import { wayBack } from "./way-back";

type WithStarted = Request["session"] & { oidc?: StartedSignIn };

/** “Sign in with …”: to the identity provider, and back. Stands above the gate, as the login does. */
export function oidcRoutes(
  config: OidcConfig | undefined,
  { tfa, members, log }: { tfa: SecondFactor; members: Members; log: (message: string) => void },
): Router {
  const router = Router();
  if (config === undefined) return router;
  const client = new OidcClient(config);

  router.get("/login/oidc", async (req, res) => {
    const redirectUri = `${req.protocol}://${req.host}/login/oidc/callback`;
    const { url, started } = await client.start(redirectUri, wayBack(req.query["next"]));
    (req.session as WithStarted).oidc = started;
    res.set("Cache-Control", "no-store").redirect(303, url.href);
  });

  router.get("/login/oidc/callback", async (req, res) => {
    const session = req.session as WithStarted;
    const { oidc: started } = session;
    if (started === undefined) throw new SignInFailed("No sign-in was begun in this browser");
    // An answer is taken once.
    delete session.oidc;
    const signedIn = await client.finish(queryOf(req), started);
    const { acr, auth_time: authTime } = signedIn.claims;
    // What was asked went through the browser, where it can be taken out; what came back is signed.
    if (config.onWeakAcr === "refuse") requireAcr(signedIn.claims, config.acrValues, { locale: languageOf(req) });
    const email = await client.emailOf(signedIn);
    const member = members.all.find((one) => email !== undefined && one.email === normalizeEmail(email));
    if (member === undefined) {
      return refuse(req, res, { code: "FORBIDDEN", detail: `No member has the address that ${config.name} names.` });
    }
    await logIn(req, member);
    await tfa.satisfy(req, { method: "acr", acr, at: authTime === undefined ? undefined : new Date(authTime * 1000) });
    res.set("Cache-Control", "no-store").redirect(303, started.next);
  });

  router.use(notSignedIn(config.name, log));
  return router;
}

/** Both are answers for the visitor; everything else is for the error page. */
function notSignedIn(provider: string, log: (message: string) => void): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (error instanceof TwoFactorError && error.code === "INSUFFICIENT_ACR") {
      const data = { detailLanguage: languageOf(req) };
      return refuse(req, res, { code: "INSUFFICIENT_ACR", detail: error.message, data });
    }
    if (!(error instanceof SignInFailed)) return next(error);
    const why = error.cause instanceof Error ? ` (${error.cause.message})` : "";
    log(`Sign-in with ${provider}: ${error.message}${why}`);
    refuse(req, res, { code: "SIGN_IN_FAILED", detail: `${provider} did not sign you in. Please try again.` });
  };
}

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
