import type { KeyStatus } from "../../service/status";
import type { PageProblem } from "./pages";

/** What the script asks the browser with. */
export interface KeyPrompt {
  /** As `navigator.credentials` takes it, but for the bytes, which are base64url. Absent: it is asked for at the click. */
  options?: object;
  validForSeconds: number;
  /** What it is for, where fresh options are asked. */
  purpose: string;
  /** This browser used a code last: the page begins with that. */
  second?: boolean;
}

/** The keys of a user, as a part of a page. */
export interface KeysPart {
  list: readonly KeyStatus[];
  hasRoom: boolean;
  /** Codes alone do not open this account. */
  required: boolean;
  /** What was proven leads to another key, and changes none of those that there are. */
  onlyAdds?: true;
  /** Absent where a proof is asked first, or there is no room. */
  prompt?: KeyPrompt;
  /** One was just removed: for the browser to know. */
  signal?: Readonly<Record<string, string>>;
}

/** Security keys and passkeys, by themselves. */
export interface KeysPage {
  page: "keys";
  keys: KeysPart;
  required: boolean;
  /** The key whose new name is what is wrong. */
  renaming?: string;
  problem?: PageProblem;
}
