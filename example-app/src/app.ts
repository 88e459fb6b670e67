import { join } from "node:path";
import express, { type Express } from "express";
import type { Store as LimitStore } from "express-rate-limit";
import type { TwoFactorStore } from "express-two-factor";
import type { Store as SessionStore } from "express-session";
import helmet from "helmet";
import { Passport } from "passport";
import { memberAdmin } from "./admin";
import { refuse, sameOriginOnly } from "./answers";
import type { Config } from "./config";
import { hostLogout, loginRoutes, teachPassport } from "./login";
import type { Mailer } from "./mail";
import type { Members } from "./members";
import { errorPage, storeBacked } from "./outage";
import { oidcRoutes } from "./oidc";
import { pageRoutes } from "./pages";
import { sessions } from "./sessions";
import { spaRoutes } from "./spa";
import { secondFactor, type SecondFactor } from "./two-factor";

/** What the app works with; `openParts` brings the real ones. */
export interface Parts {
  store: TwoFactorStore;
  sessionStore: SessionStore;
  sessionSecrets: readonly string[];
  /** Absent: failed logins are counted in memory. */
  limitStore: LimitStore | undefined;
  encryptionKeys: string;
  members: Members;
  mailer: Mailer;
  log: (message: string) => void;
}

const tellEveryMs = 30_000;

/** Mails about recoveries that are half-way or ready: also of those that another process has confirmed. */
function tellRecoveries(tfa: SecondFactor, log: Parts["log"]): void {
  const tell = () => void tfa.tellRecoveries().catch(() => log("Recoveries could not be told; it is tried again."));
  setInterval(tell, tellEveryMs).unref();
  tell();
}

/** The site, in the order in which a request meets it. Above `app.use(tfa)` is what needs no second factor. */
export function createApp(config: Config, parts: Parts): Express {
  const app = express();
  app
    .set("views", join(__dirname, "..", "views"))
    .set("view engine", "ejs")
    .enable("view cache")
    .disable("x-powered-by");
  if (config.trustProxy !== undefined) app.set("trust proxy", config.trustProxy);
  app.locals["appName"] = config.appName;
  app.locals["identityProvider"] = config.oidc?.name;

  const passport = new Passport();
  teachPassport(passport, parts.members);
  const tfa = secondFactor(config, parts);
  tellRecoveries(tfa, parts.log);

  app.get("/healthz", (_req, res) => void res.type("text").send("ok"));
  app.use(helmet());
  app.use("/static", express.static(join(__dirname, "..", "public"), { index: false }));
  app.use(spaRoutes());
  app.use(storeBacked(sessions(parts.sessionStore, parts.sessionSecrets)));
  app.use(passport.session());

  app.use(loginRoutes(passport, (req) => tfa.pending(req), parts.limitStore));
  app.use(
    oidcRoutes(config.oidc, { tfa, members: parts.members, sessionSecrets: parts.sessionSecrets, log: parts.log }),
  );
  app.post("/logout", sameOriginOnly, tfa.logout, hostLogout);

  app.use(tfa);

  app.use(pageRoutes(tfa));
  app.use(memberAdmin(tfa, parts.members));
  app.use((req, res) => refuse(req, res, { code: "NOT_FOUND", detail: "This site has no such page." }));
  app.use(errorPage(parts.log));
  return app;
}
