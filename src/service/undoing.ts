import type { TwoFactorRecord } from "../core/record";
import { blankRecord } from "../core/record";
import { noEpoch } from "../core/proof";
import type { Subject } from "../core/user-id";
import type { EventOrigin } from "../events";
import { withNote } from "./announce";
import type { ServiceParts } from "./service";

/** Takes a first set-up back. */
export type Undo = () => Promise<void>;

const sameFactors = (one: TwoFactorRecord, other: TwoFactorRecord): boolean =>
  one.epoch === other.epoch && JSON.stringify(one.factors) === JSON.stringify(other.factors);

/**
 * A first set-up whose login turns out to have ended as its proof was to be kept: nobody is shown the recovery codes, so
 * nothing of it stays, but what logouts have ended. Whoever has used it meanwhile has it, and keeps it.
 */
export const createUndoing =
  ({ records, announce, clock }: ServiceParts) =>
  (subject: Subject, before: TwoFactorRecord | undefined, made: TwoFactorRecord, origin: EventOrigin): Undo =>
  async () => {
    const isUndone = await records.change(subject, (record) => {
      if (record === undefined || !sameFactors(record, made)) return { outcome: false };
      const { endedProofs, proofsVoidUntil, history } = record;
      const left = { ...(before ?? blankRecord(subject.key, noEpoch)), endedProofs, proofsVoidUntil, history };
      return { outcome: true, next: withNote(left, "disabled", origin, clock()) };
    });
    if (isUndone) await announce(subject, origin, [{ type: "disabled" }]);
  };
