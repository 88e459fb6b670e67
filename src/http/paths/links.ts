import type { Settings } from "../../options";
import { pathOfThisSite } from "../../options/path-of-site";
import type { PageLinks } from "../render/pages";
import type { SessionState } from "../session/state";

/** Where everything is, below the mount; the host's own pages stand in for ours where it has some. */
export function linksOf(
  settings: Settings,
  base: string,
  assets: { stylesheet: string; script: string },
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
    disable: `${base}/disable`,
    forgetBrowsers: `${base}/browsers/forget`,
    next: pathOfThisSite(state?.next) ?? "/",
    logout: settings.logoutPath,
    keys: `${base}/keys`,
    keyOptions: `${base}/keys/options`,
    renameKey: `${base}/keys/rename`,
    removeKey: `${base}/keys/remove`,
    verifyOptions: `${base}/verify/options`,
    stylesheet: `${base}/assets/${assets.stylesheet}`,
    script: `${base}/assets/${assets.script}`,
  };
}
