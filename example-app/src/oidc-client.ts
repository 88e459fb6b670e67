import type { Configuration, IDToken } from "openid-client";
import { acrClaims } from "express-two-factor/oidc";
import { isLoopback, type OidcConfig } from "./oidc-config";
import { Outage } from "./outage";

/** What the session keeps between the start of a sign-in and its callback. */
export interface StartedSignIn {
  state: string;
  nonce: string;
  redirectUri: string;
  /** The page first asked for. */
  next: string;
}

/** Who came back, by the provider's word. */
export interface SignedIn {
  /** Of the ID token: signature, issuer, audience, nonce and times are checked. */
  claims: IDToken;
  accessToken: string;
}

/** The provider's answer is none that we may believe: refused there, forged, replayed, or not for us. */
export class SignInFailed extends Error {
  override readonly name = "SignInFailed";
}

// An ES module; node16 resolution keeps this import as it is.
const library = () => import("openid-client");

/** Talks to the identity provider. It is looked up at the first sign-in, so that this site starts without it. */
export class OidcClient {
  #known: Promise<Configuration> | undefined;

  constructor(readonly config: OidcConfig) {}

  /** Where to send the browser. The essential `acr` is what ProConnect asks for. */
  async start(redirectUri: string, next: string): Promise<{ url: URL; started: StartedSignIn }> {
    const { buildAuthorizationUrl, randomNonce, randomState } = await library();
    const started = { state: randomState(), nonce: randomNonce(), redirectUri, next };
    // No PKCE: ProConnect refuses parameters that it does not list, and the nonce does the same work (RFC 9700 §2.1.1).
    const url = buildAuthorizationUrl(await this.#provider(), {
      redirect_uri: redirectUri,
      scope: "openid email",
      state: started.state,
      nonce: started.nonce,
      claims: acrClaims(this.config.acrValues),
    });
    return { url, started };
  }

  /**
   * Exchanges the code, and checks the ID token with the provider's keys.
   * @throws SignInFailed · Outage when the provider does not answer
   */
  async finish(query: string, { state, nonce, redirectUri }: StartedSignIn): Promise<SignedIn> {
    const { authorizationCodeGrant } = await library();
    const provider = await this.#provider();
    const url = new URL(redirectUri);
    url.search = query;
    return believed(async () => {
      const tokens = await authorizationCodeGrant(provider, url, {
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new SignInFailed("There is no ID token");
      return { claims, accessToken: tokens.access_token };
    });
  }

  /**
   * The user's address; `undefined` where the provider has not verified it: whoever may type any address into a profile
   * there must not become its owner here.
   */
  async emailOf({ claims, accessToken }: SignedIn): Promise<string | undefined> {
    const { fetchUserInfo } = await library();
    const provider = await this.#provider();
    const { email, email_verified: verified } = await believed(() => fetchUserInfo(provider, accessToken, claims.sub));
    return verified === true ? email : undefined;
  }

  #provider(): Promise<Configuration> {
    this.#known ??= this.#discover().catch((cause: unknown) => {
      this.#known = undefined;
      throw new Outage("The identity provider could not be looked up", { cause });
    });
    return this.#known;
  }

  async #discover(): Promise<Configuration> {
    const { allowInsecureRequests, discovery, enableNonRepudiationChecks } = await library();
    const { issuer, clientId, clientSecret } = this.config;
    return discovery(issuer, clientId, clientSecret, undefined, {
      timeout: 5,
      // Without the first, a token's signature is not looked at: TLS to the token endpoint would vouch for it.
      execute: [enableNonRepudiationChecks, ...(isLoopback(issuer) ? [allowInsecureRequests] : [])],
    });
  }
}

async function believed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    // `fetch` fails with a TypeError; so does this library for answers that are no answers.
    if (cause instanceof TypeError || code === "OAUTH_TIMEOUT") {
      throw new Outage("The identity provider did not answer", { cause });
    }
    throw new SignInFailed("The identity provider's answer is not believed", { cause });
  }
}
