import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import express from "express";
import session, { type SessionOptions } from "express-session";
import { generateSync } from "otplib";
import supertest from "supertest";
import { onTestFinished } from "vitest";
import {
  asState,
  claimsFor,
  claimsOf,
  onlyWithCookies,
  onlyWithSession,
  optionsOfState,
  signIn,
  signOut,
  state,
  type WithClaims,
} from "./states";
import { generateEncryptionKey, memoryStore, twoFactor, type TwoFactor, type TwoFactorOptions } from "../../src";

/** A user of the test host. */
export interface HostUser {
  id: unknown;
  email?: string;
  role?: string;
}

export interface HostOptions {
  options?: Partial<TwoFactorOptions<HostUser>>;
  version?: 4 | 5;
  session?: Partial<SessionOptions> | false;
  /** Before everything, the session too. */
  early?: (app: express.Express) => void;
  /** Before the gate, after the session and the login. */
  before?: (app: express.Express) => void;
  /** Instead of `app.use(tfa)`. */
  mount?: (app: express.Express, tfa: TwoFactor) => void;
  /** Behind the gate. */
  behind?: (app: express.Express, tfa: TwoFactor) => void;
}

export interface Host {
  app: express.Express;
  tfa: TwoFactor;
  /** A browser with cookies. */
  browser(): Browser;
  /** How often a request reached the host behind the gate. */
  reached: string[];
}

const express4 = createRequire(__filename)("express4") as typeof express;

const expressOf = (version: 4 | 5): typeof express => (version === 4 ? express4 : express);

/** For a sub-app. */
export const makeApp = (version: 4 | 5): express.Express => expressOf(version)();

/** The smallest host: a session, a login that believes anybody, and an app that tells what reached it. */
export function startHost(given: HostOptions = {}): Host {
  const { version = 5 } = given;
  if (version === 4) onlyWithSession("Express 4 and 5 differ in nothing that is not tried with a session.");
  if (given.session !== undefined) onlyWithSession("It is about sessions.");
  const make = expressOf(version);
  const app = make();
  const reached: string[] = [];
  const tfa = twoFactor<HostUser>({
    issuer: "Test Host",
    store: memoryStore(),
    otpSecretEncryptionKey: generateEncryptionKey(),
    handleErrors: true,
    ...optionsOfState,
    ...given.options,
  });
  given.early?.(app);
  if (state === "session" && given.session !== false) {
    app.use(session({ secret: "for tests", resave: false, saveUninitialized: false, ...given.session }));
  }
  app.use((req, _res, next) => {
    const auth = state === "session" ? undefined : claimsOf(req);
    if (auth !== undefined) Object.assign(req, { auth });
    const { user } = auth ?? ((req.session ?? {}) as { user?: HostUser });
    if (user !== undefined) (req as { user?: unknown }).user = user;
    next();
  });
  app.post("/login", make.json(), (req, res, next) => {
    if (state !== "session") return void res.json({ ok: true, ...signIn(res, claimsFor(req.body as HostUser)) });
    const { body, session: kept } = req as {
      body: HostUser;
      session: session.Session & { user?: HostUser; kept?: string };
    };
    kept.user = body;
    kept.kept = "the host's own";
    // cookie-session saves by itself.
    if (typeof kept.save === "function") kept.save((error) => (error ? next(error) : res.json({ ok: true })));
    else res.json({ ok: true });
  });
  app.post("/logout", tfa.logout, (req, res, next) => {
    if (state !== "session") return void (signOut(req as WithClaims, res), res.json({ ok: true }));
    if (typeof req.session.regenerate !== "function")
      return void (Object.assign(req, { session: null }), res.json({ ok: true }));
    req.session.regenerate((error) => (error ? next(error) : res.json({ ok: true })));
  });
  given.before?.(app);
  if (given.mount) given.mount(app, tfa);
  else app.use(tfa);
  given.behind?.(app, tfa);
  app.use((req, res) => {
    reached.push(`${req.method} ${req.originalUrl}`);
    if (req.user) res.set("X-Signed-In", "yes");
    res.type("text").send("behind the gate");
  });
  app.use((_error: unknown, _req: express.Request, res: express.Response, next: express.NextFunction) => {
    if (res.headersSent) next();
    else res.status(500).type("text").send("the host's error page");
  });
  const server = listen(app);
  return { app, tfa, reached, browser: () => new Browser(server) };
}

