import { fill, type MessageValues } from "../locales";
import type { NoticeEvent } from "./events";
import { type Body, htmlOf, type Line, textOf } from "./html";
import { type Spoken, spoken } from "./languages";
import { type Letter, letterOf } from "./letters";
import { type Checked, checked, type NoticeOptions } from "./options";
import { addressText, browserOf, labelText, reasonText } from "./plain";
import { dateOf, momentIn, nextMinute } from "./times";
import type { Counted, Detail, Link } from "./words/words";

export type { NoticeEvent } from "./events";
export type { NoticeOptions } from "./options";
export type { NoticeWords } from "./words/words";

/** A mail to the owner of an account, to be sent by whatever sends your mails. */
export interface Notice {
  /** One line. */
  subject: string;
  text: string;
  html: string;
}

/**
 * What the owner should hear about an event, by a way that whoever is in the browser does not control: what happened,
 * when and from where, and what to do if it was not them. Pure: it reads nothing and sends nothing.
 *
 * No secret is in it but the code that a recovery asks for, and nothing that a visitor chose but known names of browsers, an address that is one, and a key's
 * name where it is made of words.
 * @returns undefined for what needs no mail, such as a right code
 * @throws TypeError for options that can be in no mail
 */
export function notice(event: NoticeEvent, options: NoticeOptions): Notice | undefined {
  const letter = letterOf(event);
  if (letter === undefined) return undefined;
  const host = checked(options);
  // Whoever can be told without the link that stops it is told by the mail that has it.
  if (letter.ifNotYou === "recovery" && host.urls.cancel === undefined) return undefined;
  const language = spoken(options.language, options.locales);
  const say = (text: string, values: MessageValues = {}) =>
    fill(text, { issuer: host.issuer, ...values }, language.locale);

  const { words } = language;
  const { subject, happened, next } = words.letters[letter.name];
  const moment = momentIn(language, options.timeZone);
  const values = valuesOf(event, moment);
  const form = (text: string | Counted<"other">) => say(formOf(text, values["remaining"], language.locale), values);
  const title = `${say(subject)} (${host.issuer})`;
  const body: Body = {
    language: language.locale,
    title,
    paragraphs: [
      [say(words.greeting)],
      [form(happened)],
      [form(next)],
      detailsOf(event, letter, language, moment),
      [say(words.ifNotYou[letter.ifNotYou])],
      linksOf(letter, language, host),
      [say(words.closing), host.issuer],
    ].filter((lines) => lines.length > 0),
  };
  return { subject: title, text: textOf(body), html: htmlOf(body) };
}

/** What the sentences name; each is picked by hand, so that no other property of an event comes into a mail. */
function valuesOf(event: NoticeEvent, moment: (at: Date) => string): Record<string, string | number> {
  return {
    ...("remaining" in event && { remaining: event.remaining }),
    ...("until" in event && event.until !== undefined && { until: moment(nextMinute(dateOf(event.until))) }),
    ...("readyAt" in event && event.readyAt !== undefined && { readyAt: moment(nextMinute(dateOf(event.readyAt))) }),
  };
}

function formOf(text: string | Counted<"other">, count: string | number | undefined, locale: string): string {
  if (typeof text === "string") return text;
  if (count === 0) return text.none;
  const forms: Readonly<Partial<Record<string, string>>> = text;
  return forms[new Intl.PluralRules(locale).select(Number(count))] ?? text.other;
}

function detailsOf(
  event: NoticeEvent,
  { origin }: Letter,
  { words, locale }: Spoken,
  moment: (at: Date) => string,
): Line[] {
  const { browser, system } = browserOf(event.userAgent);
  const both = browser !== "" && system !== "";
  const details: Readonly<Record<Detail, string>> = {
    when: moment(dateOf(event.at)),
    address: origin ? addressText(event.ip) : "",
    browser: origin ? (both ? fill(words.browserOnSystem, { browser, system }, locale) : browser) : "",
    reason: "reason" in event ? reasonText(event.reason) : "",
    key: "name" in event ? labelText(event.name) : "",
    code: "code" in event && event.code !== undefined ? mailedCode(event.code) : "",
  };
  return Object.entries(details).flatMap(([name, value]) =>
    value === "" ? [] : [fill(words.details[name as Detail], { [name]: value }, locale)],
  );
}

/** As we make them, and nothing else: this is the one text in a mail that opens something. */
const mailedCode = (code: unknown): string =>
  typeof code === "string" && /^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$/.test(code) ? code : "";

function linksOf({ ifNotYou }: Letter, { words, locale }: Spoken, { issuer, urls }: Checked): Line[] {
  const links: Readonly<Record<Link, string | undefined>> = {
    cancel: ifNotYou === "recovery" ? urls.cancel : undefined,
    account: urls.account,
    support: urls.support,
  };
  return Object.entries(links).flatMap(([name, url]) => {
    if (url === undefined) return [];
    const [before = "", after = ""] = words.links[name as Link]
      .split("{url}")
      .map((part) => fill(part, { issuer }, locale));
    return [{ before, url, after }];
  });
}
