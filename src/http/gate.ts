import type { Request } from "express";
import { passesAsProven, passesUnasked, type GateDecision } from "../core/gate";
import { needAfterReset, type Need } from "../core/need";
import { isEnrolled } from "../core/factor-entry";
import { TwoFactorError } from "../errors";
import type { Settings } from "../options";
import type { Awaitable } from "../options/values";
import { linksFor, sendKeyRequired, sendProblem, sendRefused } from "./answers/answers";
import { redirect } from "./answers/send";
import { sendLocked } from "./answers/refusals";
import { isRoot, throwIfSharedPath } from "./host-mistakes";
import { isHtmx, isNavigation, isTurbo, isWholePage } from "./answers/negotiate";
import { ownOrigin } from "./input/same-origin";
import { endPassWithLogin } from "./session/ended-login";
import { endIfOutlived, expireIfOverdue, markLetIn, withOwed } from "./session/pending-login";
import type { SessionState } from "./session/state";
import { sitePathOf } from "./paths/bases";
import { isWhatItSeems } from "./paths/spelling";
import { isUnder, otherOriginOf, pathOfThisSite, pathnameOf, withoutTrailingSlash } from "../options/path-of-site";
import { hostAnswer, needOf, callerOf, type Caller, type Exchange, type HttpParts, type KnownCaller } from "./caller";
import { claimsOf, countsAs, demandsKey, knownAs, originOf } from "./facts";

/**
 * Decides one request behind the gate, and answers it unless it may pass.
 * @returns whether the host goes on with it
 */
export function passGate(parts: HttpParts, exchange: Exchange): Awaitable<boolean> {
  throwIfSharedPath(exchange.req, exchange.base, parts.settings.scope);
  parts.keeper.guard(exchange.req, exchange.res);
  const caller = callerOf(parts, exchange);
  return caller instanceof Promise
    ? caller.then((known) => passCaller(parts, exchange, known))
    : passCaller(parts, exchange, caller);
}

function passCaller(parts: HttpParts, { req, res }: Exchange, caller: Caller | undefined): Awaitable<boolean> {
  const { lookout } = parts;
  if (caller === undefined) {
    lookout.sawNobody(req, res);
    return true;
  }
  if (!lookout.isSettled()) lookout.sawSomebody();
  if (caller.state.proof === undefined) endPassWithLogin(parts, caller);
  const allowed = isAllowed(parts, req);
  if (allowed instanceof Promise) return allowed.then((passes) => passes || passNeeding(parts, caller));
  return allowed || passNeeding(parts, caller);
}

function passNeeding(parts: HttpParts, caller: Caller): Awaitable<boolean> {
  const now = parts.service.clock();
  const need = needOf(parts, caller, now);
  return need instanceof Promise
    ? need.then((said) => passRecent(parts, caller, said, now))
    : passRecent(parts, caller, need, now);
}

/** Most requests end here, at once, and with nothing asked or written. */
function passRecent(parts: HttpParts, caller: Caller, said: Need, now: number): Awaitable<boolean> {
  if (said.is === "never") return true;
  const recent = parts.service.access.recent(caller.subject, caller.state.proof);
  if (recent?.proof !== undefined) {
    const onlyKeys = demandsKey(parts, caller);
    const passes = (only: boolean) =>
      passesAsProven(countsAs(parts, recent, only), caller.state.refused) || passRead(parts, caller, said, now);
    return onlyKeys instanceof Promise ? onlyKeys.then(passes) : passes(onlyKeys);
  }
  if (recent !== undefined && passesUnasked(needAfterReset(said, recent.record).is, isEnrolled(recent.record))) {
    return true;
  }
  return passRead(parts, caller, said, now);
}

async function passRead(parts: HttpParts, caller: Caller, said: Need, now: number): Promise<boolean> {
  const origin = originOf(caller.req);
  const access = await parts.service.access.confirm(caller.subject, claimsOf(parts, caller), origin);
  const need = needAfterReset(said, access.record);
  const known = await knownAs(parts, caller, { access, need, now, origin });
  const decision = known.decided.gate;
  if (decision !== "pass") {
    await turnAway(parts, known, decision);
    return false;
  }
  if (known.facts.proven) await markLetIn(parts.underway, known);
  return true;
}

/** The login, the logout, the host's own pages and the list `allow`, as a browser may write each: with a slash at its end, or not. */
export function openPathsOf({ allow, loginPath, logoutPath, pages }: Settings): ReadonlySet<string> {
  const ways = [loginPath, logoutPath].filter((way) => !isRoot(way));
  const always = [...ways, ...Object.values(pages ?? {})].filter((way) => way !== undefined).map(pathnameOf);
  const paths = [...always, ...(typeof allow === "function" ? [] : allow)].map(withoutTrailingSlash);
  return new Set(paths.flatMap((path) => (path === "/" ? [path] : [path, `${path}/`])));
}

