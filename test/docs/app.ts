import { createRequire } from "node:module";
import express from "express";
import session from "express-session";
import { Passport } from "passport";
import type { Server } from "node:http";
import {
  generateEncryptionKey,
  memoryStore,
  twoFactor,
  type TwoFactor,
  type TwoFactorOptions,
  type TwoFactorStore,
} from "../../src";
import { Browser } from "../support/host";
import { listening } from "../support/sockets";

export interface Member {
  id: string;
  superAdmin: boolean | null;
}

const members: readonly Member[] = [
  { id: "1", superAdmin: true },
  { id: "2", superAdmin: false },
];

export const findUser = async (id: unknown): Promise<Member | undefined> => members.find((one) => one.id === id);

const express4 = createRequire(__filename)("express4") as typeof express;

/** An app around a recipe, with a store and sessions that can be taken down. */
export class RecipeApp {
  readonly express: typeof express;
  readonly app: express.Express;
  readonly passport = new Passport();
  readonly faults = { store: false, session: false };
  readonly records = memoryStore();
  readonly sessions = new session.MemoryStore();
  tfa?: TwoFactor;

  constructor(readonly version: 4 | 5) {
    this.express = version === 4 ? express4 : express;
    this.app = this.express();
    this.app.set("env", "test");
    this.passport.serializeUser((user, done) => done(null, (user as Member).id));
    this.passport.deserializeUser((id, done) => {
      findUser(id).then((user) => done(null, user ?? false), done);
    });
    const { sessions, faults } = this;
    const get = sessions.get.bind(sessions);
    sessions.get = (id, done) => (faults.session ? done(new Error("the session store is down")) : get(id, done));
  }

  readonly session = () =>
    session({ secret: "for tests", resave: false, saveUninitialized: false, store: this.sessions });

  /** `twoFactor` as the recipe calls it, with what a test needs besides. */
  readonly twoFactor = (options: Partial<TwoFactorOptions<Member>>): TwoFactor => {
    this.tfa = twoFactor<Member>({
      issuer: "Docs",
      store: this.store,
      storeTimeoutSeconds: 1,
      otpSecretEncryptionKey: generateEncryptionKey(),
      ...options,
    });
    return this.tfa;
  };

  get store(): TwoFactorStore {
    return {
      ...this.records,
      get: (id) => (this.faults.store ? Promise.reject(new Error("the store is down")) : this.records.get(id)),
    };
  }

  /** A login by id, as Passport's hosts have it. */
  readonly login = (): express.RequestHandler => (req, res, next) => {
    findUser((req.body as { id?: unknown } | undefined)?.id)
      .then((user) => {
        if (user === undefined) return void res.status(401).end();
        req.logIn(user, (error) => (error ? next(error) : res.json({ ok: true })));
      })
      .catch(next);
  };

  listen(): Promise<Server> {
    // As Express answers errors, without printing them.
    this.app.use((error: { status?: number }, _req: express.Request, res: express.Response, _next: unknown) => {
      if (res.headersSent) res.destroy();
      else res.status(error.status ?? 500).json({ failed: true });
    });
    return listening(this.app);
  }
}

export const browserOf = (server: Server): Browser => new Browser(server);
