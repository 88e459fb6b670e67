import type { Catalogue } from "./catalogue";
import { de } from "./de";
import { en } from "./en";
import { es } from "./es";
import { fr } from "./fr";
import { ru } from "./ru";

export { fill, isMessageKey, message, template } from "./catalogue";
export { dateText, isTimeZone } from "./dates";
export { languageOf } from "./language";
export type { Catalogue, MessageKey, MessageValues } from "./catalogue";

/** What ships with the library; the first is spoken where nothing else fits. */
export const catalogues: Readonly<Record<string, Catalogue>> = { en, fr, de, es, ru };

/** The shape of `options.locales`: languages of the host, or other words for ours. */
export type HostLocales = Readonly<Record<string, Readonly<Record<string, string>>>>;

const placeholders = (text: string): readonly string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");

function languageTag(locale: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(locale)[0];
  } catch {
    return undefined;
  }
}

/** The English text that a host's key stands for; a plural form that English lacks is measured by `.other`. */
function englishOf(key: string): string | undefined {
  const texts: Readonly<Record<string, string>> = en;
  const stem = key.replace(/\.(zero|two|few|many)$/, "");
  if (Object.hasOwn(texts, key)) return texts[key];
  return stem !== key && Object.hasOwn(texts, `${stem}.other`) ? texts[`${stem}.other`] : undefined;
}

function textProblem(locale: string, key: string, text: unknown): string | undefined {
  const where = `locales.${locale}["${key}"]`;
  const english = englishOf(key);
  if (english === undefined) return `${where} is no text of ours; the keys are those of src/locales/en.ts`;
  if (typeof text !== "string") return `${where} must be a string`;
  const known = placeholders(english);
  const strange = placeholders(text).filter((name) => !known.includes(name));
  if (strange.length === 0) return undefined;
  const has = known.length === 0 ? "has none" : `has ${known.map((name) => `{${name}}`).join(", ")}`;
  return `${where} uses {${strange.join("}, {")}}, but this text ${has}`;
}

/** Everything that is wrong with `options.locales`, each with its place; empty when all is well. */
export function localeProblems(locales: unknown): string[] {
  if (locales === undefined) return [];
  if (typeof locales !== "object" || locales === null || Array.isArray(locales)) {
    return ['locales must be an object such as { it: { "verify.title": "…" } }'];
  }
  return Object.entries(locales).flatMap(([locale, texts]: [string, unknown]) => {
    if (languageTag(locale) === undefined) return [`locales.${locale} is no language tag such as "it" or "pt-BR"`];
    if (typeof texts !== "object" || texts === null) return [`locales.${locale} must be an object of texts`];
    return Object.entries(texts).flatMap(([key, text]: [string, unknown]) => textProblem(locale, key, text) ?? []);
  });
}

/** All that is counted on our pages is fewer. Some languages have a form for millions. */
const mostCounted = 200;

/** Texts that a language needs; of plurals the forms that it has. */
function neededKeys(locale: string): string[] {
  const rules = new Intl.PluralRules(locale);
  const categories = [...new Set(Array.from({ length: mostCounted }, (_, count) => rules.select(count)))];
  return Object.keys(en).flatMap((key) => {
    const [, stem, form] = /^(.*)\.(one|other)$/.exec(key) ?? [];
    if (stem === undefined || !Object.hasOwn(en, `${stem}.other`)) return [key];
    return form === "other" ? categories.map((category) => `${stem}.${category}`) : [];
  });
}

/** Languages of the host's own that lack some texts, which are then said in English. */
export function halfTranslated(locales: HostLocales = {}): { locale: string; missing: string[]; of: number }[] {
  return [...mergedCatalogues(locales).keys()].flatMap((locale) => {
    const language = locale.split("-")[0] ?? locale;
    if (Object.hasOwn(catalogues, language)) return [];
    const texts = Object.entries(locales).filter(([name]) => [locale, language].includes(languageTag(name) ?? name));
    const needed = neededKeys(locale);
    const missing = needed.filter((key) => !texts.some(([, own]) => Object.hasOwn(own, key)));
    return missing.length === 0 ? [] : [{ locale, missing, of: needed.length }];
  });
}

/** Ours and the host's together. What a host's language lacks is said in the nearest of ours, at last in English. */
export function mergedCatalogues(locales: HostLocales = {}): ReadonlyMap<string, Catalogue> {
  const merged = new Map(Object.entries(catalogues));
  // Languages before their regions, so that a host's fr-CA builds upon the host's fr.
  const byLength = Object.entries(locales).sort(([a], [b]) => a.length - b.length);
  for (const [name, texts] of byLength) {
    const locale = languageTag(name) ?? name;
    const language = locale.split("-")[0] ?? locale;
    const base = merged.get(locale) ?? merged.get(language) ?? en;
    merged.set(locale, { ...base, ...texts });
  }
  return merged;
}
