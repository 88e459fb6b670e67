import { oneLine } from "./plain";
import type { NoticeWords } from "./words/words";

export interface NoticeOptions {
  /** The site's name, as in the authenticator: in the subject, and below the text. */
  issuer: string;
  /** `en`, `fr`, `de`, `es`, `ru`, with a region or without, or one of `locales`; for any other, English. */
  language?: string | undefined;
  /** The page of the second factor, such as `https://example.com/two-factor`. */
  accountUrl?: string | undefined;
  /** Where somebody says that it was not them: a page, or `mailto:`. */
  supportUrl?: string | undefined;
  /** What stops a recovery; only in mails about one that can still be stopped. */
  cancelUrl?: string | undefined;
  /** Such as `Europe/Paris`, in which times are written; by default, and where it is none, UTC. */
  timeZone?: string | undefined;
  /** Languages of your own, each whole, or other words for one of ours. */
  locales?: Readonly<Record<string, NoticeWords>> | undefined;
}

export interface Checked {
  issuer: string;
  urls: { account: string | undefined; support: string | undefined; cancel: string | undefined };
}

/** @throws TypeError for what can be in no mail: it is the host's mistake, and would be in every one */
export function checked({ issuer, accountUrl, supportUrl, cancelUrl }: NoticeOptions): Checked {
  const name = typeof issuer === "string" ? oneLine(issuer) : "";
  if (name === "") throw new TypeError("notice: issuer is missing: give the name of your site");
  return {
    issuer: name,
    urls: {
      account: addressOf("accountUrl", accountUrl, ["https:", "http:"]),
      support: addressOf("supportUrl", supportUrl, ["https:", "http:", "mailto:"]),
      cancel: addressOf("cancelUrl", cancelUrl, ["https:", "http:"]),
    },
  };
}

function addressOf(option: string, given: string | undefined, schemes: readonly string[]): string | undefined {
  if (given === undefined) return undefined;
  const url = typeof given === "string" && URL.canParse(given) ? new URL(given) : undefined;
  if (url !== undefined && schemes.includes(url.protocol)) return url.href;
  // Without its value: that of a cancel link is a secret.
  throw new TypeError(`notice: ${option} is no full address: it begins with ${schemes.join(" or ")}`);
}
