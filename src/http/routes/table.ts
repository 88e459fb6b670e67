import { opensSetup } from "../../core/gate";
import { statusOfCode, type TwoFactorError } from "../../errors";
import { callerOf, type Exchange, type HttpParts, type KnownCaller } from "../caller";
import { know } from "../facts";
import {
  linksFor,
  sendLoginExpired,
  sendNoLogin,
  sendProblem,
  sendRefused,
  sendSetupClosed,
  sendTooOften,
} from "../answers/answers";
import { redirect } from "../answers/send";
import { sendLocked } from "../answers/refusals";
import { readFields, type Fields } from "../input/body";
import {
  aBox,
  anEnrolmentCodeOrNone,
  aConfirmation,
  aProof,
  aProofOrNone,
  aTextOrNone,
  readInput,
} from "../input/fields";
import type { Page, PageProblem } from "../render/pages";
import { isNavigation, showPages, wantsPage } from "../answers/negotiate";
import { endIfOutlived, expireIfOverdue, keepLogin } from "../session/pending-login";
import { isFromHere } from "../input/same-origin";
import { sendAsset } from "./assets";
import { showAccount } from "./account";
import {
  againDisable,
  againForget,
  againRegenerate,
  askDisable,
  askRegenerate,
  disable,
  forgetBrowsers,
  regenerate,
} from "./changes";
import { sendKeysOnly } from "./keys-only";
import { withChallenge } from "./answered";
import { keyRoutes } from "./key-routes";
import { withRecoveryOffer } from "./recovery";
import { codesSaved, sendCodesFile, showCodesAgain } from "./recovery-codes-page";
import { recoveryRoutes } from "./recovery-routes";
import { withFirstEnrolment } from "./first-enrolment";
import { get, post, type Handler, type Route, type Routes } from "./route";
import { againBegin, againSetup, beginSetup, confirmSetup, showSetup } from "./setup";
import { againVerify, sendCode, showVerify, verify } from "./verify";

const forSetup = { name: "setup" } as const;

/** All routes of ours, below the mount. */
const routes: Routes = {
  "/": { GET: get(showAccount) },
  "/setup": {
    GET: get(showSetup, { budget: forSetup, recovering: true }),
    POST: post(
      beginSetup,
      { code: aProofOrNone, replace: aBox, enrolmentCode: anEnrolmentCodeOrNone },
      { again: againBegin, budget: forSetup, purpose: "setup", recovering: true },
    ),
  },
  "/setup/verify": {
    POST: post(
      confirmSetup,
      { code: aConfirmation },
      { again: againSetup, budget: { ...forSetup, forPages: true }, recovering: true },
    ),
  },
  "/verify": {
    GET: get(showVerify, { unproven: true }),
    POST: post(
      verify,
      { code: aProof, remember: aBox, newRecoveryCodes: aBox },
      { unproven: true, again: againVerify, purpose: "sign-in" },
    ),
  },
  "/verify/send": { POST: post(sendCode, {}, { unproven: true }) },
  ...keyRoutes,
  ...recoveryRoutes,
  "/recovery-codes": {
    GET: get(askRegenerate),
    POST: post(
      regenerate,
      { code: aProofOrNone },
      { again: againRegenerate, budget: { name: "recoveryCodes" }, purpose: "recovery-codes" },
    ),
  },
  "/recovery-codes/again": { GET: get(showCodesAgain) },
  "/recovery-codes/file": { POST: post(sendCodesFile, {}) },
  "/recovery-codes/saved": { POST: post(codesSaved, {}) },
  "/disable": {
    GET: get(askDisable),
    POST: post(disable, { code: aProofOrNone }, { again: againDisable, purpose: "disable" }),
  },
  "/browsers/forget": {
    POST: post(forgetBrowsers, { code: aProofOrNone, id: aTextOrNone }, { again: againForget, purpose: "browsers" }),
  },
};

