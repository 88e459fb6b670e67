import type { Request } from "express";
import { languageOf } from "../../locales";

/** @param chosen what the host's `locale(req)` said */
export const negotiateLocale = (req: Request, available: readonly string[], chosen?: string): string =>
  languageOf(available, req.get("accept-language"), chosen);

/** Of a language that a host added, too. */
export function directionOf(locale: string): "ltr" | "rtl" {
  // Known to every engine we run on, but not yet to TypeScript's library.
  const { textInfo } = new Intl.Locale(locale) as Intl.Locale & { textInfo?: { direction?: string } };
  return textInfo?.direction === "rtl" ? "rtl" : "ltr";
}
