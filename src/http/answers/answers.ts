import type { TwoFactorError } from "../../errors";
import { report } from "./report";
import type { Response } from "express";
import { statusOfCode, type ProblemCode } from "../../errors";
import { linksOf, type PageLinks } from "../paths/links";
import { asksForKey, asksForSentCode } from "./asks-for";
import { isHtmx, isNavigation, wantsPage } from "./negotiate";
import { redirect, uncached, unframed } from "./send";
import type { RenderContext, RenderedByHost } from "../render/renderer";
import { assetNames } from "../render/stylesheet";
import { maskedDestination } from "../render/masked";
import type { Kept } from "../session/kept";
import type { SessionState } from "../session/state";
import type { Page, PageProblem, ProblemPage, UnlockTold } from "../render/pages";
import { hostAnswer, type Exchange, type HttpParts, type Caller } from "../caller";

export type WithState = Exchange & { state?: SessionState; kept?: Kept; user?: unknown };

export const linksFor = ({ settings }: HttpParts, { base, state }: WithState): PageLinks =>
  linksOf(settings, base, assetNames, state);

export async function sendPage(parts: HttpParts, exchange: WithState, status: number, page: Page): Promise<void> {
  const { req, res } = exchange;
  const { settings, renderer } = parts;
  const context: RenderContext = {
    links: linksFor(parts, exchange),
    locale: renderer.localeOf(req),
    timeZone: renderer.timeZoneOf(req),
    formFields: (await hostAnswer(settings, "formFields", () => settings.formFields?.(req))) ?? {},
    locals: (await hostAnswer(settings, "locals", () => settings.locals?.(req))) ?? {},
  };
  if (asksForSentCode(page)) context.sentTo = await destinationOf(parts, exchange);
  // A page that asks for a key holds a challenge, which the session keeps.
  if (asksForKey(page)) await exchange.kept?.save();
  const rendered = await renderer.render(page, context);
  uncached(res);
  res.vary("Accept-Language");
  // helmet's default, no-referrer, turns the Origin of our own forms into null.
  res.set("Referrer-Policy", "same-origin");
  unframed(res);
  res.set("Content-Language", context.locale).status(status);
  if ("view" in rendered) {
    res.type("html").send(await hostAnswer(settings, `view for "${page.page}"`, () => renderedByHost(res, rendered)));
  } else if (settings.renderPage === undefined) {
    res.type("html").send(rendered.document);
  } else {
    const { renderPage } = settings;
    const { fragment: html, title } = rendered;
    const { stylesheet } = context.links;
    try {
      await hostAnswer(settings, "renderPage", () => renderPage(req, res, { html, title, stylesheet }));
    } catch (error) {
      // It has answered, and waits for a slow reader, say: that is no reason to cut the page off.
      if (!res.writableEnded) throw error;
    }
  }
}

/** Masked: whoever has the password alone is shown it, too. It is a hint: a fault of the host's function costs nobody the page. */
async function destinationOf({ settings }: HttpParts, { user }: WithState): Promise<string | undefined> {
  const { directOtpDestination: ask } = settings;
  if (ask === undefined || user === undefined) return undefined;
  try {
    const said: unknown = await hostAnswer(settings, "directOtpDestination", () => ask(user));
    return typeof said === "string" ? maskedDestination(said) : undefined;
  } catch (error) {
    report(error as TwoFactorError);
    return undefined;
  }
}

const renderedByHost = (res: Response, { view, data }: RenderedByHost): Promise<string> =>
  new Promise((resolve, reject) =>
    res.render(view, data, (error: Error | null, text) => (error ? reject(error) : resolve(text))),
  );

export interface ProblemDetails {
  attemptsRemaining?: number;
  clockOffSeconds?: number | undefined;
  reason?: PageProblem["reason"];
  /** Why a key was refused; told as `reason`. */
  refused?: string;
  /** What is wrong, where the catalogue's words for the code would not tell a developer. */
  detail?: string;
  field?: string;
  about?: PageProblem["about"];
  retryAfterSeconds?: number;
  /** Of a lock that three codes can end. */
  unlock?: UnlockTold;
  /** The page to show instead of the general one. */
  page?: (problem: PageProblem) => Page;
  action?: ProblemPage["action"];
}

