import type { PendingEnrolment } from "../../core/enrolment";
import type { Proof } from "../../core/proof";
import { canTypeCode, hasFactor } from "../../core/gate";
import { linksFor, redirect, sendProblem, sendRefusal, sendSetupClosed, sendSignInAgain } from "../answers";
import { hasHungUp } from "../hung-up";
import { wantsPage } from "../negotiate";
import { endIfOutlived } from "../pending-login";
import { renewSession, saveSession, writeState } from "../session";
import type { PageProblem } from "../views";
import { originOf, recentProof, type HttpParts, type KnownVisit } from "../visit";
import { confirmPage } from "./changes";
import { newProof } from "./verify";

type Allowed = readonly [replacing: boolean, proven: boolean];
const nothing: Allowed = [false, false];
const another: Allowed = [false, true];
const replacement: Allowed = [true, true];

export interface Begun {
  pending: PendingEnrolment;
  secret: string;
}

/**
 * The set-up that this session may go on with. One begun without a proof ends where there is a factor to prove by now; one
 * begun with a proof ends with the session's proof, which a logout ends in the record: in a copy of the session, too.
 */
export function pendingOf({ state, facts, standing }: KnownVisit): PendingEnrolment | undefined {
  const { pending } = state;
  if (pending?.proven || pending?.replacing) return standing.proof === undefined ? undefined : pending;
  return facts.enrolled || !hasFactor(facts) ? pending : undefined;
}

/** The set-up that this session has begun and can still confirm. */
export async function resume({ service }: HttpParts, visit: KnownVisit): Promise<Begun | undefined> {
  const pending = pendingOf(visit);
  const secret = await service.enrolments.resume(visit.subject, visit.standing.record, pending);
  return pending === undefined || secret === undefined ? undefined : { pending, secret };
}

export interface Wish {
  /** A code that came with the request: it is proof enough. */
  code?: unknown;
  /** Instead of the authenticator that there is. */
  replace?: boolean;
  /** Only a page was asked for: page loads at the same time begin one set-up. */
  byPageLoad?: boolean;
}

/**
 * The one place where a set-up begins, so the one that asks whether it may: nobody but this decides who is shown a key.
 * @returns `undefined` after another answer
 */
export async function begin(
  parts: HttpParts,
  visit: KnownVisit,
  { code, replace, byPageLoad }: Wish,
): Promise<Begun | undefined> {
  const { facts } = visit;
  if (facts.need === "never") {
    await sendSetupClosed(parts, visit);
    return undefined;
  }
  if (!hasFactor(facts)) {
    if (await endIfOutlived(parts, visit)) return undefined;
    return byPageLoad ? newKeyOnce(parts, visit, nothing) : newKey(parts, visit, nothing);
  }
  if (facts.enrolled) {
    if (replace !== true) await sendReplaceOnly(parts, visit);
    const proof = replace === true ? await provesToReplace(parts, visit, code) : undefined;
    return proof && newKey(parts, visit, replacement, proof);
  }
  if (recentProof(parts, visit) === undefined) {
    await askToProveAnew(parts, visit);
    return undefined;
  }
  return byPageLoad ? newKeyOnce(parts, visit, another) : newKey(parts, visit, another);
}

export const confirmReplace = (parts: HttpParts, visit: KnownVisit) => (problem?: PageProblem) =>
  confirmPage(parts, visit, "replace", problem);

const sendReplaceOnly = (parts: HttpParts, visit: KnownVisit) =>
  sendProblem(parts, visit, "TOTP_ALREADY_ENABLED", { page: confirmReplace(parts, visit) });

/** By a right code, or by a proof of the last minutes. @returns `undefined` after another answer */
async function provesToReplace(parts: HttpParts, visit: KnownVisit, code: unknown): Promise<Proof | undefined> {
  const { service } = parts;
  const { facts, subject, req } = visit;
  const page = confirmReplace(parts, visit);
  if (code === undefined || code === "") {
    const proof = recentProof(parts, visit);
    if (proof === undefined) await sendReplaceOnly(parts, visit);
    return proof;
  }
  const shape = service.submissions.shapeOf(code);
  if (shape === undefined) {
    await sendProblem(parts, visit, "VALIDATION_ERROR", { field: "code", reason: "malformed", page });
    return undefined;
  }
  const by = { shape, directCodes: facts.directCodes, change: true, isThere: () => !hasHungUp(req) };
  const result = await service.submissions.submit(subject, by, originOf(req));
  if (result.is === "passed") return newProof(parts, visit, result.record, result.method);
  await sendRefusal(parts, visit, result, page);
  return undefined;
}

/** A new key, which lives in this session alone. `proof`: what allowed it; the session keeps a fresh one. */
async function newKey({ service }: HttpParts, visit: KnownVisit, allowed: Allowed, proof?: Proof): Promise<Begun> {
  const { subject, req, state, standing } = visit;
  const begun = await service.enrolments.begin(subject, standing.record, ...allowed);
  const next = { ...state, pending: begun.pending, ...(proof && { proof }) };
  // A code has just proven a session that only a remembered browser let in.
  if (proof !== undefined && standing.proof === undefined) await renewSession(req, subject, next);
  else {
    writeState(req, subject, next);
    await saveSession(req);
  }
  return begun;
}

const beginning = new Map<string, Promise<Begun>>();

/** Page loads of one session at the same time begin one set-up: none of them sees in the session what another does. */
async function newKeyOnce(parts: HttpParts, visit: KnownVisit, allowed: Allowed): Promise<Begun> {
  const { req, subject, state } = visit;
  const { sessionID } = req as { sessionID?: string };
  const key = `${sessionID} ${subject.key}`;
  const other = sessionID === undefined ? undefined : await beginning.get(key);
  if (other !== undefined) {
    writeState(req, subject, { ...state, pending: other.pending });
    await saveSession(req);
    return other;
  }
  const begun = newKey(parts, visit, allowed).finally(() => beginning.delete(key));
  if (sessionID !== undefined) beginning.set(key, begun);
  return begun;
}

/** Adding a factor is a change of factors: to the code page and back to this one, or to the identity provider. */
async function askToProveAnew(parts: HttpParts, visit: KnownVisit): Promise<void> {
  const { req, subject, state, facts } = visit;
  if (!canTypeCode(facts)) return sendSignInAgain(parts, visit);
  const links = linksFor(parts, visit);
  writeState(req, subject, { ...state, stepUp: true, next: links.setup });
  await saveSession(req);
  if (wantsPage(req)) return redirect(visit, links.verify);
  return sendProblem(parts, visit, "TWO_FACTOR_REQUIRED", { reason: "recent" });
}
