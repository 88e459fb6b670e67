import type { ProblemCode } from "../../errors";
import type { TwoFactorEventType } from "../../events";
import type { FactorWords } from "../../factors/factor";
import { dateText, fill, isMessageKey, message, template } from "../../locales";
import type { Catalogue, MessageKey, MessageValues } from "../../locales";
import { ejs } from "./ejs";
import { directionOf } from "./language";
import type { PageProblem } from "./pages";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
/** Limits of more than twenty hours press nobody (WCAG 2.2.1), and a time of day would not tell which day. */
const longSeconds = 20 * hour;

/** What a view says things with, in one language. What returns HTML says so; all else is text, for the view to escape. */
export interface Words {
  dir: "ltr" | "rtl";
  t: (key: MessageKey, values?: MessageValues) => string;
  /** HTML: the text escaped, the values taken as the HTML that they are. */
  html: (key: MessageKey, values: Readonly<Record<string, string>>) => string;
  /** HTML: "in 5 minutes", which the script of comfort counts down; at its end the paragraph says `over`. */
  countdown: (seconds: number, over: MessageKey) => string;
  countdownTo: (at: Date, over: MessageKey) => string;
  /** HTML: a `<time>` of day and time of day. */
  time: (at: Date) => string;
  /** HTML: a `<time>` of the time of day alone, for what ends within the day; `""` for what does not. */
  deadline: (at: Date) => string;
  /** HTML: a `<time>` of the day alone. */
  date: (at: Date) => string;
  /** "24 hours", "30 days". */
  duration: (seconds: number) => string;
  /** "in 5 minutes". */
  relative: (seconds: number) => string;
  relativeTo: (at: Date) => string;
  /** HTML: a `<time>` of the next whole minute: who comes then does not come too early. */
  until: (at: Date) => string;
  /** So near that its time of day says nothing. */
  isSoon: (at: Date) => boolean;
  eventLabel: (type: string) => string;
  /** HTML: a name that somebody else wrote, whichever way it runs. */
  isolated: (text: string, dir?: "ltr") => string;
  /** Each sign by itself, in groups: a key is no word, and is read out as one otherwise. */
  spelled: (groups: string) => string;
  /** Of a browser as records have it, "Firefox on Linux": two names, and what the language puts between. */
  browser: (name: string) => string;
  /** Of a way to prove a second factor, for lists. */
  methodName: (method: string) => string;
  /** What is to be typed, for a method of a kind that the host added. */
  methodHint: (method: string) => string;
}

/** The texts of kinds that the host added, by method. */
export type MethodWords = ReadonlyMap<string, FactorWords>;

/** Typed, so that whoever adds an event has to name it in the catalogues. */
const labelKey = (type: TwoFactorEventType): MessageKey => `event.${type}`;

function largest(seconds: number, largeEnough: number): { unit: "day" | "hour" | "minute" | "second"; size: number } {
  if (seconds >= largeEnough * day) return { unit: "day", size: day };
  if (seconds >= largeEnough * hour) return { unit: "hour", size: hour };
  if (seconds >= largeEnough * minute) return { unit: "minute", size: minute };
  return { unit: "second", size: 1 };
}

/** 86 400 is "24 hours", as people say it; 90 minutes stay minutes, since "1.5 hours" reads worse. */
function durationOf(seconds: number, locale: string): string {
  const units = [
    { unit: "day", size: day, from: 2 * day },
    { unit: "hour", size: hour, from: hour },
    { unit: "minute", size: minute, from: minute },
  ].filter(({ size, from }) => seconds >= from && seconds % size === 0);
  const { unit, size } = units[0] ?? { unit: "second", size: 1 };
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(seconds / size);
}

/** Rounded up: who waits as long as told is not sent back. */
function relativeOf(seconds: number, locale: string): string {
  const { unit, size } = largest(seconds, 1.5);
  return new Intl.RelativeTimeFormat(locale).format(Math.max(1, Math.ceil(seconds / size)), unit);
}

/** Made for the first date that is written: most pages have none, and each costs a tenth of a millisecond. */
function formatsOf(locale: string, timeZone: string | undefined) {
  const date = { year: "numeric", month: "short", day: "numeric", timeZone } as const;
  // With the zone: not every host knows the visitor's.
  const time = { hour: "numeric", minute: "2-digit", timeZoneName: "short", timeZone } as const;
  let day: Intl.DateTimeFormat | undefined;
  let clock: Intl.DateTimeFormat | undefined;
  let dayAndTime: Intl.DateTimeFormat | undefined;
  return {
    day: () => (day ??= new Intl.DateTimeFormat(locale, date)),
    clock: () => (clock ??= new Intl.DateTimeFormat(locale, time)),
    time: () => (dayAndTime ??= new Intl.DateTimeFormat(locale, { ...date, ...time })),
  };
}

