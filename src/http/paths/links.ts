import type { Settings } from "../../options";
import { otherOriginOf, pathOfThisSite } from "../../options/path-of-site";
import type { SessionState } from "../session/state";

/** Where a page's links and forms lead; all are paths of this site, but for pages that the host has elsewhere. */
export interface PageLinks {
  account: string;
  /** A page, the host's where it has its own; `beginSetup` is where forms begin one. */
  setup: string;
  beginSetup: string;
  setupVerify: string;
  /** A page, the host's where it has its own; `submitCode` is where forms go. */
  verify: string;
  submitCode: string;
  send: string;
  recoveryCodes: string;
  /** New ones, once more; as a file; and no more, since they are saved. */
  codesAgain: string;
  codesFile: string;
  codesSaved: string;
  disable: string;
  forgetBrowsers: string;
  /** The page of security keys and passkeys, and where a new one goes. */
  keys: string;
  keyOptions: string;
  renameKey: string;
  removeKey: string;
  verifyOptions: string;
  /** A new second step for who has lost everything: its page, and where its codes go. */
  recovery: string;
  confirmRecovery: string;
  finishRecovery: string;
  /** The host's page to sign in. */
  login: string;
  /** The page first asked for, else the host's home: where its own pages are. */
  next: string;
  /** The host's logout; `POST`ed with `formFields`. */
  logout: string;
  stylesheet: string;
  /** Of pages that ask for a key, and of no others. */
  script: string;
  /** Of comfort (the option `script`): `partials/comfort` loads it. */
  comfort: string;
}

/** Where everything is, below the mount; the host's own pages stand in for ours where it has some. */
export function linksOf(
  settings: Settings,
  base: string,
  assets: { stylesheet: string; script: string; comfort: string },
  state?: SessionState,
): PageLinks {
  return {
    account: settings.pages?.account ?? base,
    setup: settings.pages?.setup ?? `${base}/setup`,
    beginSetup: `${base}/setup`,
    submitCode: `${base}/verify`,
    setupVerify: `${base}/setup/verify`,
    verify: settings.pages?.verify ?? `${base}/verify`,
    send: `${base}/verify/send`,
    recoveryCodes: `${base}/recovery-codes`,
    codesAgain: `${base}/recovery-codes/again`,
    codesFile: `${base}/recovery-codes/file`,
    codesSaved: `${base}/recovery-codes/saved`,
    disable: `${base}/disable`,
    forgetBrowsers: `${base}/browsers/forget`,
    next: wayOn(settings, state?.next),
    logout: settings.logoutPath,
    recovery: `${base}/recovery`,
    confirmRecovery: `${base}/recovery/confirm`,
    finishRecovery: `${base}/recovery/finish`,
    login: settings.loginPath,
    keys: `${base}/keys`,
    keyOptions: `${base}/keys/options`,
    renameKey: `${base}/keys/rename`,
    removeKey: `${base}/keys/remove`,
    verifyOptions: `${base}/verify/options`,
    stylesheet: `${base}/assets/${assets.stylesheet}`,
    script: `${base}/assets/${assets.script}`,
    comfort: `${base}/assets/${assets.comfort}`,
  };
}

/** Of another origin only what the host has configured: a session is no place to learn one from. */
export function wayOn({ pages = {} }: Settings, kept: unknown): string {
  const own = Object.values(pages);
  const origin = own.map(otherOriginOf).find((one) => one !== undefined);
  return own.find((page) => page === kept) ?? pathOfThisSite(kept) ?? (origin === undefined ? "/" : `${origin}/`);
}
