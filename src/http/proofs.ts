import { freshName, wasLeftMeanwhile } from "../core/passes";
import { issueProof, type Proof } from "../core/proof";
import type { TwoFactorRecord } from "../core/record";
import { hashOfToken, randomToken } from "../crypto/random";
import { TwoFactorError } from "../errors";
import type { ProofMethod, UseDetails } from "../events";
import type { Undo } from "../service/undoing";
import type { Caller, KnownCaller } from "./caller";
import { loginEnded, type SessionState } from "./session/state";

/** What this login is called in the record; `undefined` where nothing tells it from another. Nobody learns its id from that. */
export const loginName = (id: string | undefined): string | undefined =>
  id === undefined ? undefined : hashOfToken(`login ${id}`);

/** The name that all proofs of this login go by; `undefined` where it has another once it is proven. */
export const lastingName = ({ kept }: Pick<Caller, "kept">): string | undefined =>
  kept.keepsId ? loginName(kept.name) : undefined;

/** The login that becomes proven, by name, or is proven anew by the same; `undefined`: by another. */
export function provenAs({ access, kept }: KnownCaller): string | undefined {
  if (access.proof === undefined) return loginName(kept.name);
  return kept.keepsId ? access.proof.id : undefined;
}

/**
 * What this session has just proven, in the epoch of the record that says so. A session has one proof, which goes by one
 * name however often it is renewed: a logout then ends it in every copy that a cookie may have left.
 * @throws TwoFactorError `LOGIN_SESSION_EXPIRED` where the login was left meanwhile, on whatever process
 */
export function newProof(
  caller: KnownCaller,
  { record, method, about }: { record: TwoFactorRecord; method: ProofMethod; about?: UseDetails },
): Proof {
  const { access, kept, now } = caller;
  const login = loginName(kept.name);
  if (wasLeftMeanwhile(record, login, access.record, now)) throw loginEnded();
  const proven = { method, at: now, ...(about?.userVerified && { userVerified: true as const }) };
  return issueProof(record, { id: access.proof?.id ?? freshName(record, login) ?? randomToken(), ...proven }, now);
}

/** The way back and what was owed are settled; the session gets a new id where it becomes proven. */
export async function keepProof(
  caller: KnownCaller,
  proof: Proof,
  held: Pick<SessionState, "codes" | "next"> = {},
): Promise<void> {
  const { kept, subject, access, state } = caller;
  const { seenAt } = state;
  const settled = { user: subject.key, proof, ...held, ...(seenAt !== undefined && { seenAt }) };
  const next = state.pending === undefined ? settled : { ...settled, pending: state.pending };
  return access.proof === undefined ? kept.renew(next) : kept.keepProven(next);
}

/** @param undo of a first set-up: who cannot be shown the recovery codes, since the login has ended, has changed nothing */
export async function keepOrUndo<Kept>(undo: Undo | undefined, keep: () => Promise<Kept>): Promise<Kept> {
  try {
    return await keep();
  } catch (error) {
    if (error instanceof TwoFactorError && error.code === "LOGIN_SESSION_EXPIRED") await undo?.();
    throw error;
  }
}
