import { createHash } from "node:crypto";
import type { Subject } from "../core/user-id";
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
    return { epoch, hash: hashBrowserToken(token) };
  },
});

/** Of 128 random bits, so a fast hash will do (ASVS 5.0 6.5.2 asks a slow one below 112). */
export const hashBrowserToken = (token: string): string =>
  createHash("sha256").update(token).digest("base64url").slice(0, 22);
