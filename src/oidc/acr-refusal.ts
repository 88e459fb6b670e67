import type { TwoFactorError } from "../errors";
import { insufficientAcr, type AcrMessageOptions } from "./message";

/** RFC 6749 §4.1.2.1, and “OpenID Connect Core Error Code unmet_authentication_requirements”. */
const unreached = ["access_denied", "unmet_authentication_requirements"];

/**
 * For the callback that brings no code: a provider that cannot reach an essential `acr` signs nobody in, and says so by
 * an error, as it does of a user who gives up when asked for the second factor.
 *
 * @param error what the OpenID Connect library threw once `state` was checked (its `error`, or `code`)
 * @returns the `INSUFFICIENT_ACR` to answer with, its `message` for the user; `undefined` for every other failure
 */
export function acrRefusal(error: unknown, options: AcrMessageOptions = {}): TwoFactorError | undefined {
  const { error: said, code } = (error ?? {}) as { error?: unknown; code?: unknown };
  const refused = [said, code].some((name) => typeof name === "string" && unreached.includes(name));
  return refused ? insufficientAcr(options, error) : undefined;
}
