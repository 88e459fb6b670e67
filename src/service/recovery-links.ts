import { subjectOf, type Subject } from "../core/user-id";
import type { Wrapper } from "../crypto/wrapper";

/** What a link of a mail names, by which its owner stops a recovery without a login. */
export interface RecoveryLinks {
  /** The path below the mount, with the token. */
  pathOf(subject: Subject, id: string): string;
  /** @returns `undefined` for what we did not make, or what was cut */
  read(token: string): { subject: Subject; id: string } | undefined;
}

const longestToken = 2000;

/** The token is encrypted as a whole: no address and no log tells whose account it is, and none can be made by hand. */
export function createRecoveryLinks(wrapper: Wrapper, scope: string): RecoveryLinks {
  const bound = [scope, "cancel-recovery"];
  return {
    pathOf: (subject, id) =>
      `/recovery/cancel?token=${encodeURIComponent(wrapper.wrap(JSON.stringify([subject.id, id]), bound))}`,
    read(token) {
      if (token.length > longestToken) return undefined;
      try {
        const [userId, id] = JSON.parse(wrapper.unwrap(token, bound)) as [string, string];
        return { subject: subjectOf(scope, userId), id };
      } catch {
        return undefined;
      }
    },
  };
}
