import { hasEndedName, shortId, withProofEnded } from "./proof";
import type { TwoFactorRecord } from "./record";

/** What lets a login in, by the short name that its proof goes by from then on. */
export type Passes = readonly (readonly [login: string, at: number])[];

/** A logout that is slower than this has been given up long ago. */
const passedForSeconds = 600;
/** Only right factors come here, so nobody but the owner can push one out. */
const mostPasses = 3;

/** A login's own name for its first proof: one that a logout has ended is not used again. */
export const freshName = (record: TwoFactorRecord, login: string | undefined): string | undefined =>
  login === undefined || hasEndedName(record, login) ? undefined : login;

/**
 * The record in which this login has just become proven. A logout of it that is being carried out elsewhere knows nothing
 * of the new proof, and finds it here.
 * @param login absent: it was proven before, or nothing tells it from another
 */
export function withPass(record: TwoFactorRecord, login: string | undefined, now: number): TwoFactorRecord {
  const name = freshName(record, login);
  if (name === undefined) return record;
  const others = (record.passes ?? []).filter(
    ([other, at]) => other !== shortId(name) && Math.abs(now - at) < passedForSeconds,
  );
  return { ...record, passes: [...others, [shortId(name), now] as const].slice(-mostPasses) };
}

/** @returns the record in which what that login has proven is over; `undefined` where it has proven nothing lately */
export function withPassEnded(record: TwoFactorRecord, login: string): TwoFactorRecord | undefined {
  const pass = record.passes?.find(([name]) => name === shortId(login));
  if (pass === undefined || hasEndedName(record, login)) return undefined;
  const passes = record.passes?.filter((other) => other !== pass) ?? [];
  // Not before its proof says that it was issued (`issueProof`).
  const at = Math.max(pass[1], record.proofsVoidUntil + 1);
  return withProofEnded({ ...record, passes }, { id: login, at });
}
