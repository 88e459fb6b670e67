import { dateText, fill, isTimeZone } from "../locales";
import type { Spoken } from "./languages";

/** Day and time of day with its zone: a mail is read elsewhere, and later. */
export function momentIn({ locale, words }: Spoken, timeZone: string | undefined): (at: Date) => string {
  // A zone comes from a profile, and a mistake there must not cost the mail: the zone is written beside the time.
  const zone = isTimeZone(timeZone) ? timeZone : "UTC";
  const day = new Intl.DateTimeFormat(locale, { timeZone: zone, day: "numeric", month: "long", year: "numeric" });
  const time = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    // Without it, what stands before AM and PM differs from one version of Node to the next.
    hourCycle: "h23",
    timeZoneName: "short",
  });
  return (at) => fill(words.dateAndTime, { date: dateText(day, at), time: time.format(at) }, locale);
}

/** From JSON it is a text. */
export const dateOf = (at: Date | string | number): Date => new Date(at);

/** Rounded up: a minute too late is better than one too early. */
export const nextMinute = (at: Date): Date => new Date(Math.ceil(at.getTime() / 60_000) * 60_000);
