import { statusOfCode, type TwoFactorError } from "../../errors";
import { know, callerOf, type Exchange, type HttpParts, type KnownCaller } from "../caller";
import {
  linksFor,
  redirect,
  sendLocked,
  sendLoginExpired,
  sendProblem,
  sendRefused,
  sendTooOften,
} from "../answers/answers";
import { readFields, type Fields } from "../input/body";
import { keepDeadSessionDead } from "../session/dead-sessions";
import { aBox, aCode, aCodeOrNone, anAuthenticatorCode, aTextOrNone, type FieldCheck } from "../input/field-checks";
import { isNavigation, wantsPage } from "../answers/negotiate";
import { endIfOutlived, expireIfOverdue, keepLogin } from "../session/pending-login";
import { isFromHere } from "../input/same-origin";
import { hasEnded, saveSession, writeState } from "../session/state";
import { withoutTrailingSlash } from "../../options/path-of-site";
import { lockOf } from "../../core/attempts";
import type { BudgetName } from "../../service/budgets";
import { decideGate, decideOwn } from "../../core/gate";
import { sendAsset } from "./assets";
import { showAccount } from "./account";
import { askDisable, askRegenerate, disable, forgetBrowsers, regenerate } from "./changes";
import { beginSetup, confirmSetup, showSetup } from "./setup";
import { sendCode, showVerify, verify } from "./verify";

export type Handler = (parts: HttpParts, caller: KnownCaller, fields: Fields) => Promise<void>;

interface Route {
  handler: Handler;
  /** Open to somebody who still owes a proof. */
  unproven?: true;
  /** What a `POST` brings along. */
  fields?: Readonly<Record<string, FieldCheck>>;
  /** What it costs the server, where no code is asked for it. `forPages`: a program's answer costs next to nothing. */
  budget?: { name: BudgetName; forPages?: true };
}

const forSetup = { name: "setup" } as const;

/** All routes of ours, below the mount. */
const routes: Readonly<Record<string, Readonly<Partial<Record<"GET" | "POST", Route>>>>> = {
  "/": { GET: { handler: showAccount } },
  "/setup": {
    GET: { handler: showSetup, budget: forSetup },
    POST: { handler: beginSetup, fields: { code: aCodeOrNone }, budget: forSetup },
  },
  "/setup/verify": {
    POST: { handler: confirmSetup, fields: { code: anAuthenticatorCode }, budget: { ...forSetup, forPages: true } },
  },
  "/verify": {
    GET: { handler: showVerify, unproven: true },
    POST: { handler: verify, unproven: true, fields: { code: aCode, remember: aBox } },
  },
  "/verify/send": { POST: { handler: sendCode, unproven: true } },
  "/recovery-codes": {
    GET: { handler: askRegenerate },
    POST: { handler: regenerate, fields: { code: aCodeOrNone }, budget: { name: "recoveryCodes" } },
  },
  "/disable": { GET: { handler: askDisable }, POST: { handler: disable, fields: { code: aCodeOrNone } } },
  "/browsers/forget": { POST: { handler: forgetBrowsers, fields: { code: aCodeOrNone, id: aTextOrNone } } },
};

