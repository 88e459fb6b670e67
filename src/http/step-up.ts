import type { Request } from "express";
import { canTypeCode, hasFactor } from "../core/gate";
import { isRecent } from "../core/proof";
import { linksFor, redirect, sendProblem, sendSetupClosed, sendSignInAgain } from "./answers";
import { guardDeadSession } from "./dead-sessions";
import { wayBack } from "./gate";
import { isNavigation, wantsPage } from "./negotiate";
import { endIfOutlived } from "./pending-login";
import { ownOrigin } from "./same-origin";
import { saveSession, writeState } from "./session";
import { isUnder, pathOfThisSite } from "./way-back";
import { know, visitOf, type Exchange, type HttpParts, type KnownVisit } from "./visit";

/**
 * Lets through who proved the second factor within the last `seconds`, and leads everybody else to the code page and
 * back (ASVS 5.0 7.5.3). Who has no factor is led to set one up.
 * @returns whether the host goes on with the request
 */
export async function passStepUp(parts: HttpParts, exchange: Exchange, seconds: number): Promise<boolean> {
  const { req } = exchange;
  guardDeadSession(req, exchange.res);
  const visit = await visitOf(parts, exchange);
  if (visit === undefined) {
    await sendProblem(parts, exchange, "UNAUTHORIZED", { action: { href: parts.settings.loginPath, label: "login" } });
    return false;
  }
  const known = await know(parts, visit);
  const { facts, standing } = known;
  if (isRecent(standing.proof, seconds, facts.enrolled, parts.service.clock())) return true;
  await turnAway(parts, known);
  return false;
}

async function turnAway(parts: HttpParts, visit: KnownVisit): Promise<void> {
  const { req, subject, state, facts } = visit;
  const canProve = canTypeCode(facts);
  if (!canProve && hasFactor(facts)) return sendSignInAgain(parts, visit);
  if (!canProve && facts.need === "never") return sendSetupClosed(parts, visit);
  if (!canProve && (await endIfOutlived(parts, visit))) return;
  const links = linksFor(parts, visit);
  const to = canProve ? links.verify : links.setup;
  const next = isNavigation(req) ? wayBack(req, visit.base) : sentFrom(req, visit.base);
  writeState(req, subject, { ...state, stepUp: true, ...(next !== undefined && { next }) });
  await saveSession(req);
  // A form's fields are lost on the way: it comes back to the page it was sent from.
  if (wantsPage(req)) return redirect(visit, to);
  const code = canProve ? "TWO_FACTOR_REQUIRED" : "TWO_FACTOR_SETUP_REQUIRED";
  return sendProblem(parts, visit, code, { reason: "recent" });
}

/** The page of this site that an unsafe request was sent from. */
function sentFrom(req: Request, base: string): string | undefined {
  const referer = req.get("referer");
  const origin = ownOrigin(req);
  if (referer === undefined || origin === undefined || !URL.canParse(referer)) return undefined;
  const url = new URL(referer);
  if (url.origin !== origin) return undefined;
  const path = pathOfThisSite(url.pathname + url.search);
  return path === undefined || isUnder(url.pathname, base) ? undefined : path;
}
