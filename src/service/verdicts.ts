import type { FactorEntry } from "../core/factor-entry";
import type { TwoFactorRecord } from "../core/record";
import { RecordRefused } from "../core/record-text";
import { isSpent, spentWait } from "../core/spent";
import { checkEntry } from "../core/stored-entries";
import type { Verdict } from "../core/submission";
import { TwoFactorError } from "../errors";
import type { Ceremony, Factor, FactorTools, FactorVerdict } from "../factors/factor";

/** So long a challenge can be answered. */
export const challengeSeconds = 300;

export type WithCeremony = Factor & { readonly ceremony: Ceremony };

const verdicts: ReadonlySet<unknown> = new Set<FactorVerdict["is"]>(["right", "used", "refused", "wrong"]);

/** @throws TwoFactorError `MISCONFIGURED` where a kind of the host's gives what is no verdict: that never passes */
export function verdictOf(factor: Factor, entry: FactorEntry, verdict: FactorVerdict): Verdict {
  const { kind, method, isGuessable: guessable } = factor;
  const { is } = verdict ?? {};
  if (!verdicts.has(is) || (is === "right" && !("left" in verdict))) {
    const whole = '{ is: "right", left }, { is: "used" }, { is: "refused", reason } or { is: "wrong" }';
    throw new TwoFactorError("MISCONFIGURED", `"check" of the kind of factor "${kind}" must answer ${whole}.`);
  }
  if (verdict.is === "wrong") {
    const { clockOffSeconds } = verdict;
    return { is: "wrong", guessable, ...(clockOffSeconds !== undefined && { clockOffSeconds }) };
  }
  if (verdict.is === "refused") return { ...verdict, events: verdict.events ?? [] };
  if (verdict.is === "used") return { is: "used", method, guessable };
  const { left, events = [], about } = verdict;
  if (left !== undefined) {
    wholeEntry(factor, left);
    if (left.id !== entry.id) {
      throw new TwoFactorError("MISCONFIGURED", `"check" of the kind of factor "${kind}" gave back another entry.`);
    }
  }
  return { is: "right", method, guessable, events, about, entry, left };
}

/** What could not be read again is not written: it would shut its owner out. @throws TwoFactorError `MISCONFIGURED` */
export function wholeEntry<Entry extends FactorEntry>(factor: Factor, entry: Entry): Entry {
  try {
    checkEntry(entry, factor);
    return entry;
  } catch (cause) {
    if (!(cause instanceof RecordRefused)) throw cause;
    throw new TwoFactorError(
      "MISCONFIGURED",
      `The kind of factor "${factor.kind}" made an entry that its \`fields\` do not describe (${cause.message}).`,
      { cause },
    );
  }
}

/** One answer, held against one entry, whose challenge is spent with it. */
export async function verdictOfAnswer(
  factor: WithCeremony,
  record: TwoFactorRecord,
  live: readonly FactorEntry[],
  answer: unknown,
  tools: FactorTools,
): Promise<Verdict> {
  const { ceremony } = factor;
  const value = ceremony.challengeOf(answer);
  if (isSpent(record, value) || spentWait(record, tools.now) > 0)
    return { is: "refused", reason: "challenge", events: [] };
  const entry = ceremony.pick(live, answer);
  if (entry === undefined) return { is: "refused", reason: "key", events: [] };
  const verdict = verdictOf(factor, entry, await factor.check(entry, answer, tools));
  if (verdict.is !== "right") return verdict;
  return { ...verdict, challenge: { value, expiresAt: tools.now + challengeSeconds } };
}
