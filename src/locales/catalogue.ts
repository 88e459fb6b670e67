import { en } from "./en";

type PluralCategory = "zero" | "one" | "two" | "few" | "many" | "other";
type Entry = keyof typeof en;
type PluralOf<Key> = Key extends `${infer Stem}.other` ? Stem : never;
type StemOf<Key> = Key extends `${infer Stem}.${"one" | "other"}` ? Stem : Key;

/** What a text is asked for by: an entry, or the common stem of a plural's forms. */
export type MessageKey = StemOf<Entry>;

/** Every text of one language; plural forms beyond English's two are added where a language has them. */
export type Catalogue = Readonly<Record<Entry, string>> &
  Readonly<Partial<Record<`${PluralOf<Entry>}.${PluralCategory}`, string>>>;

export type MessageValues = Readonly<Record<string, string | number>>;

interface Formats {
  plural: Intl.PluralRules;
  number: Intl.NumberFormat;
}

/** To make one takes a tenth of a millisecond, longer than the text. Only languages that there are words for come here. */
const formats = new Map<string, Formats>();

function formatsOf(locale: string): Formats {
  const known = formats.get(locale);
  if (known !== undefined) return known;
  const made = { plural: new Intl.PluralRules(locale), number: new Intl.NumberFormat(locale) };
  formats.set(locale, made);
  return made;
}

const has = (catalogue: object, key: string): boolean => Object.hasOwn(catalogue, key);

/** Whether English has this text, so that every language has it. */
export const isMessageKey = (key: string): key is MessageKey => has(en, key) || has(en, `${key}.other`);

/** The text as it stands in the catalogue, placeholders unfilled; for plurals the form that `count` takes. */
export function template(catalogue: Catalogue, key: MessageKey, locale: string, count?: number | string): string {
  const texts: Readonly<Record<string, string>> = catalogue;
  if (has(texts, key)) return texts[key] ?? "";
  const category = formatsOf(locale).plural.select(Number(count ?? 0));
  const form = has(texts, `${key}.${category}`) ? `${key}.${category}` : `${key}.other`;
  return texts[form] ?? "";
}

/** Fills `{placeholders}`; numbers are written as the language writes them. A placeholder without a value stays. */
export function fill(text: string, values: MessageValues, locale: string): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) return whole;
    return typeof value === "number" ? formatsOf(locale).number.format(value) : value;
  });
}

/** One text of a catalogue, as plain text: whoever puts it into HTML escapes it. */
export function message(catalogue: Catalogue, key: MessageKey, values: MessageValues = {}, locale = "en"): string {
  return fill(template(catalogue, key, locale, values["count"]), values, locale);
}
