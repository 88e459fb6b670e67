import type { Proof } from "../core/proof";
import type { Subject } from "../core/user-id";
import type { Signer } from "../crypto/signer";
import type { Wrapper } from "../crypto/wrapper";

/** A login of the host's that has no session: whose it is, and which. What is made for one opens for no other. */
export interface CarriedLogin {
  subject: Subject;
  /** As the host's `loginId` says it. */
  id: string;
}

export interface CarriedProof {
  proof: Proof;
  /** Unix seconds. */
  endsAt: number;
}

/** What clients carry for us where the host has no session: a proof, which all may read, and all else, which none may. */
export interface Carried {
  sign(login: CarriedLogin, carried: CarriedProof): string;
  /** @returns `undefined` for what we did not sign for this login */
  read(login: CarriedLogin, text: string): CarriedProof | undefined;
  seal(login: CarriedLogin, text: string): string;
  /** @returns `undefined` for what we did not seal for this login */
  open(login: CarriedLogin, text: string): string | undefined;
}

const purpose = "login proof";
/** Three times what one of ours has: looking at more would only cost. */
const longestProof = 1024;

const sealed = "pending login";

const boundTo = ({ subject, id }: CarriedLogin): readonly [string, string, string] => [subject.scope, subject.id, id];

export const createCarried = (signer: Signer, wrapper: Wrapper): Carried => ({
  sign(login, carried) {
    const body = Buffer.from(JSON.stringify(carried)).toString("base64url");
    return `${body}.${signer.sign(purpose, [...boundTo(login), body])}`;
  },
  read(login, text) {
    if (text.length > longestProof) return undefined;
    const [body, signature, ...more] = text.split(".");
    if (body === undefined || signature === undefined || more.length > 0) return undefined;
    if (!signer.verify(purpose, [...boundTo(login), body], signature)) return undefined;
    return JSON.parse(Buffer.from(body, "base64url").toString()) as CarriedProof;
  },
  seal: (login, text) => wrapper.wrap(text, [sealed, ...boundTo(login)]),
  open(login, text) {
    try {
      return wrapper.unwrap(text, [sealed, ...boundTo(login)]);
    } catch {
      // Cut, another login's, or of a key that is gone: as if it were not there.
      return undefined;
    }
  },
});
