import type { Browser } from "../core/browsers";
import type { Subject } from "../core/user-id";
import { randomToken } from "../crypto/random";
import type { EventOrigin } from "../events";
import { browserName } from "./browser-name";
import type { Suite } from "./suite";

/** A browser to be remembered: what the record keeps, and the cookie once the record's epoch is known. */
export interface NewBrowser {
  browser: Browser;
  cookie(epoch: string): string;
}

export function newBrowser(suite: Suite, subject: Subject, { userAgent }: EventOrigin, now: number): NewBrowser {
  const token = randomToken();
  return {
    browser: {
      id: randomToken(6),
      hash: suite.hashBrowserToken(token),
      name: browserName(userAgent ?? ""),
      rememberedAt: now,
      lastUsedAt: now,
    },
    cookie: (epoch) => suite.signBrowser(subject, epoch, token),
  };
}
