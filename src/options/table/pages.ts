import type { Request, Response } from "express";
import * as must from "../checks";
import { defaulted, optional, optionalGroup } from "../option";
import { beHelp, beMountPath, bePage } from "../path-of-site";
import type { Awaitable, PageSource } from "../values";

/** What people see, and where. */
export class PageOptions {
  /** Where our pages are, as a path of the site. Default `"/two-factor"`. */
  readonly path = defaulted<string>("/two-factor", beMountPath);

  /** Default none. Hidden fields for every form of ours, such as the host's CSRF token. */
  readonly formFields = optional<(req: Request) => Awaitable<Readonly<Record<string, string>>>>(must.beFunction);

  /** Default none. Values for your own templates. */
  readonly locals = optional<(req: Request) => Awaitable<Readonly<Record<string, unknown>>>>(must.beFunction);

  /**
   * Default none. Your layout around our pages: it sends the answer. `stylesheet` is the address of ours, for a `<link>`; without
   * it the pages are plain, and whole.
   */
  readonly renderPage = optional<
    (req: Request, res: Response, page: { html: string; title: string; stylesheet: string }) => Awaitable<unknown>
  >(must.beFunction);

  /** Default ours. A folder of templates (`npx express-two-factor eject`), or an object: the name of a view, or a function, a page. */
  readonly views = optional<string | Readonly<Record<string, PageSource>>>(must.beTextOrObject);

  /**
   * Default ours. Your own pages instead: paths of the site, or full addresses of another origin, which `allowedOrigins`
   * names, too. They use our JSON.
   */
  readonly pages = optionalGroup<{ verify?: string; setup?: string; account?: string }>(
    must.haveFields({ verify: bePage, setup: bePage, account: bePage }),
  );

  /**
   * Default `false`. `true`: our pages load one small script of ours (`script-src 'self'`), which counts down waiting times, writes times
   * in the reader's zone (unless `timeZone` is given), copies, prints and sends a form once. All works without it.
   */
  readonly script = defaulted<boolean>(false, must.beBoolean);

  /** Default none. The address of a picture shown above our pages. */
  readonly logo = optional<string>(must.beText);

  /** Default none. More languages, or other words for ours (en, fr, de, es, ru). */
  readonly locales = optional<Readonly<Record<string, Readonly<Record<string, string>>>>>(must.beObject);

  /** Which language a request is answered in. Default: what the browser asks for. */
  readonly locale = optional<(req: Request) => string | undefined>(must.beFunction);

  /** In which time zone a request is answered, such as `"Europe/Paris"`. Default: that of the server. */
  readonly timeZone = optional<(req: Request) => string | undefined>(must.beFunction);

  /**
   * Default none. Where people find help, told at the same place of each page: a mail address, a path of the site, or a full
   * address. A path must be open to who is locked out: `allow` names it, too.
   */
  readonly help = optional<string>(beHelp);

  /** Default `[]`. Other origins, such as `"https://app.example.com"`, whose scripts you trust with your users' codes: they may send to our routes. */
  readonly allowedOrigins = defaulted<readonly string[]>([], must.beListOf(must.beOrigin));

  /** Default `true`. `false`: faults go to your own `next(err)`. */
  readonly handleErrors = defaulted<boolean>(true, must.beBoolean);
}