/** The issuer is known to every text; a view need not hand it on. */
export function wordsFor(
  catalogue: Catalogue,
  locale: string,
  {
    issuer,
    now,
    methods,
    timeZone,
    script = false,
  }: { issuer: string; now: () => Date; methods: MethodWords; timeZone?: string; script?: boolean },
): Words {
  const formats = formatsOf(locale, timeZone);
  /** For the script of comfort alone. */
  const marked = (data: Readonly<Record<string, string>>): string =>
    script
      ? Object.entries(data)
          .map(([name, value]) => ` data-tf-${name}="${ejs().escapeXML(value)}"`)
          .join("")
      : "";
  const element = (at: Date, shows: "day" | "clock" | "time"): string =>
    `<time datetime="${at.toISOString()}"${marked({ shows })}>${ejs().escapeXML(dateText(formats[shows](), at))}</time>`;
  const t = (key: MessageKey, values: MessageValues = {}): string =>
    message(catalogue, key, { issuer, ...values }, locale);
  const secondsTo = (at: Date): number => (at.getTime() - now().getTime()) / 1000;
  const countdown = (seconds: number, over: MessageKey): string => {
    const said = ejs().escapeXML(relativeOf(seconds, locale));
    return script
      ? `<span${marked({ left: String(Math.max(1, Math.ceil(seconds))), over: t(over) })}>${said}</span>`
      : said;
  };
  return {
    dir: directionOf(locale),
    t,
    countdown,
    countdownTo: (at, over) => countdown(secondsTo(at), over),
    html: (key, values) =>
      fill(ejs().escapeXML(template(catalogue, key, locale)), { issuer: ejs().escapeXML(issuer), ...values }, locale),
    time: (at) => element(at, "time"),
    deadline: (at) => (secondsTo(at) < longSeconds ? element(at, "clock") : ""),
    date: (at) => element(at, "day"),
    duration: (seconds) => durationOf(seconds, locale),
    relative: (seconds) => relativeOf(seconds, locale),
    relativeTo: (at) => relativeOf(secondsTo(at), locale),
    until: (at) => element(new Date(Math.ceil(at.getTime() / (minute * 1000)) * minute * 1000), "time"),
    isSoon: (at) => at.getTime() - now().getTime() <= 1.5 * minute * 1000,
    // A record may hold what a later version wrote.
    eventLabel(type) {
      const key: string = labelKey(type as TwoFactorEventType);
      return t(isMessageKey(key) ? key : "event.unknown");
    },
    isolated: (text, dir) => `<bdi${dir === undefined ? "" : ` dir="${dir}"`}>${ejs().escapeXML(text)}</bdi>`,
    spelled: (groups) =>
      groups
        .split(/[ -]/)
        .map((group) => Array.from(group).join(" "))
        .join(", "),
    browser(name) {
      const [browser = "", system] = name.split(" on ");
      return system === undefined ? browser : t("browser.onSystem", { browser, system });
    },
    methodName(method) {
      const words = methods.get(method);
      if (words !== undefined) return (words[locale] ?? words.en).name;
      const key = `account.methods.${method}`;
      return isMessageKey(key) ? t(key) : method;
    },
    methodHint(method) {
      const words = methods.get(method);
      return words === undefined ? "" : (words[locale] ?? words.en).hint;
    },
  };
}

export interface ProblemWords {
  title: string;
  detail: string;
  /** The typed code is what is wrong, so its field is marked. */
  aboutCode: boolean;
}

const codesAboutCodes: readonly ProblemCode[] = [
  "INVALID_2FA_CODE",
  "INVALID_ENROLMENT_CODE",
  "INVALID_MAILED_CODE",
  "CODE_ALREADY_USED",
  "VALIDATION_ERROR",
];

/** What a form asks for, where that is one thing; what to do about a wrong one depends on it. */
export interface TypedKind {
  kind: "totp" | "message" | "recovery";
  /** Digits. */
  length: number;
}

/** What happened, and what to do next. @param typed of the form that it stands in */
export function problemWords(
  { t, duration }: Pick<Words, "t" | "duration">,
  problem: PageProblem,
  typed?: TypedKind,
): ProblemWords {
  const { code, reason, about: what, attemptsRemaining, clockOffSeconds: off, refused } = problem;
  const why = reason === "too-soon" && what === "page" ? "too-often" : reason;
  const about = why === undefined ? (`problem.${code}` as const) : (`problem.reason.${why}` as const);
  const left = !attemptsRemaining ? "" : ` ${t("problem.attemptsRemaining", { count: attemptsRemaining })}`;
  const particular = `problem.keyDetail.${refused}`;
  const said = typed && `problem.${adviceFor(problem)}.${typed.kind}`;
  const usual =
    said !== undefined && isMessageKey(said) ? t(said, { length: typed?.length ?? 0 }) : t(`${about}.detail`);
  const clock = off === undefined ? undefined : (`problem.clock.${off > 0 ? "fast" : "slow"}` as const);
  const detail = clock === undefined ? usual : t(clock, { duration: duration(Math.abs(off ?? 0)) });
  return {
    title: t(`${about}.title`),
    detail: isMessageKey(particular) ? t(particular) : `${detail}${left}`,
    aboutCode: codesAboutCodes.includes(code),
  };
}

function adviceFor({ code, reason }: PageProblem): "wrong" | "used" | "malformed" | "" {
  if (reason === "malformed") return "malformed";
  if (reason !== undefined) return "";
  return code === "INVALID_2FA_CODE" ? "wrong" : code === "CODE_ALREADY_USED" ? "used" : "";
}
