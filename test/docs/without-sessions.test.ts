import { beforeEach, expect, test } from "vitest";
import type { Request } from "express";
import { generateEncryptionKey, memoryStore, twoFactor, type TwoFactor, type TwoFactorOptions } from "../../src";
import * as client from "../../src/client";
import { later, stopClock } from "../support/clock";
import { Browser, codeOf, makeApp, type HostUser } from "../support/host";
import { startJwtHost } from "../support/jwt-host";
import { listening } from "../support/sockets";
import { recipe, run, runModule } from "./pages";

const page = "docs/front-ends.md";
beforeEach(() => void stopClock());

interface Claims {
  sub: string;
  jti?: string;
  auth_time: number;
  kind?: "machine";
}

/** An app whose login is a cookie `token`, with the options of the page's block. Verified: so the tests' tokens are none. */
async function startApp(text: string): Promise<() => Browser> {
  const { tfa } = run(
    recipe(page, text),
    {
      store: memoryStore(),
      twoFactor: (options: Partial<TwoFactorOptions<HostUser>>) =>
        twoFactor<HostUser>({ otpSecretEncryptionKey: generateEncryptionKey(), ...options } as never),
    },
    ["tfa"],
  ) as { tfa: TwoFactor };
  const app = makeApp(5);
  app.use((req, _res, next) => {
    const token = /(?:^|; )token=([^;]+)/.exec(req.headers.cookie ?? "")?.[1];
    if (token === undefined) return next();
    const auth = JSON.parse(Buffer.from(token, "base64url").toString()) as Claims;
    Object.assign(req, { auth, user: { id: auth.sub } });
    next();
  });
  app.use(tfa);
  app.use((req: Request, res) => void res.json({ user: (req.user as HostUser | undefined)?.id }));
  const server = await listening(app);
  return () => new Browser(server);
}

function signIn(browser: Browser, claims: Partial<Claims>): void {
  const whole = { sub: "1", auth_time: Math.floor(Date.now() / 1000), ...claims };
  browser.agent.jar.setCookie(`token=${Buffer.from(JSON.stringify(whole)).toString("base64url")}; path=/`, "127.0.0.1");
}

test("the page's app without sessions asks once a login, and ends one that owes its code", async () => {
  const newBrowser = await startApp("endLogin:");
  const browser = newBrowser();
  signIn(browser, { jti: "first" });
  await browser.get("/page").expect(403);
  await browser.enrol();
  await browser.get("/page").expect(200, { user: "1" });
  signIn(browser, { jti: "second" });
  await browser.get("/page").expect(403);
  // Two minutes are the page's.
  later(121);
  await browser
    .visit("/page")
    .expect(303)
    .expect("location", "/login?reason=expired")
    .expect("set-cookie", /token=;/);
  await browser.get("/page").expect(200, {});
});

test("the page's machines pass, and neither a person does nor who only says so", async () => {
  const newBrowser = await startApp('"machine"');
  const [machine, person] = [newBrowser(), newBrowser()];
  signIn(machine, { kind: "machine" });
  await machine.get("/page").expect(200, { user: "1" });
  signIn(person, { jti: "first" });
  await person.get("/page").expect(403);
  await person.get("/page").set("authorization", "Bearer machine").expect(403);
});

test("the page's client without cookies sets up, signs in anew, and is known by what its keychain keeps", async () => {
  const { url } = await startJwtHost("token", { path: "/two-factor" });
  const atUrl = (address: string, init: object) =>
    fetch(address.replace("https://api.example.com", url), init as never);
  const known = {
    twoFactorClient: (options: client.TwoFactorClientOptions) =>
      client.twoFactorClient({ ...options, fetch: atUrl as never }),
  };
  const made = ["keychain", "twoFactor"];
  const { keychain, twoFactor: phone } = await runModule<{
    keychain: Map<string, string>;
    twoFactor: client.TwoFactorClient;
  }>(recipe(page, "keychain"), {}, known, made);
  const logIn = async () => {
    const sent = keychain.has("two-factor") ? { "two-factor": keychain.get("two-factor")! } : {};
    const body = JSON.stringify({ email: "alice@example.com" });
    const headers = { "content-type": "application/json", ...sent };
    const answer = await fetch(`${url}/auth/login`, { method: "POST", headers, body });
    const { jwt, token } = (await answer.json()) as { jwt: string; token?: string };
    keychain.set("jwt", jwt);
    if (token !== undefined) keychain.set("two-factor", token);
  };
  const me = async (headers: Record<string, string>) => (await fetch(`${url}/auth/me`, { headers })).status;
  const authorization = () => ({ authorization: `Bearer ${keychain.get("jwt")}`, accept: "application/json" });
  const both = () => ({ ...authorization(), "two-factor": keychain.get("two-factor")! });

  await logIn();
  const begun = await phone.beginSetup();
  if (!begun.ok) throw new Error(begun.code);
  expect(await phone.confirmSetup(codeOf(begun.secret))).toMatchObject({ ok: true });
  expect([await me(authorization()), await me(both())]).toEqual([403, 200]);
  await logIn();
  expect(await me(both())).toBe(403);
  expect(await phone.verify(codeOf(begun.secret, 1))).toMatchObject({ ok: true });
  expect(await me(both())).toBe(200);
});
