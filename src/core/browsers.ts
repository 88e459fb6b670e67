/** One browser that need not prove again for a while. */
export interface Browser {
  /** Names it on the account page; not secret, and worth nothing in a cookie. */
  id: string;
  /** Of the random token in its cookie. */
  hash: string;
  /** "Firefox on Linux", from the user agent. */
  name: string;
  rememberedAt: number;
  lastUsedAt: number;
  /** Remembered after a proof that no false page can pass on. */
  resistant?: true;
}

const browserLimit = 10;

/** The browser of this token, unless its time is up: `validForSeconds` is the option as it is now, not as it was. */
export function rememberedBrowser(
  browsers: readonly Browser[],
  hash: string,
  validForSeconds: number,
  now: number,
): Browser | undefined {
  return browsers.find((browser) => browser.hash === hash && isLive(browser, validForSeconds, now));
}

const isLive = (browser: Browser, validForSeconds: number, now: number): boolean =>
  now < browser.rememberedAt + validForSeconds;

export const liveBrowsers = (browsers: readonly Browser[], validForSeconds: number, now: number): readonly Browser[] =>
  browsers.filter((browser) => isLive(browser, validForSeconds, now));

/** Adds one; the one it replaces (same browser, remembered again) and the oldest beyond ten go. */
export function withBrowser(
  browsers: readonly Browser[],
  added: Browser,
  replacedId: string | undefined,
): readonly Browser[] {
  return [...browsers.filter(({ id }) => id !== replacedId), added].slice(-browserLimit);
}

export const withoutBrowser = (browsers: readonly Browser[], id: string): readonly Browser[] =>
  browsers.filter((browser) => browser.id !== id);

/** Later than it was remembered, also within the same second: so the first use is known from none. */
export const withBrowserUsed = (browsers: readonly Browser[], id: string, now: number): readonly Browser[] =>
  browsers.map((browser) =>
    browser.id === id ? { ...browser, lastUsedAt: Math.max(now, browser.rememberedAt + 1) } : browser,
  );
