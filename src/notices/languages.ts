import { de } from "./words/de";
import { en } from "./words/en";
import { es } from "./words/es";
import { fr } from "./words/fr";
import { ru } from "./words/ru";
import type { NoticeWords } from "./words/words";

/** What ships with the library. */
export const languages = { en, fr, de, es, ru };

const ours: Readonly<Record<string, NoticeWords>> = languages;

/** A language's words, and the tag that dates and plurals are written by. */
export interface Spoken {
  locale: string;
  words: NoticeWords;
}

/** The user's language, with the host's before ours; a region stands back behind its language, and English is last. */
export function spoken(language: string | undefined, hosts: Readonly<Record<string, NoticeWords>> = {}): Spoken {
  const locale = canonical(language);
  for (const name of [locale, locale.split("-")[0] ?? locale]) {
    const words = hosts[name] ?? ours[name];
    if (words === undefined) continue;
    assertWhole(name, words);
    return { locale, words };
  }
  return { locale: "en", words: en };
}

/** What a user's profile says may be any text; what is no language tag is none. */
function canonical(language: string | undefined): string {
  try {
    return Intl.getCanonicalLocales(language?.replaceAll("_", "-") ?? "en")[0] ?? "en";
  } catch {
    return "en";
  }
}

const whole = new WeakSet<object>(Object.values(languages));

/** The types ask for every text; a host without types is told here, before half a mail goes out. */
function assertWhole(name: string, words: NoticeWords): void {
  if (whole.has(words)) return;
  const missing = missingIn(words, en);
  if (missing.length > 0) throw new TypeError(`notice: locales.${name} lacks ${missing.join(", ")}`);
  whole.add(words);
}

/** A counted text may be plain, or have any forms so long as `other` is among them, which every language has. */
function missingIn(given: unknown, expected: object, path = ""): string[] {
  return Object.entries(expected).flatMap(([key, text]: [string, string | object]) => {
    const at = path === "" ? key : `${path}.${key}`;
    const value: unknown = typeof given === "object" && given !== null ? Reflect.get(given, key) : undefined;
    const isText = typeof value === "string" && value.trim() !== "";
    if (typeof text === "string") return isText ? [] : [at];
    if (!("none" in text)) return missingIn(value, text, at);
    return isText ? [] : missingIn(value, { none: "", other: "" }, at);
  });
}