function listen(app: express.Express): Server {
  // Without an address it listens at once; where it did not yet, supertest would end it after each request.
  const server = createServer(app).listen(0);
  onTestFinished(() => void server.close());
  return server;
}

const page = { accept: "text/html,application/xhtml+xml,*/*;q=0.8", "sec-fetch-mode": "navigate" };

const noPages = "A client without cookies gets JSON, and no pages.";

/** One browser's cookies, and what people do with it. */
export class Browser<At extends Server | string = Server> {
  readonly agent;
  /** What it keeps where cookies are not used. */
  readonly kept;
  secret = "";
  recoveryCodes: string[] = [];

  /** @param server this process's, or the address of another's */
  constructor(readonly server: At) {
    this.agent = supertest.agent(server);
    this.kept = asState(this.agent);
  }

  login(user: HostUser = { id: "1", email: "one@example.com" }) {
    return this.agent.post("/login").send(user).expect(200);
  }

  /** As a person: a page load. */
  visit(path: string) {
    onlyWithCookies(noPages);
    return this.agent.get(path).set(page);
  }

  /** As a person: a form of our page. */
  submit(path: string, fields: object) {
    onlyWithCookies(noPages);
    return this.agent.post(path).set(page).set("sec-fetch-site", "same-origin").type("form").send(fields);
  }

  /** As a front end. */
  get(path: string) {
    return this.agent.get(path).set("accept", "application/json");
  }

  post(path: string, body: object = {}) {
    return this.agent.post(path).set("accept", "application/json").send(body);
  }

  /** Sets up an authenticator from the first QR code to the recovery codes. */
  async enrol(path = "/two-factor") {
    const begun = await this.post(`${path}/setup`).expect(200);
    this.secret = (begun.body as { secret: string }).secret;
    const done = await this.post(`${path}/setup/verify`, { code: this.code() }).expect(200);
    this.recoveryCodes = (done.body as { recoveryCodes: string[] }).recoveryCodes;
    return done;
  }

  /** The code of a sign-in, which remembers this browser; a set-up does not. Uses up the authenticator's next code. */
  remember(path = "/two-factor") {
    return this.post(`${path}/verify`, { code: this.code(1) }).expect(200);
  }

  /** What this browser would send, as it stands in the header. */
  cookie(name: string): string | undefined {
    const access = { domain: "127.0.0.1", path: "/", secure: false, script: false };
    return this.agent.jar.getCookie(name, access as never)?.value;
  }

  /** What the authenticator shows, some steps from now. */
  code(steps = 0, secret = this.secret): string {
    return codeOf(secret, steps);
  }

  /** A well-formed code that is wrong now and in every step near. */
  wrongCode(): string {
    const near = new Set([-3, -2, -1, 0, 1, 2, 3].map((steps) => this.code(steps)));
    for (let guess = 0; ; guess += 1) {
      const code = String(guess).padStart(6, "0");
      if (!near.has(code)) return code;
    }
  }
}

/** Somebody who has set up an authenticator, and another browser of theirs that has only the password. */
export async function ownerAndUnproven(host: Pick<Host, "browser">): Promise<{ owner: Browser; browser: Browser }> {
  const [owner, browser] = [host.browser(), host.browser()];
  await owner.login();
  await owner.enrol();
  await browser.login();
  browser.secret = owner.secret;
  return { owner, browser };
}

export const codeOf = (secret: string, steps = 0): string =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + steps * 30 });
