import type { IncomingHttpHeaders } from "node:http";
import Negotiator from "negotiator";
import { TwoFactorError } from "../errors";
import { catalogues, message, type Catalogue } from "../locales";

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
  const asked = locale?.replaceAll("_", "-") ?? req?.headers["accept-language"] ?? "";
  const [language] = new Negotiator({ headers: { "accept-language": asked } }).languages(Object.keys(catalogues));
  return message(catalogues[language ?? "en"] as Catalogue, "problem.INSUFFICIENT_ACR.detail");
}
