import { readSecret } from "../../factors/totp/secret";
import type { Row } from "./csv";
import { openGemSecret } from "./gem";

/** Where a row has what is needed. */
export interface Layout {
  id: string;
  /** The column of a plain secret, or the first of the gem's three: `_iv` and `_salt` are appended. */
  secret: string;
  /** A column that says who has turned it on; others have begun, and never confirmed. */
  onlyIf?: string;
  /** Of the gem; absent where secrets are plain. */
  gemKey?: string;
}

export type Found =
  | { is: "secret"; id: string; secret: string; isShort: boolean }
  /** Nobody's, or not turned on. */
  | { is: "none" }
  | { is: "unreadable"; id: string; why: string };

export const columnsOf = ({ id, secret, onlyIf, gemKey }: Layout): string[] => [
  id,
  secret,
  ...(gemKey === undefined ? [] : [`${secret}_iv`, `${secret}_salt`]),
  ...(onlyIf === undefined ? [] : [onlyIf]),
];

/** As databases and exports write it. */
const yes = /^(t|true|1|y|yes|on)$/i;

export function foundIn(row: Row, layout: Layout): Found {
  const field = (name: string): string => row.get(name) ?? "";
  const [id, stored] = [field(layout.id), field(layout.secret).trim()];
  if (stored === "" || (layout.onlyIf !== undefined && !yes.test(field(layout.onlyIf).trim()))) return { is: "none" };
  if (id !== id.trim()) return { is: "unreadable", id, why: "its id has spaces around it, and would be another user" };
  if (id === "") return { is: "unreadable", id, why: "it has no id" };
  const text =
    layout.gemKey === undefined
      ? stored
      : openGemSecret(
          { encrypted: stored, iv: field(`${layout.secret}_iv`), salt: field(`${layout.secret}_salt`) },
          layout.gemKey,
        );
  if (text === undefined) return { is: "unreadable", id, why: "it does not open with this key" };
  const read = readSecret(text);
  return "why" in read ? { is: "unreadable", id, why: read.why } : { is: "secret", id, ...read };
}
