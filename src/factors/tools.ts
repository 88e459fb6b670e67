import type { Subject } from "../core/user-id";
import { hashRecoveryCode } from "../crypto/recovery-hash";
import type { SecretBox } from "../crypto/secret-box";
import type { Signer } from "../crypto/signer";
import type { Wrapper } from "../crypto/wrapper";
import type { Factor, FactorTools, KeyAges } from "./factor";

export interface Cryptography {
  box: SecretBox;
  signer: Signer;
  wrapper: Wrapper;
}

export type SlowHash = (subject: Subject, text: string, salt: string) => Promise<string>;

/** A set of hashes copied to another user's record opens nothing there. */
const slowHashOf: SlowHash = ({ key }, text, salt) => hashRecoveryCode(text, `${salt}.${key}`);

/** One scrypt a text and salt, however often a submission is judged anew because somebody was faster. */
export function rememberingHash(): SlowHash {
  const known = new Map<string, Promise<string>>();
  return (subject, text, salt) => {
    const name = JSON.stringify([text, salt]);
    const hash = known.get(name) ?? slowHashOf(subject, text, salt);
    known.set(name, hash);
    return hash;
  };
}

const keyAgesOf = ({ box, wrapper }: Cryptography): KeyAges => ({
  isCurrent: box.isCurrent,
  needsOldKey: box.needsOldKey,
  isWrapCurrent: wrapper.isCurrent,
  wrapNeedsOldKey: wrapper.needsOldKey,
});

interface Circumstances {
  now: number;
  strongOpens: () => Promise<void>;
  handle?: string | undefined;
  slowHash?: SlowHash | undefined;
  mayHint?: boolean | undefined;
}

/** Everything cryptographic that one kind may do for one user. What it makes opens nowhere else. */
export function createFactorTools(
  { box, signer, wrapper }: Cryptography,
  subject: Subject,
  { kind, signsAs = `factor ${kind}` }: Pick<Factor, "kind" | "signsAs">,
  { now, strongOpens, handle, mayHint, slowHash = slowHashOf }: Circumstances,
): FactorTools {
  const { scope, id } = subject;
  const ages = keyAgesOf({ box, signer, wrapper });
  const context = { scope, userId: id, purpose: kind };
  const bound = [scope, id, kind] as const;
  return {
    ...ages,
    seal: (text) => box.seal(text, context),
    open: (sealed) => box.open(sealed, context),
    wrap: (text) => wrapper.wrap(text, bound),
    unwrap: (wrapped) => wrapper.unwrap(wrapped, bound),
    sign: (...parts) => signer.sign(signsAs, [scope, id, ...parts]),
    isSigned: (signature, ...parts) => signer.verify(signsAs, [scope, id, ...parts], signature),
    slowHash: (text, salt) => slowHash(subject, text, salt),
    strongOpens,
    handle,
    mayHint,
    now,
  };
}
