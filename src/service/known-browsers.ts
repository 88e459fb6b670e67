import { laneOf, withKnownBrowser, type Lane } from "../core/lanes";
import type { TwoFactorRecord } from "../core/record";
import type { Subject } from "../core/user-id";
import { randomToken } from "../crypto/random";
import type { Signer } from "../crypto/signer";
import { hashBrowserToken } from "./browser-cookies";

/** Browsers that have given a right factor before, and so have guesses of their own. No proof, and shown to nobody. */
export interface KnownBrowsers {
  /** The lane of whoever brings this cookie; `undefined`: that of all unknown browsers. */
  laneOf(subject: Subject, record: TwoFactorRecord | undefined, cookie: string | undefined): Lane;
  /** For one right factor; `undefined`: the option is off. */
  fresh(subject: Subject): FreshlyKnown | undefined;
}

export interface FreshlyKnown {
  cookie: string;
  into(record: TwoFactorRecord, before: Lane): TwoFactorRecord;
}

const purpose = "known";

const shortHash = (token: string): string => hashBrowserToken(token).slice(0, 12);

export function createKnownBrowsers(signer: Signer, validForSeconds: number, clock: () => number): KnownBrowsers {
  /** @returns the hash that the record may know it by; `undefined` for what we did not sign for this user */
  function read({ scope, id }: Subject, cookie: string): string | undefined {
    const [token, signature, ...more] = cookie.split(".");
    if (token === undefined || signature === undefined || more.length > 0) return undefined;
    return signer.verify(purpose, [scope, id, token], signature) ? shortHash(token) : undefined;
  }

  return {
    laneOf(subject, record, cookie) {
      if (cookie === undefined || record?.knownBrowsers === undefined) return undefined;
      return laneOf(record, read(subject, cookie), validForSeconds, clock());
    },

    fresh({ scope, id }) {
      if (validForSeconds === 0) return undefined;
      const token = randomToken();
      return {
        cookie: `${token}.${signer.sign(purpose, [scope, id, token])}`,
        into: (record, before) =>
          // What nothing is left to prove with is nobody's to guess at.
          record.factors.length === 0
            ? record
            : withKnownBrowser(record, { hash: shortHash(token), knownAt: clock() }, before),
      };
    },
  };
}
