import type { Request } from "express";
import { passesAsProven, passesUnasked, type GateDecision } from "../core/gate";
import { needAfterReset } from "../core/need";
import { isEnrolled } from "../core/factor-entry";
import type { TwoFactorRecord } from "../core/record";
import { TwoFactorError } from "../errors";
import { linksFor, redirect, sendKeyRequired, sendProblem, sendRefused } from "./answers/answers";
import { sendLocked } from "./answers/refusals";
import { isRoot, throwIfSharedPath } from "./host-mistakes";
import { markLetIn } from "./session/let-in";
import { isHtmx, isNavigation, isTurbo, isWholePage } from "./answers/negotiate";
import { ownOrigin } from "./input/same-origin";
import { endIfOutlived, expireIfOverdue, withOwedSince } from "./session/pending-login";
import type { SessionState } from "./session/state";
import { isWhatItSeems, sitePathOf } from "./paths/site-path";
import { isUnder, otherOriginOf, pathOfThisSite, pathnameOf, withoutTrailingSlash } from "../options/path-of-site";
import {
  claimsOf,
  countsAs,
  demandsKey,
  hostAnswer,
  knownAs,
  needOf,
  originOf,
  callerOf,
  type Exchange,
  type HttpParts,
  type KnownCaller,
} from "./caller";

/**
 * Decides one request behind the gate, and answers it unless it may pass.
 * @returns whether the host goes on with it
 */
export async function passGate(parts: HttpParts, exchange: Exchange): Promise<boolean> {
  throwIfSharedPath(exchange.req, exchange.base, parts.settings.scope);
  parts.keeper.guard(exchange.req, exchange.res);
  const caller = await callerOf(parts, exchange);
  if (caller === undefined) parts.lookout.sawNobody(exchange.req, exchange.res);
  else parts.lookout.sawSomebody();
  if (caller === undefined || (await isAllowed(parts, exchange.req))) return true;
  const now = parts.service.clock();
  const need = await needOf(parts, caller, now);
  if (need.is === "never") return true;
  const mayPass = (record: TwoFactorRecord | undefined) =>
    passesUnasked(needAfterReset(need, record).is, isEnrolled(record));
  const claims = claimsOf(parts, caller);
  const access = await parts.service.access.confirm(caller.subject, claims, originOf(caller.req), mayPass);
  const isProven = countsAs(parts, access, await demandsKey(parts, caller));
  if (passesAsProven(isProven, caller.state.refused)) {
    await markLetIn(parts.underway, { ...caller, access });
    return true;
  }
  const known = await knownAs(parts, caller, { access, said: need, now });
  const decision = known.decided.gate;
  if (decision === "pass") return true;
  await turnAway(parts, known, decision);
  return false;
}

/** What somebody signed in but unproven may still reach: exact, undecoded paths of the site. */
export async function isAllowed({ settings }: HttpParts, req: Request): Promise<boolean> {
  const { allow, loginPath, logoutPath, pages } = settings;
  const site = sitePathOf(req);
  const path = withoutTrailingSlash(site);
  const ways = [loginPath, logoutPath].filter((way) => !isRoot(way));
  const always = [...ways, ...Object.values(pages ?? {})].filter((way) => way !== undefined);
  if (always.some((allowed) => withoutTrailingSlash(pathnameOf(allowed)) === path)) return true;
  if (typeof allow !== "function") return allow.some((allowed) => withoutTrailingSlash(allowed) === path);
  // What is behind may read such a path as another one than the predicate does.
  if (!isWhatItSeems(site) || !isWhatItSeems(pathnameOf(req.originalUrl))) return false;
  const answer: unknown = await hostAnswer(settings, "allow", () => allow(req));
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
  await keepWayBack(caller, decision);
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

/** Keeps the page first asked for and since when a proof is owed; saves only where either is news. */
async function keepWayBack(caller: KnownCaller, decision: GateDecision): Promise<void> {
  const { state, req, kept: login } = caller;
  const next = isNavigation(req) || isHtmx(req) || isTurbo(req) ? wayBack(req, caller.base) : undefined;
  const { owedSince: _, ...settled } = state;
  const kept: SessionState = decision === "setup" ? settled : withOwedSince(caller);
  if ((next === undefined || next === state.next) && kept.owedSince === state.owedSince) return;
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
