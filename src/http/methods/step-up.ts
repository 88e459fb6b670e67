import { canTypeCode, hasFactor } from "../../core/gate";
import { isRecent } from "../../core/proof";
import { linksFor, sendNoLogin, sendProblem, sendSetupClosed, sendSignInAgain } from "../answers/answers";
import { redirect } from "../answers/send";
import { wayBack } from "../gate";
import { wantsPage } from "../answers/negotiate";
import { endIfOutlived } from "../session/pending-login";
import { sendKeysOnly } from "../routes/keys-only";
import { callerOf, type Exchange, type HttpParts, type KnownCaller } from "../caller";
import { know } from "../facts";

/**
 * Lets through who proved the second factor within the last `seconds`, and leads everybody else to the code page and
 * back (ASVS 5.0 7.5.3). Who has no factor is led to set one up.
 * @returns whether the host goes on with the request
 */
export async function passStepUp(
  parts: HttpParts,
  exchange: Exchange,
  { seconds, method }: { seconds: number; method?: string | undefined },
): Promise<boolean> {
  const { req } = exchange;
  parts.keeper.guard(req, exchange.res);
  const caller = await callerOf(parts, exchange);
  if (caller === undefined) {
    await sendNoLogin(parts, exchange);
    return false;
  }
  const known = await know(parts, caller);
  const { facts, access } = known;
  const { proof } = access;
  const isEnough = !known.onlyKeys || (proof !== undefined && parts.service.factors.isResistant(proof.method));
  const isRight = isEnough && (method === undefined || proof?.method === method);
  if (isRight && isRecent(proof, seconds, facts.enrolled, parts.service.clock())) return true;
  await turnAway(parts, known, method);
  return false;
}

async function turnAway(parts: HttpParts, caller: KnownCaller, method: string | undefined): Promise<void> {
  const { req, kept, state, facts } = caller;
  const canProve = canTypeCode(facts);
  if (!canProve && hasFactor(facts)) return sendSignInAgain(parts, caller);
  if (!canProve && facts.need === "never") return sendSetupClosed(parts, caller);
  if (!kept.isLogin) return sendNoLogin(parts, caller);
  if (!canProve && (await endIfOutlived(parts, caller))) return;
  const links = linksFor(parts, caller);
  const { factors } = parts.service;
  const needsKey = method !== undefined ? factors.isResistant(method) : caller.onlyKeys;
  if (canProve && needsKey && !factors.hasAsked(caller.access.record)) return sendKeysOnly(parts, caller);
  const to = canProve ? links.verify : links.setup;
  const next = wayBack(req, caller.base);
  kept.write({ ...state, stepUp: true, ...(method && { method }), ...(next !== undefined && { next }) });
  await kept.save();
  // A form's fields are lost on the way: it comes back to the page it was sent from.
  if (wantsPage(req)) return redirect(caller, to);
  const code = canProve ? "TWO_FACTOR_REQUIRED" : "TWO_FACTOR_SETUP_REQUIRED";
  return sendProblem(parts, caller, code, {
    reason: "recent",
    action: { href: to, label: canProve ? "verify" : "setup" },
  });
}
