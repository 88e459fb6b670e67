import { acrValues } from "./claims";
import { insufficientAcr, type AcrMessageOptions } from "./message";

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
  options: AcrMessageOptions = {},
): Acr {
  const accepted = acrValues(values);
  const { acr } = (idTokenClaims ?? {}) as { acr?: unknown };
  if (typeof acr === "string" && accepted.includes(acr)) return acr as Acr;
  throw insufficientAcr(options);
}
