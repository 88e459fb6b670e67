import type { Subject } from "../core/user-id";
import { hashOfToken } from "../crypto/random";
import type { Signer } from "../crypto/signer";

/** The text of the remember cookie: epoch, random token, signature over both and the user. */
export interface BrowserCookies {
  sign(subject: Subject, epoch: string, token: string): string;
  /** @returns the hash that the record knows this browser by; `undefined` for what we did not sign for this user */
  read(subject: Subject, cookie: string | undefined): { epoch: string; hash: string } | undefined;
}

const purpose = "remember";

export const createBrowserCookies = (signer: Signer): BrowserCookies => ({
  sign: ({ scope, id }, epoch, token) => `${epoch}.${token}.${signer.sign(purpose, [scope, id, epoch, token])}`,
  read({ scope, id }, cookie) {
    const [epoch, token, signature, ...more] = cookie?.split(".") ?? [];
    if (epoch === undefined || token === undefined || signature === undefined || more.length > 0) return undefined;
    if (!signer.verify(purpose, [scope, id, epoch, token], signature)) return undefined;
    return { epoch, hash: hashOfToken(token) };
  },
});
