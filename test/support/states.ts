import type { Request, Response } from "express";
import { getCurrentTest } from "vitest/suite";
import type { HostUser } from "./host";

/** Where this run keeps what belongs to a login: `STATE=cookie` and `STATE=token` are runs of vitest.states.config.mts. */
export const state = (process.env["STATE"] ?? "session") as "session" | "cookie" | "token";

/** Ends this test, which says of sessions alone what it says. @param instead what holds without one */
export function onlyWithSession(instead: string): void {
  if (state !== "session") getCurrentTest()?.context.skip(instead);
}

/** As `onlyWithSession`, for what only clients with cookies can do. */
export function onlyWithCookies(instead: string): void {
  if (state === "token") getCurrentTest()?.context.skip(instead);
}

/** A login without a session, as a JWT's claims say it; the tests' own is not signed. */
export interface Claims {
  user: HostUser;
  jti: string;
  /** Unix seconds. */
  iat: number;
}

export type WithClaims = Request & { auth?: Claims };

/** The name of the cookie of a host's login. */
const loginCookie = "login";
let logins = 0;

export const claimsFor = (user: HostUser): Claims => ({
  user,
  jti: `login-${(logins += 1)}`,
  iat: Math.floor(Date.now() / 1000),
});

const written = (claims: Claims): string => Buffer.from(JSON.stringify(claims)).toString("base64url");

/** What a host puts onto the request. */
export function claimsOf(req: Request): Claims | undefined {
  const cookie = new RegExp(`(?:^|; )${loginCookie}=([\\w-]+)`).exec(req.headers.cookie ?? "");
  const bearer = /^Bearer ([\w-]+)$/.exec(req.headers.authorization ?? "");
  const text = (state === "token" ? bearer : cookie)?.[1];
  return text === undefined ? undefined : (JSON.parse(Buffer.from(text, "base64url").toString()) as Claims);
}

/** Signs somebody in. @returns what a client without cookies gets */
export function signIn(res: Response, claims: Claims): { jwt?: string } {
  if (state === "token") return { jwt: written(claims) };
  res.cookie(loginCookie, written(claims), { httpOnly: true });
  return {};
}

/** In a route of the host's own, for this request and those that follow. */
export function signInHere(req: Request, res: Response, user: HostUser): { jwt?: string } {
  Object.assign(req, { user });
  if (state === "session") {
    Object.assign((req as unknown as { session: object }).session, { user });
    return {};
  }
  const auth = claimsFor(user);
  Object.assign(req, { auth });
  return signIn(res, auth);
}

export function signOut(req: WithClaims, res: Response): void {
  if (state === "cookie") res.clearCookie(loginCookie, { httpOnly: true });
  delete req.auth;
  delete (req as { user?: unknown }).user;
}

/** What the option `state` needs besides. */
export const optionsOfState =
  state === "session"
    ? {}
    : {
        state,
        loginId: (req: Request) => (req as WithClaims).auth?.jti,
        // Longer than any test waits. `loginAt` is tried by itself: with it a login ends sooner.
        proofForSeconds: 30 * 86_400,
        endLogin: (req: Request, res: Response) => signOut(req as WithClaims, res),
      };

/** As `superagent` has it. */
interface Sending {
  method: string;
  url: string;
  set(header: string, value: string): unknown;
  on(event: "response", listen: (answer: { status: number; body: unknown }) => void): unknown;
}

export interface KeptByClient {
  jwt?: string;
  token?: string;
}

/** A client without cookies: it keeps what the login and our answers tell it, and sends that along. */
export function asState(agent: { use(plugin: (request: Sending) => void): unknown }): KeptByClient {
  const kept: KeptByClient = {};
  if (state !== "token") return kept;
  agent.use((request) => {
    if (kept.jwt !== undefined) request.set("Authorization", `Bearer ${kept.jwt}`);
    if (kept.token !== undefined) request.set("Two-Factor", kept.token);
    request.on("response", ({ status, body }) => {
      const { jwt, token, code } = (body ?? {}) as { jwt?: string; token?: string; code?: string };
      if (jwt !== undefined) kept.jwt = jwt;
      if (token !== undefined) kept.token = token;
      const isLogout = status === 200 && request.url.endsWith("/logout");
      if (isLogout || code === "LOGIN_SESSION_EXPIRED") delete kept.jwt;
    });
  });
  return kept;
}
