import type { Subject } from "../core/user-id";
import { hashRecoveryCode } from "../crypto/recovery-hash";
import type { SecretBox } from "../crypto/secret-box";
import type { Signer } from "../crypto/signer";
import type { Wrapper } from "../crypto/wrapper";
import type { Factor, FactorTools } from "./factor";

export interface Cryptography {
  box: SecretBox;
  signer: Signer;
  wrapper: Wrapper;
}

/** What one submission has hashed: one scrypt a text and salt, however often it is judged anew because somebody was faster. */
export type Hashed = Map<string, Promise<string>>;

/** A set of hashes copied to another user's record opens nothing there. */
function slowHash({ key }: Subject, text: string, salt: string, hashed: Hashed | undefined): Promise<string> {
  const name = JSON.stringify([text, salt]);
  const hash = hashed?.get(name) ?? hashRecoveryCode(text, `${salt}.${key}`);
  hashed?.set(name, hash);
  return hash;
}

interface Circumstances {
  /** Unix seconds; asked where a kind needs it. */
  now: () => number;
  strongOpens: () => Promise<void>;
  handle?: string | undefined;
  hashed?: Hashed | undefined;
  mayHint?: boolean | undefined;
}

/** Everything cryptographic that one kind may do for one user. What it makes opens nowhere else. */
export function createFactorTools(
  { box, signer, wrapper }: Cryptography,
  subject: Subject,
  { kind, signsAs = `factor ${kind}` }: Pick<Factor, "kind" | "signsAs">,
  { now, strongOpens, handle, mayHint, hashed }: Circumstances,
): FactorTools {
  const { scope, id } = subject;
  const context = { scope, userId: id, purpose: kind };
  const bound = [scope, id, kind] as const;
  return {
    isCurrent: box.isCurrent,
    needsOldKey: box.needsOldKey,
    isWrapCurrent: wrapper.isCurrent,
    wrapNeedsOldKey: wrapper.needsOldKey,
    seal: (text) => box.seal(text, context),
    open: (sealed) => box.open(sealed, context),
    wrap: (text) => wrapper.wrap(text, bound),
    unwrap: (wrapped) => wrapper.unwrap(wrapped, bound),
    sign: (...parts) => signer.sign(signsAs, [scope, id, ...parts]),
    isSigned: (signature, ...parts) => signer.verify(signsAs, [scope, id, ...parts], signature),
    slowHash: (text, salt) => slowHash(subject, text, salt, hashed),
    strongOpens,
    handle,
    mayHint,
    get now() {
      return now();
    },
  };
}
