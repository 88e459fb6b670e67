import type { LockPolicy } from "../core/attempts";
import type { Subject } from "../core/user-id";
import type { TwoFactorRecord } from "../core/record";
import type { SecretBox } from "../crypto/secret-box";
import type { Signer } from "../crypto/signer";
import type { Wrapper } from "../crypto/wrapper";
import type { Settings } from "../options";
import { createAdministration } from "./administration";
import { createAnnounce, type Announce } from "./announce";
import { createBudgets } from "./budgets";
import { createChanges } from "./changes";
import { createDirectCodes } from "./direct-codes";
import { createEnrolments } from "./enrolments";
import { createIdentityProvider } from "./identity-provider";
import { createAccess } from "./access";
import { createSubmissions } from "./submissions";
import { createSuite, patientBox, type Suite } from "./suite";
import { createRecords, type Records } from "./records/records";

/** What every part of the service is made from. */
export interface ServiceParts {
  settings: Settings;
  records: Records;
  suite: Suite;
  announce: Announce;
  /** Unix seconds, whole. */
  clock: () => number;
  lockPolicy: LockPolicy;
  setupLockPolicy: LockPolicy;
}

export type Service = ReturnType<typeof createService>;

/** Everything that happens to a second factor, without HTTP: load, decide in `core`, compare-and-set, tell. */
export function createService(settings: Settings, box: SecretBox, signer: Signer, wrapper: Wrapper) {
  const suite = createSuite(patientBox(box, settings.storeTimeoutSeconds), signer, wrapper);
  const parts: ServiceParts = {
    settings,
    suite,
    records: createRecords({ ...settings, refresh: resealOld(suite) }),
    announce: createAnnounce(settings.onEvent),
    clock: () => Math.floor(Date.now() / 1000),
    lockPolicy: { maxAttempts: settings.maxLoginAttempts, lockout: settings.lockout },
    setupLockPolicy: { maxAttempts: settings.maxLoginAttempts, lockout: neverForGood(settings.lockout) },
  };
  const submissions = createSubmissions(parts);
  return {
    access: createAccess(parts),
    submissions,
    enrolments: createEnrolments(parts),
    changes: createChanges(parts, submissions.submit),
    directCodes: createDirectCodes(parts),
    identityProvider: createIdentityProvider(parts),
    administration: createAdministration(parts),
    budgets: createBudgets(),
    announce: parts.announce,
    clock: parts.clock,
  };
}

/** Who sets up knows the secret: wrong codes there are typos, and no reason to shut somebody out until a reset. */
function neverForGood(lockout: LockPolicy["lockout"]): LockPolicy["lockout"] {
  const seconds = lockout === "until-reset" ? { baseSeconds: 60, maxSeconds: 3600 } : lockout;
  return { ...seconds, hardLimit: Number.MAX_SAFE_INTEGER };
}

/** A record under an old key comes under the first when next written. A key that is gone leaves it as it is. */
function resealOld(suite: Suite) {
  return async (subject: Subject, record: TwoFactorRecord): Promise<TwoFactorRecord> => {
    try {
      return await suite.resealed(subject, record);
    } catch {
      return record;
    }
  };
}
