import { shapeOf, type CodeShape } from "../core/code-shape";
import { withBrowser, type Browser } from "../core/browsers";
import { withHistory } from "../core/history";
import type { Lock } from "../core/attempts";
import { isRecent, noEpoch, proofHolds, type Proof } from "../core/proof";
import { blankRecord, type TwoFactorRecord } from "../core/record";
import { fewRecoveryCodes } from "../core/recovery-codes";
import { judge, type Verdict } from "../core/submission";
import type { Subject } from "../core/user-id";
import { randomToken } from "../crypto/random";
import type { EventOrigin, ProofMethod } from "../events";
import type { Factor } from "../factors/factor";
import { directCodeFactor } from "../factors/direct-code";
import { recoveryCodeFactor } from "../factors/recovery-code";
import { totpFactor } from "../factors/totp";
import { historyEntry, type EventDetails } from "./announce";
import { newBrowser } from "./new-browser";
import type { ServiceParts } from "./service";

/** A change that is made together with the proof that allows it, in one write. */
export type Then = (record: TwoFactorRecord) => Promise<{ next: TwoFactorRecord; events: readonly EventDetails[] }>;

export type SubmissionResult =
  | { is: "passed"; method: ProofMethod; record: TwoFactorRecord }
  | { is: "used"; method: ProofMethod }
  | { is: "wrong"; attemptsRemaining: number }
  | { is: "locked"; lock: Lock }
  /** There is nothing that a code could prove. */
  | { is: "not-enabled" }
  /** The proof was ended, or somebody changed the factors meanwhile. */
  | { is: "stale" }
  /** Nobody waits for the answer any more; nothing was done. */
  | { is: "gone" };

type Told = { result: SubmissionResult; events: readonly EventDetails[] };

/** What allows a change: a code in the form, or a proof of the last minutes. */
export type Authority = (CodeAuthority | { proof: Proof }) & {
  /**
   * Whether somebody waits for the answer still; given where it says what cannot be said again (a session's new id,
   * recovery codes). A browser lets go of the first of two clicks: then the second is the one that counts.
   */
  isThere?: () => boolean;
};

interface CodeAuthority {
  shape: CodeShape;
  /** Codes by mail or SMS serve this user. */
  directCodes: boolean;
  /** For a change of factors; a code by mail allows none to somebody with an authenticator. */
  change?: boolean;
}

/** A change of factors takes a code, or a proof not older than this (ASVS 5.0 7.5.1). */
export const recentSeconds = 300;

const nothingMore: Then = async (record) => ({ next: record, events: [] });

