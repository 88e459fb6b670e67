import { laneOf, withKnownBrowser, type Lane } from "../core/attempts";
import type { TwoFactorRecord } from "../core/record";
import type { Subject } from "../core/user-id";
import { hashOfToken, randomToken } from "../crypto/random";
import type { Signer } from "../crypto/signer";

/** Browsers that have given a right factor before, and so have guesses of their own. No proof, and shown to nobody. */
export interface KnownBrowsers {
  /** The lane of whoever brings this cookie; `undefined`: that of all unknown browsers. */
  laneOf(subject: Subject, record: TwoFactorRecord | undefined, cookie: string): Lane;
  /**
   * The record in which this browser, which has given a right factor, is known, and the text of its cookie. Without one where
   * the option is off, or nothing is left to prove with: that is nobody's to guess at.
   */
  withThis(record: TwoFactorRecord, subject: Subject, before: Lane, now: number): FreshlyKnown;
}

interface FreshlyKnown {
  record: TwoFactorRecord;
  cookie?: string;
}

const purpose = "known";
const hashLength = 12;

export function createKnownBrowsers(signer: Signer, validForSeconds: number, clock: () => number): KnownBrowsers {
  /** @returns the hash that the record may know it by; `undefined` for what we did not sign for this user */
  function read({ scope, id }: Subject, cookie: string): string | undefined {
    const [token, signature, ...more] = cookie.split(".");
    if (token === undefined || signature === undefined || more.length > 0) return undefined;
    return signer.verify(purpose, [scope, id, token], signature) ? hashOfToken(token, hashLength) : undefined;
  }

  return {
    laneOf(subject, record, cookie) {
      if (record?.knownBrowsers === undefined) return undefined;
      return laneOf(record, read(subject, cookie), validForSeconds, clock());
    },

    withThis(record, { scope, id }, before, now) {
      if (validForSeconds === 0 || record.factors.length === 0) return { record };
      const token = randomToken();
      const hash = hashOfToken(token, hashLength);
      const cookie = `${token}.${signer.sign(purpose, [scope, id, token])}`;
      return { record: withKnownBrowser(record, { hash, knownAt: now }, before), cookie };
    },
  };
}
