import { noAttempts, type Attempts } from "./attempts";
import type { KnownBrowser } from "./lanes";

/** As a record keeps it: its hash and since when it is known, and its wrong codes where there are any. */
export type StoredKnownBrowser = string | readonly [known: string, attempts: Attempts];

const hashLength = 12;

export function storedKnownBrowser({ hash, knownAt, attempts: counted }: KnownBrowser): StoredKnownBrowser {
  const known = `${hash}${knownAt.toString(36)}`;
  return counted.inARow > 0 ? [known, counted] : known;
}

export function knownBrowserOf(stored: StoredKnownBrowser): KnownBrowser {
  const [known, counted] = typeof stored === "string" ? [stored, noAttempts] : stored;
  return {
    hash: known.slice(0, hashLength),
    knownAt: Number.parseInt(known.slice(hashLength), 36),
    attempts: counted,
  };
}