/** RFC 9457 for programs, a page for people. */
export async function sendProblem(
  parts: HttpParts,
  exchange: WithState,
  code: ProblemCode,
  details: ProblemDetails = {},
): Promise<void> {
  const { req, res } = exchange;
  const { attemptsRemaining, clockOffSeconds, reason, retryAfterSeconds } = details;
  const status = statusOfCode[code];
  const problem: PageProblem = {
    code,
    ...(attemptsRemaining !== undefined && { attemptsRemaining }),
    ...(clockOffSeconds !== undefined && { clockOffSeconds }),
    ...(reason !== undefined && { reason }),
    ...(details.about !== undefined && { about: details.about }),
    ...(details.refused !== undefined && { refused: details.refused }),
  };
  if (retryAfterSeconds !== undefined) res.set("Retry-After", String(Math.max(1, Math.ceil(retryAfterSeconds))));
  if (wantsPage(req)) {
    const general: ProblemPage = {
      page: "problem",
      problem,
      status,
      action: details.action ?? { href: linksFor(parts, exchange).next, label: "home" },
    };
    return sendPage(parts, exchange, status, details.page?.(problem) ?? general);
  }
  if (isHtmx(req) && details.action !== undefined) res.set("HX-Redirect", details.action.href);
  const { about: _, refused, ...told } = problem;
  const words = parts.renderer.problemWords(parts.renderer.localeOf(req), problem);
  uncached(res);
  res
    .status(status)
    .type("application/problem+json")
    .send(
      JSON.stringify({
        type: "about:blank",
        title: words.title,
        status,
        detail: details.detail ?? words.detail,
        ...told,
        ...(refused !== undefined && { reason: refused }),
        ...(details.unlock !== undefined && { unlock: details.unlock }),
        ...(details.field !== undefined && { field: details.field }),
        ...(retryAfterSeconds !== undefined && { retryAfterSeconds: Math.max(1, Math.ceil(retryAfterSeconds)) }),
        ...exchange.kept?.told(),
      }),
    );
}

/** The login has ended. A browser is told so by the login page, whose words are the host's. */
export async function sendLoginExpired(
  parts: HttpParts,
  { req, res, base, kept }: WithState,
  reason?: "reset",
): Promise<void> {
  const { loginPath } = parts.settings;
  const exchange: WithState = { req, res, base, ...(kept && { kept }) };
  if (isNavigation(req)) return redirect(exchange, withReason(loginPath, reason ?? "expired"));
  return sendProblem(parts, exchange, "LOGIN_SESSION_EXPIRED", {
    ...(reason && { reason }),
    action: { href: loginPath, label: "login" },
  });
}

/** Into the query, which a path of the host may have already, and before a hash. */
function withReason(path: string, reason: string): string {
  const [address = "", ...hash] = path.split("#");
  const separator = !address.includes("?") ? "?" : /[?&]$/.test(address) ? "" : "&";
  return [`${address}${separator}reason=${reason}`, ...hash].join("#");
}

/** Asked for more often than anybody needs it; no code was asked for, so none is counted. */
export function sendTooOften(parts: HttpParts, caller: Caller, seconds: number): Promise<void> {
  return sendProblem(parts, caller, "TOO_MANY_ATTEMPTS", {
    reason: "too-soon",
    about: "page",
    retryAfterSeconds: seconds,
    action: { href: linksFor(parts, caller).account, label: "account" },
  });
}

/** The identity provider proved too little: only another sign-in helps. */
export function sendRefused(parts: HttpParts, exchange: WithState): Promise<void> {
  return sendProblem(parts, exchange, "INSUFFICIENT_ACR", {
    action: { href: parts.settings.loginPath, label: "login" },
  });
}

/** A fresh proof is asked of somebody whom only the identity provider can ask for one. */
export function sendSignInAgain(parts: HttpParts, exchange: WithState): Promise<void> {
  return sendProblem(parts, exchange, "TWO_FACTOR_REQUIRED", {
    reason: "recent",
    action: { href: parts.settings.loginPath, label: "login" },
  });
}

/** There is no login in which anything could be proven. */
export function sendNoLogin(parts: HttpParts, exchange: Exchange): Promise<void> {
  return sendProblem(parts, exchange, "UNAUTHORIZED", { action: { href: parts.settings.loginPath, label: "login" } });
}

/** What the host's predicate closes to this user (`"never"`). */
export function sendSetupClosed(parts: HttpParts, exchange: WithState): Promise<void> {
  return sendProblem(parts, exchange, "SETUP_NOT_OFFERED", {
    action: { href: linksFor(parts, exchange).next, label: "home" },
  });
}

/** No code will do; a person is led to where a key is added. */
export function sendKeyRequired(parts: HttpParts, exchange: WithState): Promise<void> {
  return sendProblem(parts, exchange, "KEY_REQUIRED", {
    action: { href: linksFor(parts, exchange).keys, label: "keys" },
  });
}

/** What the host keeps for itself (`mayTurnOff`). */
export function sendDisableClosed(parts: HttpParts, exchange: WithState): Promise<void> {
  return sendProblem(parts, exchange, "DISABLE_NOT_OFFERED", {
    action: { href: linksFor(parts, exchange).account, label: "account" },
  });
}
