import type { Subject } from "../core/user-id";
import type { SecretBox } from "../crypto/secret-box";

/** The secret of a set-up that is not confirmed, as a session keeps it: sealed for one user and one epoch. */
export interface PendingSecrets {
  seal(subject: Subject, secret: string, epoch: string): Promise<string>;
  open(subject: Subject, sealed: string, epoch: string): Promise<string>;
}

export function createPendingSecrets(box: SecretBox): PendingSecrets {
  const context = ({ scope, id }: Subject, epoch: string) => ({ scope, userId: id, purpose: "setup", epoch });
  return {
    seal: (subject, secret, epoch) => box.seal(secret, context(subject, epoch)),
    open: (subject, sealed, epoch) => box.open(sealed, context(subject, epoch)),
  };
}
