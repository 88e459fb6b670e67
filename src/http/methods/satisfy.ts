import type { Request } from "express";
import { isAsked } from "../../core/gate";
import { TwoFactorError } from "../../errors";
import { withoutProof } from "../session/state";
import { callerWithout, type HttpParts, type Caller } from "../caller";
import { originOf } from "../facts";
import { know } from "../facts";
import { lastingName, loginName } from "../proofs";

/** What an identity provider says of a second factor. */
export interface AcrProof {
  method: "acr";
  /** The `acr` of the validated ID token (OpenID Connect Core §2), as it is; only texts in `acceptedAcr` count. */
  acr: unknown;
  /** When the user was asked: the token's `auth_time`. Absent where the token does not say: then it is never recent. */
  at?: Date | undefined;
}

/**
 * Records what the identity provider has proven of the user who was just logged in.
 * @returns `true`: proven, the gate lets this session pass. `false`: too little, and what the local rules ask for is
 * still asked
 * @throws TwoFactorError `INSUFFICIENT_ACR` with the message for the user: too little under `onWeakAcr: "refuse"`. The
 * gate answers the same, whatever becomes of the error. `MISCONFIGURED` without a user, and without `acceptedAcr`
 */
export async function satisfyWith(parts: HttpParts, req: Request, { method, acr, at }: AcrProof): Promise<boolean> {
  const { settings, service } = parts;
  const caller = await callerWithout(parts, req);
  if (caller === undefined) {
    throw new TwoFactorError("MISCONFIGURED", "satisfy(req, …) must come after the login: nobody is signed in.");
  }
  if (method !== "acr") throw new TwoFactorError("MISCONFIGURED", 'satisfy knows one method: "acr".');
  if (settings.acceptedAcr.length === 0) {
    throw new TwoFactorError("MISCONFIGURED", "satisfy accepts nothing: say in `acceptedAcr` which values count.");
  }
  // First: too weak is too weak, whatever else is wrong.
  if (typeof acr !== "string" || !settings.acceptedAcr.includes(acr)) return tooWeak(parts, caller);
  const seconds = at === undefined ? 0 : unixSeconds(at);

  const { subject, kept } = caller;
  const said = { acr, at: Math.min(seconds, service.clock()) };
  const proof = await service.identityProvider.accept(subject, said, originOf(req), {
    before: caller.state.proof,
    login: loginName(kept.name),
  });
  const { owedSince: _, refused: __, ...state } = kept.read();
  await kept.renew({ ...state, proof });
  return true;
}

function unixSeconds(at: Date): number {
  const seconds = at instanceof Date ? Math.floor(at.getTime() / 1000) : Number.NaN;
  if (Number.isSafeInteger(seconds) && seconds >= 0) return seconds;
  throw new TwoFactorError("MISCONFIGURED", "satisfy needs `at` as a Date: new Date(auth_time * 1000).");
}

/**
 * The session keeps the refusal, so that the user is not let in by another door, and can be told at every page: also where
 * nothing is asked at the callback's own address, for a predicate may say otherwise of another one. It is written before
 * anything is asked that can fail: the host's login is in the session already, and what fails must not leave it open.
 */
async function tooWeak(parts: HttpParts, caller: Caller): Promise<false> {
  const { req, kept, subject } = caller;
  if (parts.settings.onWeakAcr === "challenge") return false;
  const proofs = kept.proofs();
  kept.write({ ...withoutProof(kept.read()), refused: true });
  await kept.save();
  // What a client carries it could bring again.
  await parts.service.changes.endProofs(subject, { proofs, login: lastingName(caller) });
  if (!(await asksForProof(parts, caller))) return false;
  throw insufficientAcr(parts, req);
}

/** Who is never asked is not refused either. */
async function asksForProof(parts: HttpParts, caller: Caller): Promise<boolean> {
  const { facts } = await know(parts, caller);
  return isAsked(facts);
}

/** Its message is for the user, in the user's language: the words of the page. */
export function insufficientAcr({ renderer }: HttpParts, req: Request): TwoFactorError {
  const { detail } = renderer.problemWords(renderer.localeOf(req), { code: "INSUFFICIENT_ACR" });
  return new TwoFactorError("INSUFFICIENT_ACR", detail);
}
