import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { randomBytes, randomUUID } from "node:crypto";
import express, { type Request, type RequestHandler, type Response } from "express";
import { parseCookie } from "cookie";
import { jwtVerify, SignJWT } from "jose";
import { onTestFinished } from "vitest";
import { generateEncryptionKey, memoryStore, twoFactor, type TwoFactor, type TwoFactorOptions } from "../../src";

export interface Account {
  id: string;
  email: string;
}

interface Auth {
  sub: string;
  jti: string;
  iat: number;
  kind?: "machine";
}
type WithAuth = Request & { auth?: Auth };

const accounts: readonly Account[] = [
  { id: "1", email: "alice@example.com" },
  { id: "2", email: "bob@example.com" },
];

export interface JwtHost {
  tfa: TwoFactor;
  server: Server;
  url: string;
  /** For a program of this account's. */
  machineToken(id: string): Promise<string>;
}

/** An app whose login is a JWT, with routes as a front end has them: in a cookie, or for native apps in a header. */
export async function startJwtHost(
  state: "cookie" | "token",
  options: Partial<TwoFactorOptions<Account>> = {},
): Promise<JwtHost> {
  const key = randomBytes(32);
  const app = express();
  const strict = { httpOnly: true, sameSite: "strict" } as const;
  const tfa = twoFactor<Account>({
    issuer: "EventHub",
    store: memoryStore(),
    otpSecretEncryptionKey: generateEncryptionKey(),
    path: "/auth/2fa",
    loginPath: "/auth/login",
    logoutPath: "/auth/logout",
    state,
    loginId: (req) => (req as WithAuth).auth?.jti,
    loginAt: (req) => (req as WithAuth).auth?.iat ?? 0,
    pendingLoginSeconds: 120,
    setupValidForSeconds: 120,
    rememberBrowser: "never",
    recoveryCodes: { count: 8 },
    endLogin: (_req, res) => state === "cookie" && res.clearCookie("token", strict),
    ...options,
  });
  const sign = (claims: Auth) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("8h").sign(key);
  const setLogin = (req: Request, auth: Auth) =>
    Object.assign(req, { auth, user: accounts.find(({ id }) => id === auth.sub) });
  const login = (id: string): Auth => ({ sub: id, jti: randomUUID(), iat: Math.floor(Date.now() / 1000) });

  const readLogin: RequestHandler = (req, _res, next) => {
    const bearer = /^Bearer (\S+)$/.exec(req.get("authorization") ?? "")?.[1];
    const token = bearer ?? (state === "cookie" ? parseCookie(req.headers.cookie ?? "")["token"] : undefined);
    if (token === undefined) return next();
    jwtVerify<Auth>(token, key, { currentDate: new Date() }).then(
      ({ payload }) => (setLogin(req, payload), next()),
      () => next(),
    );
  };
  app.use(readLogin);
  app.post("/auth/login", express.json(), (req: Request, res: Response, next) => {
    const { email } = req.body as { email?: string };
    const account = accounts.find((one) => one.email === email);
    if (account === undefined) return void res.status(401).json({ code: "UNAUTHORIZED" });
    const answer = async () => {
      const claims = login(account.id);
      const jwt = await sign(claims);
      setLogin(req, claims);
      const owed = await tfa.pending(req);
      if (state === "cookie") res.cookie("token", jwt, strict).json({ ...owed, require2FA: owed.requiresOtp });
      else res.json({ ...owed, require2FA: owed.requiresOtp, jwt });
    };
    answer().catch(next);
  });
  app.post("/auth/logout", tfa.logout, (_req, res) => void res.clearCookie("token", strict).json({ success: true }));
  app.use(tfa);
  app.get("/auth/me", (req, res, next) => {
    const { user } = req as unknown as { user?: Account };
    if (user === undefined) return void res.status(401).json({ code: "UNAUTHORIZED" });
    tfa.status(user.id).then(({ enabled }) => res.json({ email: user.email, has2FA: enabled }), next);
  });
  app.post("/payout", tfa.requireRecent({ seconds: 60 }), (_req, res) => void res.json({ paid: true }));
  const server = createServer(app).listen(0);
  onTestFinished(() => void server.close());
  return {
    tfa,
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    machineToken: (id) => sign({ ...login(id), kind: "machine" }),
  };
}