/** Answers whatever is asked below the mount: nothing there falls through to the host. */
export async function serveRoute(parts: HttpParts, exchange: Exchange, path: string): Promise<void> {
  const { req, res } = exchange;
  const { settings } = parts;
  const name = withoutTrailingSlash(path === "" ? "/" : path).toLowerCase();
  if (name.startsWith("/assets/")) return sendAsset(parts, exchange, name);

  keepDeadSessionDead(req, res);
  const known = Object.hasOwn(routes, name) ? routes[name] : undefined;
  if (known === undefined) return sendProblem(parts, exchange, "NOT_FOUND");
  const method = req.method === "HEAD" ? "GET" : req.method;
  const route = method === "GET" || method === "POST" ? known[method] : undefined;
  if (route === undefined) {
    res.set(
      "Allow",
      Object.keys(known)
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
  if (method === "POST" && (await hasEnded(req))) return sendLoginExpired(parts, exchange);
  const caller = await callerOf(parts, exchange);
  if (caller === undefined) {
    return sendProblem(parts, exchange, "UNAUTHORIZED", { action: { href: settings.loginPath, label: "login" } });
  }
  if ("problem" in body) return sendProblem(parts, caller, body.problem.code, { detail: body.problem.detail });
  const malformed = malformedField(parts, route, body.fields);
  // Who is shown the form again is an exception: drawing it takes the record.
  if (malformed !== undefined && !wantsPage(req)) return sendMalformed(parts, caller, malformed);

  const ready = await know(parts, caller);
  const decision = decideOwn(ready.facts);
  if (decision === "refused") return sendRefused(parts, ready);
  if (await expireIfOverdue(parts, ready, decision)) return;
  if (decision === "setup" && (await endIfOutlived(parts, ready))) return;
  const timed = await keepLogin(parts, ready);
  if (route.unproven || decision === "pass" || decision === "setup") {
    return serve(parts, timed, route, body.fields, malformed);
  }
  return askForProof(parts, timed);
}

/** Within the budget of the user, who is the session's: whoever shares an address shares nothing else. */
async function serve(
  parts: HttpParts,
  caller: KnownCaller,
  { handler, budget }: Route,
  fields: Fields,
  malformed: string | undefined,
): Promise<void> {
  // What is malformed costs nothing but the form that is drawn again; without it, it is told all the same.
  const isFree = budget === undefined || (budget.forPages ? !wantsPage(caller.req) : malformed !== undefined);
  if (isFree) return handler(parts, caller, fields);
  const { budgets } = parts.service;
  const wait = budgets.take(budget.name, caller.subject);
  if (wait > 0)
    return malformed === undefined ? sendTooOften(parts, caller, wait) : sendMalformed(parts, caller, malformed);
  await handler(parts, caller, fields);
  // Refused for want of a proof, or with nothing to do: that cost nothing, and is asked again with a code.
  if (nothingMade.has(caller.res.statusCode)) budgets.giveBack(budget.name, caller.subject);
}

const nothingMade: ReadonlySet<number> = new Set([statusOfCode.TWO_FACTOR_REQUIRED, statusOfCode["2FA_NOT_ENABLED"]]);

const malformedField = (parts: HttpParts, { fields }: Route, given: Fields): string | undefined =>
  Object.entries(fields ?? {}).find(([name, isRight]) => !isRight(given[name], parts))?.[0];

const sendMalformed = (parts: HttpParts, exchange: Exchange, field: string) =>
  sendProblem(parts, exchange, "VALIDATION_ERROR", {
    field,
    ...(field === "code" && { reason: "malformed" as const }),
  });

/** Somebody who has a factor proves it first; the lock is told as such. */
async function askForProof(parts: HttpParts, caller: KnownCaller): Promise<void> {
  const to = linksFor(parts, caller).verify;
  if (isNavigation(caller.req)) {
    await owePage(caller);
    return redirect(caller, to);
  }
  const lock = caller.access.record && lockOf(caller.access.record.attempts, parts.service.clock());
  if (lock !== undefined) return sendLocked(parts, caller, lock);
  return sendProblem(parts, caller, "TWO_FACTOR_REQUIRED", { action: { href: to, label: "verify" } });
}

/** The gate asks these for nothing, so the session says that the page which they want does; they come back to it. */
async function owePage({ req, subject, state, facts, base }: KnownCaller): Promise<void> {
  if (decideGate(facts) !== "pass" || state.stepUp) return;
  writeState(req, subject, { ...state, stepUp: true, next: `${base}${req.path === "/" ? "" : req.path}` });
  await saveSession(req);
}

/** The problem document of a fault; what it says to people tells nothing of the inside. */
export async function sendFault(parts: HttpParts, exchange: Exchange, { code }: TwoFactorError): Promise<void> {
  if (code === "LOGIN_SESSION_EXPIRED") return sendLoginExpired(parts, exchange);
  await sendProblem(parts, exchange, code, { ...(code === "STORE_UNAVAILABLE" && { retryAfterSeconds: 5 }) });
}
