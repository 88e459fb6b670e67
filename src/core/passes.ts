import { endedProofLimit, hasEndedName, isEnded, noEpoch, shortId, withProofEnded, type Proof } from "./proof";
import type { TwoFactorRecord } from "./record";

/** Logins by short name, and when: what has let each in, or that it was left. */
export type NamedLogins = readonly (readonly [login: string, at: number])[];

/** Only right factors come here, so nobody but the owner can push one out. */
const mostPasses = 12;

/** What the proofs of a login go by, one after the other: a logout ends one for good, and a record keeps so many ended ones. */
const namesOf = (login: string): readonly string[] =>
  Array.from({ length: endedProofLimit + 1 }, (_, ended) => (ended === 0 ? "" : ended.toString(36)) + login);

/** The name for what a login proves now: one that a logout has ended is not used again. */
export const freshName = (record: TwoFactorRecord, login: string | undefined): string | undefined =>
  login === undefined ? undefined : namesOf(login).find((name) => !hasEndedName(record, name));

/**
 * The record in which this login has just become proven. A logout of it that knows nothing of the new proof, since another
 * process is carrying it out or since the client brings none along, finds it here.
 * @param login absent: it was proven before, or nothing tells it from another
 */
export function withPass(
  record: TwoFactorRecord,
  login: string | undefined,
  now: number,
  keptForSeconds: number,
): TwoFactorRecord {
  const name = freshName(record, login);
  if (name === undefined) return record;
  const others = (record.passes ?? []).filter(
    ([other, at]) => other !== shortId(name) && Math.abs(now - at) < keptForSeconds,
  );
  return { ...record, passes: [...others, [shortId(name), now] as const].slice(-mostPasses) };
}

/** What a logout knows of the login that it ends. */
export interface EndingLogin {
  /** Its name; absent where its proofs are all known. */
  login?: string | undefined;
  /** Proofs of it that were brought along: no stranger has one. */
  proofs?: readonly Proof[] | undefined;
}

/**
 * The record in which nothing that this login has proven is worth anything any more.
 * @returns `undefined` where there is nothing to end: who has the password alone writes nothing here, and so pushes nothing out
 */
export function withLoginEnded(
  record: TwoFactorRecord | undefined,
  { login, proofs = [] }: EndingLogin,
  blank: () => TwoFactorRecord,
  now: number,
): TwoFactorRecord | undefined {
  const names = login === undefined ? [] : namesOf(login).map(shortId);
  const passed = (record?.passes ?? []).filter(([name]) => names.includes(name));
  // Also one of an earlier epoch: a change that is just being made may take its name along into this one. And what an identity
  // provider proves needs no record; that it was ended does.
  const brought = proofs.filter((proof) => (record === undefined ? proof.epoch === noEpoch : !isEnded(proof, record)));
  if (passed.length + brought.length === 0) return undefined;
  const known = record ?? blank();
  const passes = known.passes?.filter((pass) => !passed.includes(pass));
  let next = passes === undefined ? known : { ...known, passes };
  // Later ones of the name are over, too. Not before its proof says that it was issued (`issueProof`).
  const ends = [
    ...passed.map(([id, at]) => ({ id, at: Math.max(now, at, known.proofsVoidUntil + 1) })),
    ...brought.map(({ id, at, issuedAt = at }) => ({
      id,
      at: names.includes(shortId(id)) ? Math.max(now, issuedAt) : issuedAt,
    })),
  ].sort((a, b) => b.at - a.at);
  for (const end of ends) if (!hasEndedName(next, end.id)) next = withProofEnded(next, end);
  return next;
}

/** A code that was accepted meanwhile is written long before. */
const leftForSeconds = 60;
const mostLeft = 3;
/** Nobody types a code so soon after a logout; and no two clocks are nearer than that for certain. */
const soonSeconds = 5;

/**
 * The record that says that a login was left, though there was nothing to end: what another process accepts a moment later finds
 * it. Strangers can push it out, which voids nothing.
 */
export function withLeft(record: TwoFactorRecord, login: string, now: number): TwoFactorRecord {
  const name = shortId(login);
  const others = (record.left ?? []).filter(([other, at]) => other !== name && Math.abs(now - at) < leftForSeconds);
  return { ...record, left: [...others, [name, now] as const].slice(-mostLeft) };
}

const leftAt = (record: TwoFactorRecord | undefined, login: string): number | undefined =>
  record?.left?.find(([name]) => name === shortId(login))?.[1];

/** It was logged out, on whatever process, within the last minute. */
export const wasLeft = (record: TwoFactorRecord, login: string, now: number): boolean =>
  Math.abs(now - (leftAt(record, login) ?? -Infinity)) < leftForSeconds;

/** @param seen the record as it was when the request was known, at `now` */
export function wasLeftMeanwhile(
  record: TwoFactorRecord,
  login: string | undefined,
  seen: TwoFactorRecord | undefined,
  now: number,
): boolean {
  const at = login === undefined ? undefined : leftAt(record, login);
  if (login === undefined || at === undefined) return false;
  return at !== leftAt(seen, login) || Math.abs(now - at) < soonSeconds;
}
