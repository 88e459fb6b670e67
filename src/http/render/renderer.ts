import { statSync } from "node:fs";
import type { Request } from "express";
import { TwoFactorError } from "../../errors";
import type { Factor } from "../../factors/factor";
import {
  catalogues,
  isTimeZone,
  mergedCatalogues,
  type MessageKey,
  type Catalogue,
  type HostLocales,
} from "../../locales";
import type { PageSource } from "../../options";
import { inTime, tooLate } from "../../service/patience";
import { negotiateLocale } from "./language";
import { plainLocals } from "./locals";
import { Templates, type ViewData } from "./templates";
import { problemWords, wordsFor, type ProblemWords, type Words } from "./words";
import { typedOn } from "./typed-on";
import type { PageLinks } from "../paths/links";
import { headingKey, pageNames, type Page, type PageName, type PageProblem, type RecoveryCodesPage } from "./pages";

export { negotiateLocale } from "./language";
export { stylesheet } from "./stylesheet";

export interface RendererOptions {
  /** The name of the host's service. */
  issuer: string;
  views?: string | Readonly<Record<string, PageSource>> | undefined;
  logo?: string | undefined;
  /** Kinds that the host added, which bring their own words. */
  factors?: readonly Factor[] | undefined;
  locales?: HostLocales | undefined;
  locale?: ((req: Request) => string | undefined) | undefined;
  timeZone?: ((req: Request) => string | undefined) | undefined;
  /** A mail address, or where a page is that helps. */
  help?: string | undefined;
  /** The script of comfort. */
  script?: boolean | undefined;
  now?: (() => Date) | undefined;
  /** So long a page that a function of the host makes may take. */
  storeTimeoutSeconds?: number | undefined;
}

export interface RenderContext {
  links: PageLinks;
  /** As `localeOf` gives it. */
  locale: string;
  /** As `timeZoneOf` gives it. */
  timeZone?: string | undefined;
  /** Where a code goes that is sent, masked. */
  sentTo?: string | undefined;
  /** Hidden fields of every form. */
  formFields: Readonly<Record<string, string>>;
  /** The host's values: `locals.x` in a view, and plain `x` where no name of ours or of an engine is hidden by it. */
  locals: Readonly<Record<string, unknown>>;
}

/** `fragment` is the document without what a host's own layout brings along. */
export interface RenderedPage {
  title: string;
  document: string;
  fragment: string;
}

/** The host's own view, for `res.render(view, data)`. */
export interface RenderedByHost {
  title: string;
  view: string;
  data: Record<string, unknown>;
}

export interface Renderer {
  /** @throws TwoFactorError `MISCONFIGURED` when a view fails; what a person sees of it is not the error's text */
  render(page: Page, context: RenderContext): Promise<RenderedPage | RenderedByHost>;
  localeOf(req: Request): string;
  /** `undefined`: that of this machine. */
  timeZoneOf(req: Request): string | undefined;
  /** One of our texts. */
  say(locale: string, key: MessageKey): string;
  /** Recovery codes as a file to keep. */
  codesText(locale: string, page: RecoveryCodesPage): string;
  /** What happened and what to do next, for answers that are no page. */
  problemWords(locale: string, problem: PageProblem): ProblemWords;
}

/** For every editor: lines as Windows ends them. The day as all languages write it. */
function codesText({ t }: Words, { codes, accountName, madeAt }: RecoveryCodesPage): string {
  const whose = [
    t("recovery.print"),
    t("setup.key.account", { account: accountName }),
    madeAt.toISOString().slice(0, 10),
  ];
  return `${[...whose, "", ...codes].join("\r\n")}\r\n`;
}

const isDocument = (html: string): boolean => /^\s*<(!doctype|html)\b/i.test(html);

function checkedSources(views: RendererOptions["views"]): Readonly<Record<string, PageSource>> {
  if (typeof views === "string") {
    if (statSync(views, { throwIfNoEntry: false })?.isDirectory()) return {};
    throw new TwoFactorError("MISCONFIGURED", `views names a folder that does not exist: "${views}".`);
  }
  const unknown = Object.keys(views ?? {}).filter((name) => !pageNames.includes(name as PageName));
  if (unknown.length === 0) return views ?? {};
  throw new TwoFactorError(
    "MISCONFIGURED",
    `views has no page named "${unknown.join('", "')}"; the pages are ${pageNames.join(", ")}.`,
  );
}

