import { withBrowser, type Browser } from "../core/browsers";
import { attemptsIn, attemptsRemaining, laneLock, policyIn, type Lane } from "../core/attempts";
import { isRecent, noEpoch, proofHolds, type Proof } from "../core/proof";
import { isEnrolled, withEntry } from "../core/factor-entry";
import { blankRecord, type TwoFactorRecord } from "../core/record";
import { judge } from "../core/submission";
import type { Subject } from "../core/user-id";
import { randomToken } from "../crypto/random";
import type { EventOrigin } from "../events";
import type { Factor } from "../factors/factor";
import type { Hashed } from "../factors/tools";
import { withNote, type EventDetails } from "./announce";
import type { IssuedCodes, Presentations } from "./factors";
import { newBrowser } from "./new-browser";
import { stopRecovery } from "./recovery-stop";
import type { ServiceParts } from "./service";
import type { SubmissionResult, Then } from "./submission-result";

export type { SubmissionResult, Then } from "./submission-result";

type Told = { result: SubmissionResult; events: readonly EventDetails[] };

/**
 * Closed, nobody will read the answer. So it is with the first of two clicks on a button: the browser hangs up, and shows what
 * the second one is answered.
 */
export interface Connection {
  readonly destroyed: boolean;
}

/** What allows a change: a code in the form, or a proof of the last minutes. */
export type Authority = (CodeAuthority | { proof: Proof }) & {
  /** Of whoever waits for the answer; given where it says what cannot be said again (a session's new id, recovery codes). */
  connection?: Connection | undefined;
};

export interface CodeAuthority {
  /** What the form brings, as the kinds of factors read it. */
  presented: Presentations;
  /** Weak factors, codes by mail or SMS, serve this user. */
  weak: boolean;
  /** For a change of factors; a weak factor allows none to somebody who has a strong one. */
  change?: boolean;
  /** How this session has proven it already: a code of another kind may then be told why it is wrong. */
  provenBy?: string | undefined;
  /** Whose count a wrong code goes to. */
  lane?: Lane;
  /** What is proven first by it: the name of that login. */
  login?: string | undefined;
  /** Can show new recovery codes, and so gets them together with the use of the last one (NIST SP 800-63B-4 §4.2). */
  onNewBackups?: (texts: readonly string[]) => void;
  /** What of it counts; by default all. */
  takes?: (factor: Factor) => boolean;
  /** Unix seconds: when it was handed in; by default now. */
  now?: number;
}

/** A change of factors takes a code, or a proof not older than this (ASVS 5.0 7.5.1). */
export const recentSeconds = 300;

/** That somebody knows the password is told so often at most. */
const passwordSuspectedEverySeconds = 86_400;

