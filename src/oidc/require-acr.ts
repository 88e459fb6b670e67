import type { IncomingHttpHeaders } from "node:http";
import Negotiator from "negotiator";
import { TwoFactorError } from "../errors";
import { catalogues, message, type Catalogue } from "../locales";
import { acrValues } from "./claims";

export interface RequireAcrOptions {
  /** Whose `Accept-Language` chooses the message's language; without it and `locale`, English. */
  req?: { headers: IncomingHttpHeaders };
  /** The language itself, such as `"fr"`, where the host knows it. */
  locale?: string;
  /** The host's own words instead of ours, whatever the language. */
  message?: string;
}

/**
 * For the callback, before anybody is signed in: the request's `claims` passed through the browser, where its user can
 * take them out, so only the `acr` that comes back in the ID token counts (OpenID Connect Core §5.5.1.1).
 *
 * @param idTokenClaims the claims of an ID token whose signature, issuer, audience and nonce are checked
 * @returns the `acr`, one of `values`
 * @throws TwoFactorError `INSUFFICIENT_ACR` (status 403), whose `message` is for the user; `MISCONFIGURED` for `values`
 * that are no list of texts
 */
export function requireAcr<Acr extends string>(
  idTokenClaims: object | null | undefined,
  values: readonly Acr[],
  options: RequireAcrOptions = {},
): Acr {
  const accepted = acrValues(values);
  const { acr } = (idTokenClaims ?? {}) as { acr?: unknown };
  if (typeof acr === "string" && accepted.includes(acr)) return acr as Acr;
  throw new TwoFactorError("INSUFFICIENT_ACR", options.message ?? wordsFor(options));
}

function wordsFor({ req, locale }: RequireAcrOptions): string {
  const asked = locale?.replaceAll("_", "-") ?? req?.headers["accept-language"] ?? "";
  const [language] = new Negotiator({ headers: { "accept-language": asked } }).languages(Object.keys(catalogues));
  return message(catalogues[language ?? "en"] as Catalogue, "problem.INSUFFICIENT_ACR.detail");
}
