import type { ProofMethod } from "../events";
import type { TwoFactorRecord } from "./record";

/** What a session holds of a proven second factor. */
export interface Proof {
  id: string;
  /** The record's epoch when it was proven; `""`: there was no record. */
  epoch: string;
  method: ProofMethod;
  /** Unix seconds: when the factor was proven, which for an identity provider can be long ago. */
  at: number;
  /** Unix seconds: when this session got it; absent: `at`. */
  issuedAt?: number;
  /** What the identity provider said. */
  acr?: string;
  /** The device has checked who holds it. */
  userVerified?: true;
}

/** A logout keeps this many ended proofs by name. */
export const endedProofLimit = 12;
export const shortId = (id: string): string => id.slice(0, 8);
const issuedAt = (proof: Pick<Proof, "at" | "issuedAt">): number => proof.issuedAt ?? proof.at;

/** Nothing was ever enabled, proven or reset. */
export const noEpoch = "";

export const epochOf = (record: TwoFactorRecord | undefined): string => record?.epoch ?? noEpoch;

/**
 * A proof for a session, issued now. Never at or before `proofsVoidUntil`: a clock set back, or an identity provider
 * that proved the factor weeks ago, would otherwise make it void from the start.
 */
export const issueProof = (
  record: TwoFactorRecord | undefined,
  proof: Omit<Proof, "epoch" | "issuedAt">,
  now: number,
): Proof => ({
  ...proof,
  epoch: epochOf(record),
  issuedAt: Math.max(now, (record?.proofsVoidUntil ?? 0) + 1),
});

/** Still worth something: of this epoch, and not ended by a logout. */
export function proofHolds(proof: Proof, record: TwoFactorRecord | undefined): boolean {
  return proof.epoch === epochOf(record) && !isEnded(proof, record);
}

/** By a logout, in whatever epoch: a session that moves into a new one takes its proof's name along. */
export const isEnded = (proof: Proof, record: TwoFactorRecord | undefined): boolean =>
  record !== undefined && (issuedAt(proof) <= record.proofsVoidUntil || hasEndedName(record, proof.id));

/** A proof of this name was ended by a logout, not long ago. */
export const hasEndedName = (record: TwoFactorRecord, id: string): boolean =>
  record.endedProofs.some(([ended]) => ended === shortId(id));

/** Ends one proof for good: a copy of its session that a slow request brings back is not proven. */
export function withProofEnded(record: TwoFactorRecord, proof: Pick<Proof, "id" | "at" | "issuedAt">): TwoFactorRecord {
  const ended = [...record.endedProofs, [shortId(proof.id), issuedAt(proof)] as const].sort((a, b) => a[1] - b[1]);
  const overflow = ended.slice(0, Math.max(0, ended.length - endedProofLimit));
  const proofsVoidUntil = Math.max(record.proofsVoidUntil, ...overflow.map(([, at]) => at));
  return { ...record, endedProofs: ended.slice(overflow.length), proofsVoidUntil };
}

/**
 * Fresh enough for a change of factors (ASVS 5.0 7.5.1), and made by a code: what is proven by a remembered browser
 * alone has no proof at all, and a code by mail is none for somebody with an authenticator.
 */
export function isRecent(proof: Proof | undefined, seconds: number, enrolled: boolean, now: number): boolean {
  if (proof === undefined || now - proof.at > seconds || proof.at > now + 60) return false;
  return !(enrolled && proof.method === "direct-code");
}