export function createSubmissions({
  records,
  browserCookies,
  knownBrowsers,
  factors,
  paces,
  announce,
  clock,
  lockPolicy,
  withPass,
}: ServiceParts) {
  /** What is done once, however often a submission is judged anew because somebody else was faster. */
  interface Once {
    hashed: Hashed;
    /** Seconds until what costs a slow hash may be looked at. */
    mayCost: () => number;
    renew: () => Promise<IssuedCodes>;
  }

  async function judgeCode(
    { hashed, mayCost, renew }: Once,
    subject: Subject,
    stored: TwoFactorRecord | undefined,
    { presented, weak, change, provenBy, lane, login, takes = () => true, now = clock(), onNewBackups }: CodeAuthority,
    origin: EventOrigin,
    then: Then | undefined,
  ): Promise<{ outcome: Told; next?: TwoFactorRecord }> {
    const enrolled = isEnrolled(stored);
    if (!enrolled && !weak) return { outcome: { result: { is: "not-enabled" }, events: [] } };
    const offered = factors.kinds.filter((factor) => presented.has(factor.kind) && takes(factor));
    if (offered.length === 0) return { outcome: { result: { is: "key-required" }, events: [] } };
    const record = stored ?? blankRecord(subject.key, noEpoch);
    const lock = laneLock(record, lane, now);
    const weakCounts = weak && !(change && enrolled);
    // What is locked costs no decryption; what no lock stops costs what its budget allows.
    const counted = offered.filter(
      (factor) => !(lock !== undefined && factor.isGuessable) && (factor.rank !== "weak" || weakCounts),
    );
    const isCostly = offered.some((factor) => factor.isCostly) && factors.isCostly(record, presented, now);
    const seconds = isCostly ? mayCost() : 0;
    if (seconds > 0) return { outcome: { result: { is: "too-often", seconds }, events: [] } };
    const verdicts = await factors.verdictsOf(subject, record, presented, counted, { now, hashed, provenBy });
    const outcome = judge(record, verdicts, lockPolicy, now, lane, { lock });

    switch (outcome.is) {
      case "passed": {
        const { method, events, about } = outcome;
        // What is proven names an epoch, so there is one from here on.
        const epoch = record.epoch === noEpoch ? randomToken() : record.epoch;
        const proven = withNote({ ...outcome.next, epoch }, events[0]?.type ?? "challenge-passed", origin, now);
        const stopped = stopRecovery(proven, origin, now);
        const changed = then === undefined ? { next: stopped.record, events: [] } : await then(stopped.record, method);
        if ("is" in changed) return { outcome: { result: changed, events: [] } };
        const isBackup = offered.some((factor) => factor.rank === "backup" && factor.method === method);
        const isLastBackup = isBackup && onNewBackups !== undefined && factors.backupsLeft(changed.next) === 0;
        const fresh = isLastBackup ? await renew() : undefined;
        const { unlocking: _, ...changedTo } =
          fresh?.entries.reduce<TwoFactorRecord>(withEntry, changed.next) ?? changed.next;
        const passed = withPass(changedTo, login, now);
        const { record: next, cookie: known } = knownBrowsers.withThis(passed, subject, lane, now);
        return {
          outcome: {
            result: { is: "passed", method, record: next, ...(about && { about }), ...(known && { known }) },
            events: [
              { type: "challenge-passed", method, ...about },
              ...events,
              ...stopped.events,
              ...changed.events,
              ...(fresh ? [{ type: "recovery-codes-regenerated" } as const] : []),
            ],
          },
          next,
        };
      }
      case "wrong":
        return {
          outcome: {
            result: outcome,
            events: [{ type: "challenge-failed", attemptsRemaining: outcome.attemptsRemaining }],
          },
          next: withNote(outcome.next, "challenge-failed", origin, now),
        };
      case "just-locked": {
        const { lock: newLock, round } = outcome;
        const until = newLock.until === undefined ? {} : { until: new Date(newLock.until * 1000) };
        const suspected =
          newLock.lane === "unknown-browsers" &&
          now - (record.passwordSuspectedAt ?? -Infinity) >= passwordSuspectedEverySeconds;
        return {
          outcome: {
            result: { is: "locked", lock: newLock },
            events: [
              { type: "challenge-failed", attemptsRemaining: 0 },
              ...(suspected ? [{ type: "password-suspected" } as const] : []),
              { type: "locked", lane: newLock.lane, round, ...until },
            ],
          },
          next: withNote({ ...outcome.next, ...(suspected && { passwordSuspectedAt: now }) }, "locked", origin, now),
        };
      }
      case "used":
        return { outcome: { result: outcome, events: [{ type: "code-reused", method: outcome.method }] } };
      case "refused": {
        const { reason, events: told = [] } = outcome;
        if (reason !== undefined) {
          const [first] = told;
          const next = first && { next: withNote(record, first.type, origin, now) };
          return { outcome: { result: { is: "key-refused", reason }, events: told }, ...next };
        }
        const left = attemptsRemaining(attemptsIn(record, lane), policyIn(record, lane, lockPolicy));
        const result = { is: "refused" as const, attemptsRemaining: lock !== undefined ? 0 : left };
        return {
          outcome: { result, events: [{ type: "challenge-failed", attemptsRemaining: result.attemptsRemaining }] },
        };
      }
      default:
        return { outcome: { result: outcome, events: [] } };
    }
  }

  async function byProof(
    record: TwoFactorRecord | undefined,
    proof: Proof,
    origin: EventOrigin,
    then: Then | undefined,
  ): Promise<{ outcome: Told; next?: TwoFactorRecord }> {
    if (record === undefined) return { outcome: { result: { is: "not-enabled" }, events: [] } };
    const good = proofHolds(proof, record) && isRecent(proof, recentSeconds, isEnrolled(record), clock());
    if (!good) return { outcome: { result: { is: "stale" }, events: [] } };
    const stopped = then === undefined ? { record, events: [] } : stopRecovery(record, origin, clock());
    const changed = (await then?.(stopped.record, proof.method)) ?? { next: record, events: [] };
    if ("is" in changed) return { outcome: { result: changed, events: [] } };
    const [next, events] = [changed.next, [...stopped.events, ...changed.events]];
    return { outcome: { result: { is: "passed", method: proof.method, record: next }, events }, next };
  }

  /** Proves, and makes the change that the proof allows, in one write. Told only after it is durable. */
  async function submit(
    subject: Subject,
    authority: Authority,
    origin: EventOrigin,
    then?: Then,
  ): Promise<SubmissionResult> {
    const code = "presented" in authority ? authority : undefined;
    let cost: number | undefined;
    const pace = { key: `${subject.key} ${code?.lane ?? ""}` };
    let made: Promise<IssuedCodes> | undefined;
    const once: Once = {
      hashed: new Map(),
      mayCost: () => (cost ??= paces.take("recoveryTries", pace)),
      renew: () => (made ??= factors.issueBackups(subject)),
    };
    const { result, events } = await records.change<Told>(subject, async (record) => {
      const decided = await ("presented" in authority
        ? judgeCode(once, subject, record, authority, origin, then)
        : byProof(record, authority.proof, origin, then));
      // A wrong code counts, whoever has gone.
      const isForNobody = decided.outcome.result.is === "passed" && authority.connection?.destroyed === true;
      return isForNobody ? { outcome: { result: { is: "gone" }, events: [] } } : decided;
    });
    // Who has a right one, and clicks twice, is no flood.
    if (cost === 0 && (result.is === "passed" || result.is === "used")) paces.giveBack("recoveryTries", pace);
    if (result.is === "passed") {
      const isRenewed = events.some(({ type }) => type === "recovery-codes-regenerated");
      if (isRenewed && made !== undefined) code?.onNewBackups?.((await made).texts);
    }
    await announce(subject, origin, events);
    return result;
  }

  return {
    submit,

    /** A right code, and this browser is not asked again for a while. The cookie's text is made once it is durable. */
    async submitAndRemember(subject: Subject, code: Authority, origin: EventOrigin, replaces: Browser | undefined) {
      const added = newBrowser(browserCookies, subject, origin, clock());
      const result = await submit(subject, code, origin, async (record, method) => {
        const browser = { ...added.browser, ...(factors.isResistant(method) && { resistant: true as const }) };
        return {
          next: { ...record, browsers: withBrowser(record.browsers, browser, replaces?.id) },
          events: [{ type: "browser-remembered", browser: browser.name }],
        };
      });
      return { result, browser: result.is === "passed" ? added.cookie(result.record.epoch) : undefined };
    },
  };
}