export function createSubmissions({ records, suite, settings, announce, clock, lockPolicy }: ServiceParts) {
  const totp = { digits: settings.otpLength, driftSeconds: settings.allowedOtpDriftSeconds };

  /** Made for one submission, so that its one scrypt is remembered. */
  const factors = (): readonly Factor[] => [
    totpFactor(totp, suite.openLive),
    recoveryCodeFactor(suite.recoveryHasher()),
    directCodeFactor(suite.isDirectCode),
  ];

  async function verdictsOf(live: readonly Factor[], subject: Subject, record: TwoFactorRecord, shape: CodeShape) {
    const verdicts: Verdict[] = [];
    for (const factor of live) {
      const verdict = await factor.check(subject, record, shape, clock());
      if (verdict !== undefined) verdicts.push(verdict);
    }
    return verdicts;
  }

  async function judgeCode(
    live: readonly Factor[],
    subject: Subject,
    stored: TwoFactorRecord | undefined,
    { shape, directCodes, change }: CodeAuthority,
    origin: EventOrigin,
    then: Then,
  ): Promise<{ outcome: Told; next?: TwoFactorRecord }> {
    if (stored?.totp === undefined && !directCodes) {
      return { outcome: { result: { is: "not-enabled" }, events: [] } };
    }
    const record = stored ?? blankRecord(subject.key, noEpoch);
    const now = clock();
    // Somebody locked out costs no decryption and no scrypt.
    const locked = judge(record, [], lockPolicy, now);
    if (locked.is === "locked") return { outcome: { result: locked, events: [] } };
    const byDirectCode = shape.directCode && directCodes && !(change && record.totp !== undefined);
    const considered = { ...shape, directCode: byDirectCode };
    const outcome = judge(record, await verdictsOf(live, subject, record, considered), lockPolicy, now);
    const noted = (next: TwoFactorRecord, type: EventDetails["type"]) => ({
      ...next,
      history: withHistory(next.history, historyEntry(type, origin, now)),
    });

    switch (outcome.is) {
      case "passed": {
        const { method } = outcome;
        const remaining = outcome.next.recoveryCodes?.hashes.length ?? 0;
        const type = method === "recovery-code" ? "recovery-code-used" : "challenge-passed";
        // What is proven names an epoch, so there is one from here on.
        const epoch = record.epoch === noEpoch ? randomToken() : record.epoch;
        const changed = await then(noted({ ...outcome.next, epoch }, type));
        const events: EventDetails[] = [{ type: "challenge-passed", method }];
        if (method === "recovery-code") {
          events.push({ type: "recovery-code-used", remaining });
          if (remaining <= fewRecoveryCodes) events.push({ type: "recovery-codes-low", remaining });
        }
        return {
          outcome: {
            result: { is: "passed", method, record: changed.next },
            events: [...events, ...changed.events],
          },
          next: changed.next,
        };
      }
      case "wrong":
        return {
          outcome: {
            result: outcome,
            events: [{ type: "challenge-failed", attemptsRemaining: outcome.attemptsRemaining }],
          },
          next: noted(outcome.next, "challenge-failed"),
        };
      case "just-locked": {
        const until = outcome.lock.until === undefined ? {} : { until: new Date(outcome.lock.until * 1000) };
        return {
          outcome: {
            result: { is: "locked", lock: outcome.lock },
            events: [
              { type: "challenge-failed", attemptsRemaining: 0 },
              { type: "locked", round: outcome.round, ...until },
            ],
          },
          next: noted(outcome.next, "locked"),
        };
      }
      case "used":
        return { outcome: { result: outcome, events: [{ type: "code-reused", method: outcome.method }] } };
      default:
        return { outcome: { result: outcome, events: [] } };
    }
  }

  async function byProof(
    record: TwoFactorRecord | undefined,
    proof: Proof,
    then: Then,
  ): Promise<{ outcome: Told; next?: TwoFactorRecord }> {
    if (record === undefined) return { outcome: { result: { is: "not-enabled" }, events: [] } };
    const good = proofHolds(proof, record) && isRecent(proof, recentSeconds, record.totp !== undefined, clock());
    if (!good) return { outcome: { result: { is: "stale" }, events: [] } };
    const { next, events } = await then(record);
    return { outcome: { result: { is: "passed", method: proof.method, record: next }, events }, next };
  }

  /** Proves, and makes the change that the proof allows, in one write. Told only after it is durable. */
  async function submit(
    subject: Subject,
    authority: Authority,
    origin: EventOrigin,
    then: Then = nothingMore,
  ): Promise<SubmissionResult> {
    const live = factors();
    const { result, events } = await records.change<Told>(subject, async (record) => {
      const decided = await ("shape" in authority
        ? judgeCode(live, subject, record, authority, origin, then)
        : byProof(record, authority.proof, then));
      // A wrong code counts, whoever has gone.
      const isForNobody = decided.outcome.result.is === "passed" && authority.isThere?.() === false;
      return isForNobody ? { outcome: { result: { is: "gone" }, events: [] } } : decided;
    });
    await announce(subject, origin, events);
    return result;
  }

  return {
    shapeOf: (input: unknown) => shapeOf(input, settings),
    submit,

    /** A right code, and this browser is not asked again for a while. The cookie's text is made once it is durable. */
    async submitAndRemember(subject: Subject, code: Authority, origin: EventOrigin, replaces: Browser | undefined) {
      const added = newBrowser(suite, subject, origin, clock());
      const result = await submit(subject, code, origin, async (record) => ({
        next: { ...record, browsers: withBrowser(record.browsers, added.browser, replaces?.id) },
        events: [{ type: "browser-remembered", browser: added.browser.name }],
      }));
      return { result, browser: result.is === "passed" ? added.cookie(result.record.epoch) : undefined };
    },
  };
}
