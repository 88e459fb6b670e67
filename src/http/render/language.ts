import type { Request } from "express";
import Negotiator from "negotiator";

const best = (accepted: string, available: readonly string[]): string | undefined =>
  new Negotiator({ headers: { "accept-language": accepted } }).languages(available)[0];

/**
 * The language of an answer: the host's choice, else the visitor's, else the first available. A region stands back
 * behind its language: where there is only `fr`, `fr-CA` gets it.
 *
 * @param chosen what the host's `locale(req)` said; one that is not available is no choice
 */
export function negotiateLocale(req: Request, available: readonly string[], chosen?: string): string {
  const byHost = chosen ? best(chosen.replaceAll("_", "-"), available) : undefined;
  return byHost ?? best(req.get("accept-language") ?? "*", available) ?? available[0] ?? "en";
}

/** Of a language that a host added, too. */
export function directionOf(locale: string): "ltr" | "rtl" {
  // Known to every engine we run on, but not yet to TypeScript's library.
  const { textInfo } = new Intl.Locale(locale) as Intl.Locale & { textInfo?: { direction?: string } };
  return textInfo?.direction === "rtl" ? "rtl" : "ltr";
}
