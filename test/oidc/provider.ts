import { createSign, generateKeyPairSync, randomUUID, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type Provider from "oidc-provider";
import type { Context } from "oidc-provider";

interface Account {
  email: string;
  email_verified: boolean;
}

export interface ProviderOptions {
  redirectUri: string;
  accounts?: Readonly<Record<string, Account>>;
  /** Keeps to OpenID Connect Core §5.5.1.1: an essential `acr` is reached, or nobody is signed in. Default: it does not. */
  strict?: boolean;
}

type Claims = Record<string, unknown>;

export interface TestProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** From now on ID tokens say this; signed with the provider's key, or with a stranger's. */
  alter(change: (claims: Claims) => Claims, signedBy?: "provider" | "stranger"): void;
  stop(): Promise<void>;
}

/** Every level that this provider may report; the last two prove no second factor. */
const levels = [
  "eidas2",
  "eidas3",
  "https://proconnect.gouv.fr/assurance/self-asserted-2fa",
  "https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
  "eidas0-mfa",
  "eidas1-mfa",
  "eidas1",
  "urn:unknown:level",
];

const everybody: Readonly<Record<string, Account>> = {
  susan: { email: "super@example.com", email_verified: true },
  max: { email: "member@example.com", email_verified: true },
  impostor: { email: "super@example.com", email_verified: false },
  stranger: { email: "nobody@example.com", email_verified: true },
};

const rsaKey = (): KeyObject => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const [ownKey, strangersKey] = [rsaKey(), rsaKey()];

/** oidc-provider on loopback. Its one page shows what was asked for, and asks whom and which level to report. */
export async function startProvider({
  redirectUri,
  accounts = everybody,
  strict = false,
}: ProviderOptions): Promise<TestProvider> {
  const { default: OidcProvider, interactionPolicy } = await import("oidc-provider");
  const { default: MemoryAdapter } = await import("oidc-provider/lib/adapters/memory_adapter.js");
  let handle: (req: IncomingMessage, res: ServerResponse) => void = () => undefined;
  const server = createServer((req, res) => handle(req, res)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [clientId, clientSecret, kid] = ["members-site", randomUUID(), "test-key"];
  const policy = interactionPolicy.base();
  if (!strict) policy.get("login").checks.remove("essential_acrs");

  const provider = new OidcProvider(issuer, {
    clients: [
      { client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri], require_auth_time: true },
    ],
    jwks: { keys: [{ ...ownKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" }] },
    // Its own default, in a class of ours so that it does not warn of it.
    adapter: class extends MemoryAdapter {},
    cookies: { keys: [randomUUID()] },
    acrValues: levels,
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    features: { devInteractions: { enabled: false }, claimsParameter: { enabled: true } },
    interactions: { policy, url: (_ctx: Context, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_ctx: Context, id: string) =>
      accounts[id] && { accountId: id, claims: () => ({ sub: id, ...accounts[id] }) },
    loadExistingGrant: grantAll,
    ttl: { AccessToken: 60, Grant: 600, IdToken: 60, Interaction: 600, Session: 600 },
  });

  let alteration: { change: (claims: Claims) => Claims; key: KeyObject } | undefined;
  provider.use(async (ctx, next) => {
    await next();
    const answer = ctx.body as { id_token?: string } | undefined;
    if (ctx.oidc?.route !== "token" || answer?.id_token === undefined || alteration === undefined) return;
    answer.id_token = signed(alteration.change(claimsOf(answer.id_token)), kid, alteration.key);
  });
  const answer = provider.callback();
  handle = (req, res) => {
    if (!req.url?.startsWith("/interaction/")) return answer(req, res);
    interact(provider, accounts, req, res).catch((error: unknown) => res.writeHead(500).end(String(error)));
  };

  return {
    issuer,
    clientId,
    clientSecret,
    alter(change, signedBy = "provider") {
      alteration = { change, key: signedBy === "provider" ? ownKey : strangersKey };
    },
    async stop() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Everything is granted: consent is not what is tested. */
async function grantAll(ctx: {
  oidc: { provider: Provider; client: { clientId: string }; session: { accountId: string } };
}): Promise<unknown> {
  const { provider, client, session } = ctx.oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope("openid email");
  await grant.save();
  return grant;
}

async function interact(
  provider: Provider,
  accounts: Readonly<Record<string, Account>>,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  if (req.method === "POST") {
    const form = new URLSearchParams(await text(req));
    if (form.has("cancel")) return provider.interactionFinished(req, res, { error: "access_denied" });
    return provider.interactionFinished(req, res, { login: { accountId: form.get("account"), acr: form.get("acr") } });
  }
  const { params } = await provider.interactionDetails(req, res);
  const asked = JSON.parse(params.claims ?? "{}") as { id_token?: { acr?: { values?: string[] } } };
  const list = (asked.id_token?.acr?.values ?? []).map((value) => `<li>${value}</li>`).join("");
  const options = (values: readonly string[]) => values.map((value) => `<option>${value}</option>`).join("");
  res.writeHead(200, { "content-type": "text/html; charset=utf-8" })
    .end(`<!doctype html><title>Identity provider</title>
    <h1>Identity provider</h1><h2>Asked for</h2><ul>${list}</ul>
    <form method="post"><label>Account <select name="account">${options(Object.keys(accounts))}</select></label>
    <label>Level <select name="acr">${options(levels)}</select></label>
    <button>Continue</button><button name="cancel">Cancel</button></form>`);
}

const claimsOf = (jwt: string): Claims => JSON.parse(Buffer.from(jwt.split(".")[1]!, "base64url").toString()) as Claims;

function signed(claims: Claims, kid: string, key: KeyObject): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const content = `${part({ alg: "RS256", typ: "JWT", kid })}.${part(claims)}`;
  return `${content}.${createSign("RSA-SHA256").update(content).sign(key, "base64url")}`;
}
