import type { LockPolicy } from "../core/attempts";
import { withPass } from "../core/passes";
import type { Subject } from "../core/user-id";
import type { TwoFactorRecord } from "../core/record";
import { loadedFactors } from "../factors/loaded";
import type { Cryptography } from "../factors/tools";
import type { Settings } from "../options";
import { createAdministration } from "./administration";
import { createAnnounce, type Announce } from "./announce";
import { createBudgets, type Budgets } from "./budgets";
import { createCarried } from "./carried";
import { createBrowserCookies, type BrowserCookies } from "./browser-cookies";
import { createKnownBrowsers, type KnownBrowsers } from "./known-browsers";
import { createCeremonies } from "./ceremonies";
import { createChanges } from "./changes";
import { createDeliveries } from "./deliveries";
import { createEnrolmentCodes, type EnrolmentCodes } from "./enrolment-codes";
import { createEnrolments } from "./enrolments";
import { patientBox } from "./patient-box";
import { createFactorSet, type FactorSet } from "./factors";
import { createPendingSecrets, type PendingSecrets } from "./pending-secrets";
import { createIdentityProvider } from "./identity-provider";
import { createRecoveries } from "./recoveries";
import { createRecoveryAdministration } from "./recovery-administration";
import { createShownCodes } from "./shown-codes";
import { createAccess } from "./access";
import { createSubmissions } from "./submissions";
import { createUnlocking } from "./unlocking";
import { createRecords, type Records } from "./records/records";

/** What every part of the service is made from. */
export interface ServiceParts {
  settings: Settings;
  records: Records;
  factors: FactorSet;
  pendingSecrets: PendingSecrets;
  browserCookies: BrowserCookies;
  knownBrowsers: KnownBrowsers;
  enrolmentCodes: EnrolmentCodes;
  /** Of what is typed, by the clock of the codes; `budgets` of the service are for what takes none. */
  paces: Budgets;
  announce: Announce;
  /** Unix seconds, whole. */
  clock: () => number;
  lockPolicy: LockPolicy;
  setupLockPolicy: LockPolicy;
  /** Notes which login a right factor lets in. */
  withPass: (record: TwoFactorRecord, login: string | undefined, now: number) => TwoFactorRecord;
}

/** A logout that is slower than this has been given up long ago. */
const slowestLogoutSeconds = 600;

export type Service = ReturnType<typeof createService>;

/** Everything that happens to a second factor, without HTTP: load, decide in `core`, compare-and-set, tell. */
export function createService(settings: Settings, { box, signer, wrapper }: Cryptography) {
  const clock = () => Math.floor(Date.now() / 1000);
  // Keys of our own are at hand; a key service is another server.
  const atHand = settings.keyring === undefined ? box : patientBox(box, settings.storeTimeoutSeconds);
  const cryptography = { box: atHand, signer, wrapper };
  const factors = createFactorSet(loadedFactors(settings), cryptography, clock);
  const records = createRecords({ ...settings, kinds: factors.byKind, refresh: resealOld(factors) });
  const parts: ServiceParts = {
    settings,
    factors,
    pendingSecrets: createPendingSecrets(cryptography.box),
    browserCookies: createBrowserCookies(signer),
    knownBrowsers: createKnownBrowsers(signer, settings.knownBrowserForSeconds, clock),
    paces: createBudgets(clock),
    records,
    enrolmentCodes: createEnrolmentCodes(signer, { records, clock }),
    announce: createAnnounce(settings.onEvent),
    clock,
    lockPolicy: { maxAttempts: settings.maxLoginAttempts, lockout: settings.lockout },
    setupLockPolicy: { maxAttempts: settings.maxLoginAttempts, lockout: neverForGood(settings.lockout) },
    withPass: (record, login, now) => withPass(record, login, now, settings.proofForSeconds + slowestLogoutSeconds),
  };
  const submissions = createSubmissions(parts);
  const recoveries = createRecoveries(parts, cryptography);
  return {
    factors,
    carried: createCarried(signer, wrapper),
    access: createAccess(parts),
    submissions,
    enrolments: createEnrolments(parts),
    changes: createChanges(parts, submissions.submit),
    ceremonies: createCeremonies(parts, submissions.submit),
    deliveries: createDeliveries(parts),
    identityProvider: createIdentityProvider(parts),
    administration: { ...createAdministration(parts), ...createRecoveryAdministration(parts, recoveries) },
    budgets: createBudgets(),
    paces: parts.paces,
    unlocking: createUnlocking(parts),
    recoveries,
    enrolmentCodes: parts.enrolmentCodes,
    shownCodes: createShownCodes(cryptography.box, factors),
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
function resealOld(factors: FactorSet) {
  return async (subject: Subject, record: TwoFactorRecord): Promise<TwoFactorRecord> => {
    try {
      return await factors.resealed(subject, record);
    } catch {
      return record;
    }
  };
}