/** Answers whatever is asked below the mount: nothing there falls through to the host. */
export async function serveRoute(parts: HttpParts, exchange: Exchange, path: string): Promise<void> {
  const { req, res } = exchange;
  const { settings } = parts;
  const name = path.toLowerCase();
  if (name.startsWith("/assets/")) return sendAsset(parts, exchange, name);

  const known = Object.hasOwn(routes, name) ? routes[name] : undefined;
  const isLoaded = parts.service.factors.asked !== undefined;
  const isThere = ({ ofKeys, ofRecovery }: Route) => (!ofKeys || isLoaded) && (!ofRecovery || settings.recovery);
  const found = known !== undefined && Object.values(known).every(isThere) ? known : undefined;
  parts.keeper.guard(req, res);
  if (found === undefined) return sendProblem(parts, exchange, "NOT_FOUND");
  // Whoever follows a link in a mail has a browser, whatever the app is.
  if (Object.values(found).some((route) => route.byLink !== undefined)) showPages(req, "cookie");
  const method = req.method === "HEAD" ? "GET" : req.method;
  const route = method === "GET" || method === "POST" ? found[method] : undefined;
  if (route === undefined) {
    // It stands in the address bar after a mistake, and people reload it.
    if (method === "GET" && wantsPage(req)) return redirect(exchange, `${exchange.base}${pageAbove(name)}`);
    res.set(
      "Allow",
      Object.keys(found)
        .flatMap((allowed) => (allowed === "GET" ? ["GET", "HEAD"] : [allowed]))
        .join(", "),
    );
    return sendProblem(parts, exchange, "METHOD_NOT_ALLOWED");
  }
  if (method === "POST" && !isFromHere(req, settings.allowedOrigins)) {
    return sendProblem(parts, exchange, "CROSS_SITE_REQUEST");
  }
  // First, for a sender can take all day over it, and the session is to be trusted as it is then.
  const body = method === "POST" ? await readFields(req) : { fields: {} };
  if (route.byLink !== undefined) return route.byLink(parts, exchange);
  if (method === "POST" && (await parts.keeper.hasEnded(req))) return sendLoginExpired(parts, exchange);
  const caller = await callerOf(parts, exchange);
  if (caller === undefined) {
    return sendNoLogin(parts, exchange);
  }
  if ("problem" in body) return sendProblem(parts, caller, body.problem.code, { detail: body.problem.detail });
  const read = readInput<object>(route.input, body.fields, parts);
  // Who is shown the form again is an exception: drawing it takes the record.
  if ("malformed" in read && !wantsPage(req)) return sendMalformed(parts, caller, read.malformed);

  const ready = await know(parts, caller);
  const decision = ready.decided.own;
  // Of whom nothing is asked, a machine's request say: what it may see it sees, and it sets up and proves nothing.
  if (!ready.kept.isLogin && (name !== "/" || decision !== "pass")) {
    return route.recovering ? sendSetupClosed(parts, ready) : sendNoLogin(parts, ready);
  }
  if (decision === "refused") return sendRefused(parts, ready);
  if (await expireIfOverdue(parts, ready, decision)) return;
  if (decision === "setup" && (await endIfOutlived(parts, ready))) return;
  const timed = await keepLogin(parts, ready);
  // What was proven is enough to set a key up, and for nothing else.
  if (timed.facts.half && decision === "setup" && !route.unproven && !route.addsKey) return sendKeysOnly(parts, timed);
  const isOpen = route.unproven || (route.recovering && opensSetup(timed.facts));
  if (isOpen || decision === "pass" || decision === "setup") {
    const offers = route.unproven && settings.recovery !== undefined;
    const known = route.unproven ? timed : await withFirstEnrolment(parts, timed);
    return serve(parts, offers ? await withRecoveryOffer(parts, known) : known, route, { ...read, ...body });
  }
  return askForProof(parts, timed);
}

/** Within the budget of the user, who is the session's: whoever shares an address shares nothing else. */
async function serve(
  parts: HttpParts,
  caller: KnownCaller,
  { handler, again, budget, purpose = "sign-in" }: Route,
  read: ({ input: object } | { malformed: string }) & { fields: Fields },
): Promise<void> {
  const { budgets } = parts.service;
  // What is malformed costs nothing but the form that is drawn again; without it, it is told all the same.
  const isFree = budget === undefined || (budget.forPages ? !wantsPage(caller.req) : "malformed" in read);
  const wait = isFree ? 0 : budgets.take(budget.name, caller.subject);
  if ("malformed" in read) {
    const page = wait > 0 ? undefined : await again?.(parts, caller, read.fields);
    return sendMalformed(parts, caller, read.malformed, page);
  }
  if (wait > 0) return sendTooOften(parts, caller, wait);
  // Where no kind asks for an answer, no input is one.
  if (parts.service.factors.asked === undefined) await (handler as Handler)(parts, caller, read.input);
  else {
    await withChallenge(parts, caller, read, { purpose, again }, (known, input) =>
      (handler as Handler)(parts, known, input),
    );
  }
  // Refused for want of a proof, or with nothing to do: that cost nothing, and is asked again with a code. Wrong codes
  // are counted by themselves: they take nothing from whoever has the right one.
  if (!isFree && nothingMade.has(caller.res.statusCode)) budgets.giveBack(budget.name, caller.subject);
}

/** The page that a form stands on, by its address: `/setup` of `/setup/verify`; the account page of what has none. */
function pageAbove(name: string): string {
  const above = name.slice(0, name.lastIndexOf("/"));
  return routes[above]?.GET === undefined ? "" : above;
}

const nothingMade: ReadonlySet<number> = new Set([
  statusOfCode.TWO_FACTOR_REQUIRED,
  statusOfCode["2FA_NOT_ENABLED"],
  statusOfCode.INVALID_ENROLMENT_CODE,
]);

/** Of what people type, or what a key has answered. */
const malformedFields: ReadonlySet<string> = new Set(["code", "enrolmentCode", "key", "response"]);

const sendMalformed = (
  parts: HttpParts,
  exchange: Exchange,
  field: string,
  page?: (problem: PageProblem) => Page,
): Promise<void> =>
  sendProblem(parts, exchange, "VALIDATION_ERROR", {
    field,
    ...(malformedFields.has(field) && { reason: "malformed" as const }),
    ...(page && { page }),
  });

/** Somebody who has a factor proves it first; the lock is told as such. */
async function askForProof(parts: HttpParts, caller: KnownCaller): Promise<void> {
  const to = linksFor(parts, caller).verify;
  if (isNavigation(caller.req)) {
    await owePage(caller);
    return redirect(caller, to);
  }
  if (caller.lock !== undefined) return sendLocked(parts, caller, caller.lock);
  return sendProblem(parts, caller, "TWO_FACTOR_REQUIRED", { action: { href: to, label: "verify" } });
}

/** The gate asks these for nothing, so the session says that the page which they want does; they come back to it. */
async function owePage({ req, kept, state, decided, base }: KnownCaller): Promise<void> {
  if (decided.gate !== "pass" || state.stepUp) return;
  kept.write({ ...state, stepUp: true, next: `${base}${req.path === "/" ? "" : req.path}` });
  await kept.save();
}

/** The problem document of a fault; what it says to people tells nothing of the inside. */
export async function sendFault(parts: HttpParts, exchange: Exchange, { code }: TwoFactorError): Promise<void> {
  if (code === "LOGIN_SESSION_EXPIRED") return sendLoginExpired(parts, exchange);
  await sendProblem(parts, exchange, code, { ...(code === "STORE_UNAVAILABLE" && { retryAfterSeconds: 5 }) });
}
