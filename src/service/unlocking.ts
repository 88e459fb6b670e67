import { laneLock, noAttempts, withAttemptsIn } from "../core/attempts";
import type { TwoFactorRecord } from "../core/record";
import { withUsed } from "../core/submission";
import { unlocks, withRightCode, type CodesGiven } from "../core/unlocking";
import type { Subject } from "../core/user-id";
import type { EventOrigin, ProofMethod } from "../events";
import type { Factor } from "../factors/factor";
import type { Hashed } from "../factors/tools";
import { withNote, type EventDetails } from "./announce";
import type { Presentations } from "./factors";
import { stopRecovery } from "./recovery-stop";
import type { ServiceParts } from "./service";
import type { CodeAuthority } from "./submissions";

export type UnlockResult =
  /** `known`: the text of the cookie by which this browser is known from now on. */
  | { is: "unlocked"; method: ProofMethod; record: TwoFactorRecord; known?: string }
  /** Whether it was right is not told; `right`: what the record knows of the right ones. */
  | { is: "given"; right: CodesGiven | undefined }
  /** The lock has ended meanwhile. */
  | { is: "not-locked" };

/** The way out of a lock for whoever holds the authenticator: three right codes, each in its own minute. */
export function createUnlocking({
  records,
  factors,
  knownBrowsers,
  settings,
  announce,
  clock,
  withPass,
}: ServiceParts) {
  const opens = ({ rank, isGuessable }: Factor) => rank === "strong" && isGuessable;

  return {
    /** Whether what a form brings can be one of the three. With `"until-reset"` nothing but a reset or unlock ends a lock. */
    takes: (record: TwoFactorRecord | undefined, presented: Presentations): boolean =>
      settings.lockout !== "until-reset" &&
      [...presented.keys()].every((kind) => factors.byKind.get(kind)?.isGuessable !== false) &&
      factors.known(record).some(([factor]) => opens(factor) && presented.has(factor.kind)),

    isOffered: (record: TwoFactorRecord | undefined): boolean =>
      settings.lockout !== "until-reset" && factors.known(record).some(([factor]) => opens(factor)),

    /** Looks at one code; a right one is spent. The third right one lifts the lock, and is a proof. */
    async give(
      subject: Subject,
      { presented, lane, login }: CodeAuthority,
      sessionTries: string,
      origin: EventOrigin,
    ): Promise<UnlockResult> {
      const hashed: Hashed = new Map();
      const { result, events } = await records.change<{ result: UnlockResult; events: readonly EventDetails[] }>(
        subject,
        async (record) => {
          const now = clock();
          if (record === undefined || laneLock(record, lane, now) === undefined) {
            return { outcome: { result: { is: "not-locked" }, events: [] } };
          }
          const verdicts = await factors.verdictsOf(subject, record, presented, factors.kinds.filter(opens), {
            now,
            hashed,
          });
          const right = verdicts.find((verdict) => verdict.is === "right");
          if (right?.is !== "right") {
            return { outcome: { result: { is: "given", right: record.unlocking }, events: [] } };
          }
          const { unlocking: before, ...spent } = withUsed(record, right, now);
          const unlocking = withRightCode(before, sessionTries, now);
          if (!unlocks(unlocking, now)) {
            const next = { ...spent, unlocking };
            return { outcome: { result: { is: "given", right: unlocking }, events: [] }, next };
          }
          const stopped = stopRecovery(spent, origin, now);
          const open = withPass(withAttemptsIn(stopped.record, lane, noAttempts), login, now);
          const { record: known, cookie } = knownBrowsers.withThis(open, subject, lane, now);
          const next = withNote(known, "unlocked", origin, now);
          const { method } = right;
          return {
            outcome: {
              result: { is: "unlocked", method, record: next, ...(cookie && { known: cookie }) },
              events: [
                { type: "challenge-passed", method },
                { type: "unlocked", by: "three right codes" },
                ...stopped.events,
              ],
            },
            next,
          };
        },
      );
      await announce(subject, origin, events);
      return result;
    },
  };
}
