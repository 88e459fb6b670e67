import { issueProof, noEpoch, proofHolds, type Proof } from "../core/proof";
import { freshName } from "../core/passes";
import { blankRecord } from "../core/record";
import type { Subject } from "../core/user-id";
import { randomToken } from "../crypto/random";
import type { EventOrigin } from "../events";
import { stopRecovery } from "./recovery-stop";
import type { ServiceParts } from "./service";

/** An identity provider's word that is accepted. */
export interface AcceptedAcr {
  acr: string;
  /** When it asked the user: Unix seconds, 0 where it does not say. */
  at: number;
}

/** Second factors that somebody else has asked for. */
export function createIdentityProvider({ records, announce, clock, withPass }: ServiceParts) {
  return {
    /**
     * Notes it in the record, where `status` finds it.
     * @param before what this session had proven: its proof keeps its name while it holds; else it goes by the login's
     * @returns the proof for the session
     */
    async accept(
      subject: Subject,
      { acr, at }: AcceptedAcr,
      origin: EventOrigin,
      { before, login }: { before?: Proof | undefined; login?: string | undefined } = {},
    ): Promise<Proof> {
      const { proof, events } = await records.change(subject, (stored) => {
        // What is proven names an epoch, so there is one from here on: a store that is lost ends this proof, too.
        const blank = stored ?? blankRecord(subject.key, noEpoch);
        const epoch = blank.epoch === noEpoch ? randomToken() : blank.epoch;
        const stopped = stopRecovery(blank, origin, clock());
        const next = { ...stopped.record, epoch, identityProvider: { acr, at: at || clock() } };
        const kept = before !== undefined && proofHolds(before, next) ? before.id : undefined;
        const id = kept ?? freshName(next, login) ?? randomToken();
        const proof = issueProof(next, { id, method: "acr", at, acr }, clock());
        const passed = kept === undefined ? withPass(next, login, clock()) : next;
        return { outcome: { proof, events: stopped.events }, next: passed };
      });
      await announce(subject, origin, [{ type: "challenge-passed", method: "acr" }, ...events]);
      return proof;
    },
  };
}
