import { TwoFactorError } from "../errors";

/**
 * The four values that ProConnect gives to sign-ins with a second factor, as its document “Forcer la double
 * authentification” names them: a substantial and a high level, a self-asserted and a consistency-checked identity.
 * ProConnect itself replaced the last two on 18 June 2026: see `proConnectAcr202606`.
 */
export const proConnectAcr = Object.freeze([
  "eidas2",
  "eidas3",
  "https://proconnect.gouv.fr/assurance/self-asserted-2fa",
  "https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
] as const);

/** The same levels by the names that ProConnect has used since 18 June 2026; it knows the two addresses no more. */
export const proConnectAcr202606 = Object.freeze(["eidas2", "eidas3", "eidas0-mfa", "eidas1-mfa"] as const);

/**
 * The text of the authorization request's `claims` parameter (OpenID Connect Core §5.5) that makes one of these `acr`
 * values essential: the provider must reach one, or refuse. `URLSearchParams` encodes it for the address.
 * @throws TwoFactorError `MISCONFIGURED` for anything but a list of texts
 */
export function acrClaims(values: readonly string[]): string {
  return JSON.stringify({ id_token: { acr: { essential: true, values: acrValues(values) } } });
}

/** A text is refused as a list: `"eidas2".includes("eidas")` would accept too much. */
export function acrValues(values: readonly string[]): readonly string[] {
  const given: unknown = values;
  if (Array.isArray(given) && given.length > 0 && given.every((value) => typeof value === "string" && value !== "")) {
    return values;
  }
  throw new TwoFactorError("MISCONFIGURED", 'The accepted acr values must be a list such as ["eidas2", "eidas3"].');
}