/** What somebody signed in but unproven may still reach: exact, undecoded paths of the site. */
export function isAllowed({ settings, openPaths }: HttpParts, req: Request): Awaitable<boolean> {
  const { allow } = settings;
  const site = sitePathOf(req);
  if (openPaths.has(site)) return true;
  if (typeof allow !== "function") return false;
  // What is behind may read such a path as another one than the predicate does.
  if (!isWhatItSeems(site) || !isWhatItSeems(pathnameOf(req.originalUrl))) return false;
  const answer: unknown = hostAnswer(settings, "allow", () => allow(req));
  return answer instanceof Promise ? answer.then(allowSaid) : allowSaid(answer);
}

function allowSaid(answer: unknown): boolean {
  if (typeof answer === "boolean") return answer;
  throw new TwoFactorError("MISCONFIGURED", `allow must answer true or false; it answered a ${typeof answer}.`);
}

async function turnAway(parts: HttpParts, caller: KnownCaller, decision: Exclude<GateDecision, "pass">): Promise<void> {
  if (decision === "refused") return sendRefused(parts, caller);
  const asked = [sitePathOf(caller.req), pathnameOf(caller.req.originalUrl)];
  if (asked.some((path) => isUnder(path, caller.base))) {
    throw new TwoFactorError(
      "MISCONFIGURED",
      "The gate stands before its own pages, which could then never be reached: mount tfa.routes before tfa.gate, " +
        "and rewrite no address of theirs before it.",
    );
  }
  if (await expireIfOverdue(parts, caller, decision)) return;
  if (decision === "setup" && (await endIfOutlived(parts, caller))) return;
  await keepWayBack(parts, caller, decision);
  const links = linksFor(parts, caller);
  const to = decision !== "setup" ? links.verify : caller.facts.half ? links.keys : links.setup;
  throwIfAskedFor(caller.req, to);
  // Turbo's forms, too: it shows no page that comes as a refusal unless it is one of the host's own.
  if (isNavigation(caller.req) || isTurbo(caller.req)) return redirect(caller, to);
  if (decision === "locked" && caller.lock !== undefined) return sendLocked(parts, caller, caller.lock);
  if (decision === "setup" && caller.facts.half) return sendKeyRequired(parts, caller);
  if (decision === "setup") {
    return sendProblem(parts, caller, "TWO_FACTOR_SETUP_REQUIRED", { action: { href: to, label: "setup" } });
  }
  return sendProblem(parts, caller, "TWO_FACTOR_REQUIRED", { action: { href: to, label: "verify" } });
}

/** A page of this site that is written like one of another origin would lead to itself for ever. */
function throwIfAskedFor(req: Request, to: string): void {
  if (otherOriginOf(to) === undefined || pathnameOf(`${ownOrigin(req)}${req.originalUrl}`) !== pathnameOf(to)) return;
  throw new TwoFactorError(
    "MISCONFIGURED",
    "`pages` names a page of this very site by its full address: write its path alone.",
  );
}

/** Keeps the page first asked for, and since when a proof is owed; saves only where something of it is news. */
async function keepWayBack(parts: HttpParts, caller: KnownCaller, decision: GateDecision): Promise<void> {
  const { state, req, kept: login } = caller;
  const next = isNavigation(req) || isHtmx(req) || isTurbo(req) ? wayBack(req, caller.base) : undefined;
  const { owedSince: _, ...settled } = state;
  const kept: SessionState = decision === "setup" ? settled : withOwed(parts, caller);
  const isKnown = (["owedSince", "askedAs", "seenAt"] as const).every((name) => kept[name] === state[name]);
  if ((next === undefined || next === state.next) && isKnown) return;
  login.write({ ...kept, ...(next !== undefined && { next }) });
  await login.save();
}

/**
 * @returns the address to come back to, as the browser wrote it: the page that was asked for or, where that is none (a
 * part, a form, a program's call), the page that asked; nothing of ours, and nothing of another site
 */
export function wayBack(req: Request, base: string): string | undefined {
  const url = isWholePage(req) ? pathOfThisSite(req.originalUrl) : sentFrom(req);
  return url === undefined || isUnder(pathnameOf(url), base) ? undefined : url;
}

/** The page of this site that a request was sent from. */
function sentFrom(req: Request): string | undefined {
  const page = req.get("hx-current-url") ?? req.get("referer");
  if (page === undefined || !URL.canParse(page)) return undefined;
  const { origin, pathname, search } = new URL(page);
  return origin === ownOrigin(req) ? pathOfThisSite(pathname + search) : undefined;
}
