import type { Request } from "express";
import { decideGate, type GateDecision } from "../core/gate";
import { lockOf } from "../core/attempts";
import { needAfterReset } from "../core/need";
import { isEnrolled, type TwoFactorRecord } from "../core/record";
import { TwoFactorError } from "../errors";
import { linksFor, redirect, sendLocked, sendProblem, sendRefused } from "./answers";
import { isRoot, throwIfSharedPath } from "./host-mistakes";
import { markLetIn } from "./let-in";
import { isNavigation } from "./negotiate";
import { guardDeadSession } from "./dead-sessions";
import { endIfOutlived, expireIfOverdue, withOwedSince } from "./pending-login";
import { saveSession, writeState, type SessionState } from "./session";
import { isWhatItSeems, pathnameOf, sitePathOf } from "./site-path";
import { isUnder, pathOfThisSite, withoutTrailingSlash } from "./way-back";
import {
  claimsOf,
  hostAnswer,
  knownAs,
  needOf,
  originOf,
  visitOf,
  type Exchange,
  type HttpParts,
  type KnownVisit,
} from "./visit";

/**
 * Decides one request behind the gate, and answers it unless it may pass.
 * @returns whether the host goes on with it
 */
export async function passGate(parts: HttpParts, exchange: Exchange): Promise<boolean> {
  throwIfSharedPath(exchange.req, exchange.base, parts.settings.scope);
  guardDeadSession(exchange.req, exchange.res);
  const visit = await visitOf(parts, exchange);
  if (visit === undefined) parts.lookout.sawNobody(exchange.req, exchange.res);
  else parts.lookout.sawSomebody();
  if (visit === undefined || (await isAllowed(parts, exchange.req))) return true;
  const need = await needOf(parts, visit);
  if (need.is === "never") return true;
  const mayPass = (record: TwoFactorRecord | undefined) =>
    needAfterReset(need, record).is === "may" && !isEnrolled(record);
  const claims = claimsOf(parts, visit);
  const standing = await parts.service.standings.confirm(visit.subject, claims, originOf(visit.req), mayPass);
  const isProven = standing.proof !== undefined || standing.browser !== undefined;
  if (isProven && !visit.state.refused) {
    await markLetIn({ ...visit, standing });
    return true;
  }
  const known = await knownAs(parts, visit, standing, need);
  const decision = decideGate(known.facts);
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

async function turnAway(parts: HttpParts, visit: KnownVisit, decision: Exclude<GateDecision, "pass">): Promise<void> {
  if (decision === "refused") return sendRefused(parts, visit);
  const asked = [sitePathOf(visit.req), pathnameOf(visit.req.originalUrl)];
  if (asked.some((path) => isUnder(path, visit.base))) {
    throw new TwoFactorError(
      "MISCONFIGURED",
      "The gate stands before its own pages, which could then never be reached: mount tfa.routes before tfa.gate, " +
        "and rewrite no address of theirs before it.",
    );
  }
  if (await expireIfOverdue(parts, visit, decision)) return;
  if (decision === "setup" && (await endIfOutlived(parts, visit))) return;
  await keepWayBack(parts, visit, decision);
  const links = linksFor(parts, visit);
  const to = decision === "setup" ? links.setup : links.verify;
  if (isNavigation(visit.req)) return redirect(visit, to);
  const lock = visit.standing.record && lockOf(visit.standing.record.attempts, parts.service.clock());
  if (decision === "locked" && lock !== undefined) return sendLocked(parts, visit, lock);
  if (decision === "setup") {
    return sendProblem(parts, visit, "TWO_FACTOR_SETUP_REQUIRED", { action: { href: to, label: "setup" } });
  }
  return sendProblem(parts, visit, "TWO_FACTOR_REQUIRED", { action: { href: to, label: "verify" } });
}

/** Keeps the page first asked for and since when a proof is owed; saves only where either is news. */
async function keepWayBack(parts: HttpParts, visit: KnownVisit, decision: GateDecision): Promise<void> {
  const { state, req, subject } = visit;
  const next = isNavigation(req) ? wayBack(req, visit.base) : undefined;
  const { owedSince: _, ...settled } = state;
  const kept: SessionState = decision === "setup" ? settled : withOwedSince(parts, visit);
  if ((next === undefined || next === state.next) && kept.owedSince === state.owedSince) return;
  writeState(req, subject, { ...kept, ...(next !== undefined && { next }) });
  await saveSession(req);
}

/** @returns the address to come back to, as the browser wrote it; nothing of ours, and nothing of another site */
export function wayBack(req: Request, base: string): string | undefined {
  const url = pathOfThisSite(req.originalUrl);
  return url === undefined || isUnder(pathnameOf(url), base) ? undefined : url;
}
