import * as must from "../checks";
import { defaulted, Option, present } from "../option";
import type { RememberCookieOptions } from "../values";

interface KeptCookie extends Required<Omit<RememberCookieOptions, "secret">> {
  secret: readonly string[];
}

/** Browsers that are not asked again for a while. */
export class BrowserOptions {
  /** Default `"always"`: after a code typed at a sign-in. `"ask"`: a box on the code page. */
  readonly rememberBrowser = defaulted<"always" | "ask" | "never">("always", must.beOneOf("always", "ask", "never"));

  /** In seconds, default 86400, a day; 0: off. Applies to cookies already out, too. */
  readonly rememberOtpSessionForSeconds = defaulted<number>(86_400, must.beWhole(0, 34_560_000));

  /**
   * In seconds, default 31536000, a year; 0: off. A browser that has given a right code has a count of wrong codes of its
   * own for so long: strangers cannot lock it. It is asked for its code all the same.
   */
  readonly knownBrowserForSeconds = defaulted<number>(31_536_000, must.beWhole(0, 34_560_000));

  /** Default `false`. `true` needs `tfa.logout` before your logout. */
  readonly deleteCookieOnLogout = defaulted<boolean>(false, must.beBoolean);

  /** The remember cookie. Default `{ name: "remember_tfa", sameSite: "lax", secure: "auto", prefix: "" }`. */
  readonly cookie = new Option<RememberCookieOptions, KeptCookie, "defaulted">(
    must.haveFields({
      name: must.match(/^[\w!#$%&'*.^`|~+-]{1,64}$/, "a cookie name"),
      sameSite: must.beOneOf("lax", "strict", "none"),
      secure: must.beOneOf("auto", true, false),
      secret: must.beSecrets,
      prefix: must.beOneOf("", "__Host-"),
    }),
    (given) => {
      const { secret = [], ...cookie } = present(given);
      return Object.freeze({
        name: "remember_tfa",
        sameSite: "lax",
        secure: "auto",
        prefix: "",
        ...cookie,
        secret: Object.freeze([secret].flat()),
      });
    },
  );
}
