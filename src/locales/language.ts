import Negotiator from "negotiator";

const best = (accepted: string, available: readonly string[]): string | undefined =>
  new Negotiator({ headers: { "accept-language": accepted } }).languages(available)[0];

/**
 * The language of an answer: the host's choice, else what `Accept-Language` asks for, else the first available. A region
 * stands back behind its language: where there is only `fr`, `fr-CA` gets it.
 *
 * @param chosen what the host said; one that is not available is no choice
 */
export function languageOf(available: readonly string[], accepted: string | undefined, chosen?: string): string {
  const byHost = chosen ? best(chosen.replaceAll("_", "-"), available) : undefined;
  return byHost ?? best(accepted ?? "*", available) ?? available[0] ?? "en";
}
