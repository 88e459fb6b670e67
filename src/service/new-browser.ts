import type { Browser } from "../core/browsers";
import type { Subject } from "../core/user-id";
import { hashOfToken, randomToken } from "../crypto/random";
import type { EventOrigin } from "../events";
import { browserName } from "./browser-name";
import type { BrowserCookies } from "./browser-cookies";

/** A browser to be remembered: what the record keeps, and the cookie once the record's epoch is known. */
export interface NewBrowser {
  browser: Browser;
  cookie(epoch: string): string;
}

export function newBrowser(
  cookies: BrowserCookies,
  subject: Subject,
  { userAgent }: EventOrigin,
  now: number,
): NewBrowser {
  const token = randomToken();
  return {
    browser: {
      id: randomToken(6),
      hash: hashOfToken(token),
      name: browserName(userAgent ?? ""),
      rememberedAt: now,
      lastUsedAt: now,
    },
    cookie: (epoch) => cookies.sign(subject, epoch, token),
  };
}
