import type { IncomingHttpHeaders } from "node:http";
import { TwoFactorError } from "../errors";
import { catalogues, languageOf, message, type Catalogue } from "../locales";

export interface AcrMessageOptions {
  /** Whose `Accept-Language` chooses the message's language; without it and `locale`, English. */
  req?: { headers: IncomingHttpHeaders };
  /** The language itself, such as `"fr"`, where the host knows it. */
  locale?: string;
  /** The host's own words instead of ours, whatever the language. */
  message?: string;
}

/** What a user is told whose sign-in proved no second factor. */
export function insufficientAcr(options: AcrMessageOptions, cause?: unknown): TwoFactorError {
  return new TwoFactorError(
    "INSUFFICIENT_ACR",
    options.message ?? wordsFor(options),
    cause === undefined ? undefined : { cause },
  );
}

function wordsFor({ req, locale }: AcrMessageOptions): string {
  const language = languageOf(Object.keys(catalogues), req?.headers["accept-language"], locale);
  return message(catalogues[language] as Catalogue, "problem.INSUFFICIENT_ACR.detail");
}
