import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import session from "express-session";
import { onTestFinished } from "vitest";
import { generateEncryptionKey, memoryStore, twoFactor, type TwoFactor, type TwoFactorOptions } from "../../src";
import { twoFactorClient, type Fetch, type Setup, type TwoFactorClient } from "../../src/client";
import { oathtoolCode } from "../support/services";
import { behindTheGate, expectDocumented } from "./openapi";

interface Account {
  id: number;
  email: string;
}

export interface Site {
  tfa: TwoFactor;
  /** A browser that runs the site's front end. */
  visitor(): Visitor;
}

/** An app with a JSON login and a JSON interface behind the gate, as single-page front ends have one. */
export async function startSite(options: Partial<TwoFactorOptions<Account>> = {}): Promise<Site> {
  const app = express();
  const accounts = new Map<string, Account>();
  const tfa = twoFactor<Account>({
    issuer: "Site",
    store: memoryStore(),
    otpSecretEncryptionKey: generateEncryptionKey(),
    needTwoFactorAuthentication: () => "optional",
    ...options,
  });
  app.use(session({ secret: "for tests", resave: false, saveUninitialized: false }));
  app.use((req, _res, next) => {
    const { email } = req.session as { email?: string };
    if (email !== undefined) (req as { user?: unknown }).user = accounts.get(email);
    next();
  });
  app.post("/login", express.json(), async (req, res) => {
    const { email, password } = req.body as { email: string; password: string };
    if (password !== "right") return void res.status(401).json({ error: "wrong password" });
    const account = accounts.get(email) ?? { id: accounts.size + 1, email };
    accounts.set(email, account);
    await new Promise((resolve) => req.session.regenerate(resolve));
    (req.session as { email?: string }).email = email;
    (req as { user?: unknown }).user = account;
    const { requiresOtp, requiresOtpSetup, next } = await tfa.pending(req);
    return void res.json({ requiresOtp, requiresOtpSetup, next });
  });
  app.post("/logout", tfa.logout, (req, res) => req.session.destroy(() => res.json({})));
  app.use(tfa);
  app.get("/profile", async (req, res) => {
    const { user } = req as unknown as { user?: Account };
    if (user === undefined) return void res.status(401).json({});
    return void res.json({ email: user.email, has2FA: (await tfa.status(user.id)).enabled });
  });
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const path = options.path ?? "/two-factor";
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { tfa, visitor: () => new Visitor(origin, path) };
}

/** Every answer of the library that it meets is held against the interface's description. */
class Visitor {
  readonly cookies = new Map<string, string>();
  readonly client: TwoFactorClient;
  secret = "";

  constructor(
    readonly origin: string,
    readonly path: string,
  ) {
    this.client = twoFactorClient({ path, fetch: (url, init) => this.fetch(url, init) });
  }

  readonly fetch: Fetch = async (url, { headers, ...init }) => {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(this.origin + url, { ...init, headers: { ...headers, cookie } });
    this.#keepCookies(answer);
    const text = await answer.clone().text();
    const ours = url === this.path || url.startsWith(`${this.path}/`);
    if (ours || answer.headers.get("content-type")?.startsWith("application/problem+json")) {
      const route = ours ? url.slice(this.path.length) || "/" : behindTheGate;
      expectDocumented(init.method, route, answer.status, answer.headers.get("content-type"), text);
    }
    return answer;
  };

  #keepCookies(answer: Response): void {
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const expires = /expires=([^;]+)/i.exec(line)?.[1];
      const gone = /max-age=0(?:;|$)/i.test(line) || (expires !== undefined && Date.parse(expires) <= Date.now());
      if (gone) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }

  async #json(method: "GET" | "POST", url: string, body?: object): Promise<{ status: number; body: any }> {
    const headers = { Accept: "application/json", "Content-Type": "application/json" };
    const sent = body && { body: JSON.stringify(body) };
    const answer = await this.fetch(url, { method, headers, credentials: "same-origin", redirect: "error", ...sent });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  }

  async login(email = "anna@example.com"): Promise<{ requiresOtp: boolean; requiresOtpSetup: boolean; next: string }> {
    return (await this.#json("POST", "/login", { email, password: "right" })).body;
  }

  logout = () => this.#json("POST", "/logout", {});
  profile = () => this.#json("GET", "/profile");

  /** From the QR code to the recovery codes. */
  async enrol(): Promise<string[]> {
    const setup = must(await this.client.beginSetup());
    this.secret = setup.secret;
    return must(await this.client.confirmSetup(await this.code())).recoveryCodes;
  }

  /** Keeps the key as an authenticator app does, and shows its code. */
  scan({ otpauthUri }: Setup): Promise<string> {
    this.secret = new URL(otpauthUri).searchParams.get("secret") ?? "";
    return this.code();
  }

  /** What the authenticator shows now. */
  code = (): Promise<string> => oathtoolCode(this.secret, new Date());

  /** Six digits that are wrong now, and around now. */
  async wrongCode(): Promise<string> {
    const steps = [-2, -1, 0, 1, 2].map((step) => oathtoolCode(this.secret, new Date(Date.now() + step * 30_000)));
    const near = await Promise.all(steps);
    const wrong = ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !near.includes(code));
    return wrong!;
  }
}

/** The data of a result that must be one. @throws with the problem, when it is none */
export function must<Data>(result: ({ ok: true } & Data) | { ok: false; code: string }): Data {
  if (result.ok) return result;
  throw new Error(`expected data, got ${result.code}`);
}
