import type { TwoFactorRecord } from "../core/record";
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

/** What of the moment a kind may know. */
export interface Circumstances {
  record?: TwoFactorRecord | undefined;
  /** Where it remembers what one submission has hashed. */
  hashed?: Hashed | undefined;
  mayHint?: boolean | undefined;
  /** Unix seconds; by default the clock is asked where a kind needs it. */
  now?: number | undefined;
}

export type ToolsFor = (
  subject: Subject,
  factor: Pick<Factor, "kind" | "signsAs">,
  circumstances?: Circumstances,
) => FactorTools;

/** Makes everything cryptographic that one kind may do for one user. What it makes opens nowhere else. */
export function createToolsFor(
  { box, signer, wrapper }: Cryptography,
  kinds: ReadonlyMap<string, Factor>,
  clock: () => number,
): ToolsFor {
  return function toolsFor(subject, { kind, signsAs = `factor ${kind}` }, { record, hashed, mayHint, now } = {}) {
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
      async strongOpens() {
        for (const entry of record?.factors ?? []) {
          const strong = entry.strong && kinds.get(entry.kind);
          if (strong) await strong.sealed?.open(entry, toolsFor(subject, strong, { record, now }));
        }
      },
      handle: record?.handle,
      mayHint,
      get now() {
        return now ?? clock();
      },
    };
  };
}
