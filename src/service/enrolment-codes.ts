import { groupsOfFour } from "../core/groups-of-four";
import { isEnrolled } from "../core/factor-entry";
import type { EnrolmentCode, TwoFactorRecord } from "../core/record";
import type { Subject } from "../core/user-id";
import { randomRecoveryCode, randomToken } from "../crypto/random";
import { hashRecoveryCode } from "../crypto/recovery-hash";
import type { ServiceParts } from "./service";

/** For so long after a reset its code is good. */
const validForSeconds = 86_400;

export type EnrolmentOpening =
  | { is: "open"; mark: string; record: TwoFactorRecord }
  | { is: "wrong" }
  | { is: "too-often"; seconds: number };

/** A code for after a reset, and what the record keeps of it: 80 bits, so a slow hash (ASVS 5.0 6.5.2). */
export async function newEnrolmentCode(now: number): Promise<{ text: string; kept: EnrolmentCode }> {
  const code = randomRecoveryCode();
  const salt = randomToken(6);
  const hash = await hashRecoveryCode(code, salt);
  return { text: groupsOfFour(code, "-"), kept: { salt, hash, expiresAt: now + validForSeconds } };
}

/** What a reset can demand besides the password, before a key is shown: a code that an administrator hands on. */
export function createEnrolmentCodes({ records, paces, clock }: ServiceParts) {
  return {
    /** @param mark of a session that has given the code before */
    isNeeded: (record: TwoFactorRecord | undefined, mark: string | undefined): boolean =>
      record?.enrolmentCode !== undefined && (mark === undefined || record.enrolmentCode.usedBy !== mark),

    /** Looks at a code. It opens set-up once, for the session that keeps the mark. */
    async use(subject: Subject, code: string): Promise<EnrolmentOpening> {
      const seconds = paces.take("recoveryTries", { key: `${subject.key} enrolment` });
      if (seconds > 0) return { is: "too-often", seconds };
      const mark = randomToken();
      let hashed: Promise<string> | undefined;
      return records.change<EnrolmentOpening>(subject, async (record) => {
        const kept = record?.enrolmentCode;
        const wrong = { outcome: { is: "wrong" } } as const;
        if (record === undefined || kept === undefined || isEnrolled(record)) return wrong;
        if (kept.usedBy !== undefined || clock() >= kept.expiresAt) return wrong;
        hashed ??= hashRecoveryCode(code, kept.salt);
        if ((await hashed) !== kept.hash) return wrong;
        const next = { ...record, enrolmentCode: { ...kept, usedBy: mark } };
        return { outcome: { is: "open", mark, record: next }, next };
      });
    },
  };
}
