import { isEnrolled } from "../core/factor-entry";
import { groupsOfFour } from "../core/groups-of-four";
import type { EnrolmentCode, TwoFactorRecord } from "../core/record";
import type { Subject } from "../core/user-id";
import { randomRecoveryCode, randomToken } from "../crypto/random";
import type { Signer } from "../crypto/signer";
import type { ServiceParts } from "./service";

/** For so long after a reset its code is good. */
const validForSeconds = 86_400;
const purpose = "enrolment-code";

export type EnrolmentCodes = ReturnType<typeof createEnrolmentCodes>;

export type EnrolmentOpening = { is: "open"; mark: string; record: TwoFactorRecord } | { is: "wrong" };

/**
 * What a reset can demand besides the password, before a key is shown: a code that an administrator hands on. Its 80
 * bits are kept as a keyed hash (ASVS 5.0 6.5.2): that costs too little to be rationed, so that nobody who knows the
 * password can use up the tries of the owner.
 */
export function createEnrolmentCodes(signer: Signer, { records, clock }: Pick<ServiceParts, "records" | "clock">) {
  return {
    /** @returns the code as it is handed on, and what the record keeps of it */
    make({ scope, id }: Subject): { text: string; kept: EnrolmentCode } {
      const code = randomRecoveryCode();
      const hash = signer.sign(purpose, [scope, id, code]);
      return { text: groupsOfFour(code, "-"), kept: { hash, expiresAt: clock() + validForSeconds } };
    },

    /** @param mark of a session that has given the code before */
    isNeeded: (record: TwoFactorRecord | undefined, mark: string | undefined): boolean =>
      record?.enrolmentCode !== undefined && (mark === undefined || record.enrolmentCode.usedBy !== mark),

    /** Looks at a code. It opens set-up once, for the session that keeps the mark. */
    use(subject: Subject, code: string): Promise<EnrolmentOpening> {
      const { scope, id } = subject;
      const mark = randomToken();
      return records.change<EnrolmentOpening>(subject, (record) => {
        const kept = record?.enrolmentCode;
        const wrong = { outcome: { is: "wrong" } } as const;
        if (record === undefined || kept === undefined || isEnrolled(record)) return wrong;
        if (kept.usedBy !== undefined || clock() >= kept.expiresAt) return wrong;
        if (!signer.verify(purpose, [scope, id, code], kept.hash)) return wrong;
        const next = { ...record, enrolmentCode: { ...kept, usedBy: mark } };
        return { outcome: { is: "open", mark, record: next }, next };
      });
    },
  };
}
