import { describe, expect, test } from "vitest";
import { statusOfCode } from "../../src/errors";
import {
  catalogues,
  halfTranslated,
  localeProblems,
  mergedCatalogues,
  message,
  type MessageKey,
} from "../../src/locales";
import { en } from "../../src/locales/en";

const english: Readonly<Record<string, string>> = en;
const translations = Object.entries(catalogues).filter(([locale]) => locale !== "en");
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort();
const plurals = Object.keys(en).filter((key) => key.endsWith(".other"));
const englishFor = (key: string): string => english[key] ?? english[key.replace(/\.(few|many)$/, ".other")]!;

describe.each(translations)("%s", (locale, catalogue) => {
  const texts: Readonly<Record<string, string>> = catalogue;

  test("has every text of English, and no other but plural forms", () => {
    const keys = Object.keys(texts);
    expect(Object.keys(en).filter((key) => !keys.includes(key))).toEqual([]);
    expect(keys.filter((key) => englishFor(key) === undefined)).toEqual([]);
  });

  test("fills in the same values as English does", () => {
    const different = Object.keys(texts).filter(
      (key) => placeholders(texts[key]!).join() !== placeholders(englishFor(key)).join(),
    );
    expect(different).toEqual([]);
  });

  test("has each plural form that the language uses for small numbers", () => {
    const rules = new Intl.PluralRules(locale);
    const used = new Set(Array.from({ length: 200 }, (_, count) => rules.select(count)));
    for (const key of plurals) {
      for (const category of used) expect(texts).toHaveProperty([key.replace(/other$/, category)]);
    }
  });

  test("is translated: a sentence that reads like the English one was forgotten", () => {
    const same = Object.keys(en).filter((key) => texts[key] === english[key] && english[key]!.includes(" "));
    expect(same.filter((key) => key !== "account.activity.browser" && key !== "layout.error")).toEqual([]);
  });

  test("has no text that is empty or has stray spaces", () => {
    expect(Object.values(texts).filter((text) => text === "" || text !== text.trim() || / {2}/.test(text))).toEqual([]);
  });
});

test("every problem code has a title and a detail", () => {
  for (const code of Object.keys(statusOfCode)) {
    expect(english).toHaveProperty([`problem.${code}.title`]);
    expect(english).toHaveProperty([`problem.${code}.detail`]);
  }
});

test.each([
  ["en", 1, "1 code left."],
  ["en", 5, "5 codes left."],
  ["ru", 1, "Остался 1 код."],
  ["ru", 3, "Осталось 3 кода."],
  ["ru", 11, "Осталось 11 кодов."],
  ["ru", 21, "Остался 21 код."],
  ["fr", 0, "Il vous reste 0 code."],
])("%s says how many codes are left: %i", (locale, count, expected) => {
  expect(message(catalogues[locale]!, "account.codes.left", { count }, locale)).toBe(expected);
});

test("a value is put in as it is, even when it looks like a placeholder or a replacement pattern", () => {
  const key: MessageKey = "account.activity.browser";
  expect(message(catalogues["en"]!, key, { browser: "{ip} $& $1", ip: "x" })).toBe("{ip} $& $1 (x)");
});

describe("a host's own texts", () => {
  test("are used over ours, and ours over English", () => {
    const merged = mergedCatalogues({ "fr-CA": { "logout.button": "Fermer" }, fr: { "verify.button": "Suite" } });
    expect(merged.get("fr-CA")!["logout.button"]).toBe("Fermer");
    expect(merged.get("fr-CA")!["verify.button"]).toBe("Suite");
    expect(merged.get("fr-CA")!["verify.title"]).toBe("Saisissez votre code");
    expect(mergedCatalogues({ eo: {} }).get("eo")!["verify.title"]).toBe("Enter your code");
  });

  test("may have plural forms that English lacks", () => {
    const locales = { pl: { "account.codes.left.few": "Zostały {count} kody." } };
    expect(localeProblems(locales)).toEqual([]);
    expect(message(mergedCatalogues(locales).get("pl")!, "account.codes.left", { count: 3 }, "pl")).toBe(
      "Zostały 3 kody.",
    );
  });

  test.each([
    [{ fr: { "verify.titel": "x" } }, 'locales.fr["verify.titel"] is no text of ours'],
    [{ fr: { "verify.title": 5 } }, 'locales.fr["verify.title"] must be a string'],
    [{ fr: { "verify.title": "{name}" } }, "uses {name}, but this text has none"],
    [{ fr: { "locked.until": "{wann}" } }, "uses {wann}, but this text has {when}, {time}"],
    [{ french_: {} }, "locales.french_ is no language tag"],
    [{ it: "x" }, "locales.it must be an object of texts"],
    [[], "locales must be an object"],
    ["fr", "locales must be an object"],
    [{ fr: { toString: "x" } }, 'locales.fr["toString"] is no text of ours'],
  ])("%j is told before the first page", (locales, expected) => {
    expect(localeProblems(locales).join()).toContain(expected);
  });

  test("that make a language of their own are told where one is missing, each plural form that it has, too", () => {
    const whole = Object.fromEntries(Object.keys(en).map((key) => [key, "x"]));
    const { "verify.title": _, ...others } = whole;
    expect(halfTranslated({ it: whole })).toEqual([]);
    expect(halfTranslated({ it: others })).toMatchObject([{ locale: "it", missing: ["verify.title"] }]);
    expect(halfTranslated({ pl: whole })[0]!.missing).toContain("account.codes.left.few");
    const { "account.codes.left.one": __, ...without } = whole;
    expect(halfTranslated({ ja: without })).toEqual([]);
    expect(halfTranslated({ it: without })).toMatchObject([{ missing: ["account.codes.left.one"] }]);
    // A region has what its language has, and ours are whole.
    expect(halfTranslated({ it: whole, "it-CH": { "verify.title": "x" } })).toEqual([]);
    expect(halfTranslated({ "it-CH": { "verify.title": "x" } })).toMatchObject([{ locale: "it-CH" }]);
    expect(halfTranslated({ fr: { "verify.title": "x" }, "de-AT": {}, "en-GB": {} })).toEqual([]);
  });

  test("are fine when absent", () => expect(localeProblems(undefined)).toEqual([]));
});