/** Makes the pages. Views are compiled here, once; a broken one is told now and not to the first visitor. */
export function createRenderer(options: RendererOptions): Renderer {
  const {
    issuer,
    factors,
    views,
    logo,
    locales,
    locale: chosenBy,
    timeZone: zoneChosenBy,
    help,
    script = false,
    now = () => new Date(),
    storeTimeoutSeconds: seconds = 5,
  } = options;
  const sources = checkedSources(views);
  const templates = new Templates(typeof views === "string" ? views : undefined);
  for (const name of ["layout", ...pageNames]) templates.prepare(name);

  const merged = mergedCatalogues(locales);
  const available = [...merged.keys()];
  const english = catalogues["en"] as Catalogue;
  const methods = new Map((factors ?? []).flatMap(({ method, words }) => (words ? [[method, words] as const] : [])));
  const spoken = new Map<string, Words>();
  const wordsOf = (locale: string, timeZone?: string): Words => {
    const known = timeZone === undefined && spoken.get(locale);
    if (known) return known;
    // Only the languages there are: a locale from elsewhere must not fill the memory.
    const catalogue = merged.get(locale);
    const words = wordsFor(catalogue ?? english, catalogue ? locale : "en", {
      issuer,
      now,
      methods,
      script,
      ...(timeZone !== undefined && { timeZone }),
    });
    if (catalogue && timeZone === undefined) spoken.set(locale, words);
    return words;
  };

  function dataOf(page: Page, context: RenderContext): ViewData & { title: string; comfort: boolean } {
    const words = wordsOf(context.locale, context.timeZone);
    const problem = "problem" in page && page.problem ? problemWords(words, page.problem, typedOn(page)) : undefined;
    const heading = page.page === "problem" ? (problem?.title ?? "") : words.t(headingKey(page));
    const own = {
      ...words,
      page,
      links: context.links,
      locale: context.locale,
      formFields: context.formFields,
      issuer,
      logo,
      help: help === undefined ? undefined : helpLink(help),
      problem,
      heading,
      sentTo: context.sentTo,
      comfort: script || (page.page === "recovery-codes" && page.tools === true),
      localTimes: script && context.timeZone === undefined,
      title: problem && page.page !== "problem" ? words.t("layout.error", { title: heading }) : heading,
      ...(page.page === "recovery-codes" && { fileText: codesText(words, page) }),
      body: undefined,
      locals: context.locals,
    };
    return { ...plainLocals(context.locals), ...own };
  }

  async function fragmentOf(name: PageName, source: PageSource | undefined, data: ViewData): Promise<string> {
    if (typeof source !== "function") return templates.render(name, data);
    try {
      const late = () => tooLate(seconds, `The host's views.${name}`);
      const html: unknown = await inTime(seconds * 1000, () => source({ ...data }), late);
      if (typeof html === "string") return html;
    } catch (cause) {
      if (cause instanceof TwoFactorError) throw cause;
      throw new TwoFactorError("MISCONFIGURED", `views.${name} failed.`, { cause });
    }
    throw new TwoFactorError("MISCONFIGURED", `views.${name} must return HTML as a string.`);
  }

  return {
    async render(page, context) {
      const data = dataOf(page, context);
      const { title } = data;
      const source = Object.hasOwn(sources, page.page) ? sources[page.page] : undefined;
      if (typeof source === "string") return { title, view: source, data: { ...data } };
      const html = await fragmentOf(page.page, source, data);
      const fragment = data.comfort && !isDocument(html) ? html + templates.render("partials/comfort", data) : html;
      const document = isDocument(fragment) ? fragment : templates.render("layout", { ...data, body: fragment });
      return { title, document, fragment };
    },
    localeOf: (req) => negotiateLocale(req, available, safely(chosenBy, req)),
    timeZoneOf(req) {
      const timeZone = safely(zoneChosenBy, req);
      return isTimeZone(timeZone) ? timeZone : undefined;
    },
    say: (locale, key) => wordsOf(locale).t(key),
    codesText: (locale, page) => codesText(wordsOf(locale), page),
    problemWords: (locale, problem) => problemWords(wordsOf(locale), problem),
  };
}

/** `text` where the address is what is to be read: a mail program may be somewhere else. */
const helpLink = (help: string): { href: string; text?: string } =>
  help.includes("@") && !/[:/]/.test(help) ? { href: `mailto:${help}`, text: help } : { href: help };

/** A fault in the choice of a language must not turn a page into an error, least of all the error's own page. */
function safely(chosenBy: RendererOptions["locale"], req: Request): string | undefined {
  try {
    const chosen: unknown = chosenBy?.(req);
    // It was not to be asynchronous; where it is, its rejection must not end the process.
    Promise.resolve(chosen).catch(() => undefined);
    return typeof chosen === "string" ? chosen : undefined;
  } catch {
    return undefined;
  }
}
