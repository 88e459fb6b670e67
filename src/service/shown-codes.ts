import { createHash } from "node:crypto";
import { epochOf } from "../core/proof";
import type { TwoFactorRecord } from "../core/record";
import type { Subject } from "../core/user-id";
import type { SecretBox } from "../crypto/secret-box";
import type { FactorSet } from "./factors";

/** Whose recovery codes they are: of this set alone, for this login. */
interface Shown {
  subject: Subject;
  record: TwoFactorRecord | undefined;
  /** What names the login: its proof. */
  login: string;
}

/** Recovery codes that were just made, as a session keeps them until somebody says that they are saved. */
export interface ShownCodes {
  /** @returns `undefined` where it cannot be done: the codes are made, and are shown without it */
  seal(shown: Shown, codes: readonly string[]): Promise<string | undefined>;
  /** @returns `undefined` for another user, login or epoch, and once one of the set was used or replaced */
  open(shown: Shown, sealed: string): Promise<readonly string[] | undefined>;
}

export function createShownCodes(box: SecretBox, factors: FactorSet): ShownCodes {
  const contextOf = ({ subject, record, login }: Shown) => {
    const set = createHash("sha256").update(record ? sorted(factors.backupsOf(record)) : "");
    const epoch = JSON.stringify([epochOf(record), login, set.digest("base64url")]);
    return { scope: subject.scope, userId: subject.id, purpose: "shown recovery codes", epoch };
  };
  return {
    seal: (shown, codes) => box.seal(codes.join(" "), contextOf(shown)).catch(() => undefined),
    async open(shown, sealed) {
      const text = await box.open(sealed, contextOf(shown)).catch(() => undefined);
      return text?.split(" ");
    },
  };
}

/** A record that was stored has its fields in another order. */
const sorted = (json: string): string =>
  JSON.stringify(JSON.parse(json), (_name, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
