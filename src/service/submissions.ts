import { withBrowser, type Browser } from "../core/browsers";
import { withHistory } from "../core/history";
import { attemptsRemaining } from "../core/attempts";
import { attemptsIn, laneLock, policyIn, type Lane } from "../core/lanes";
import { isRecent, noEpoch, proofHolds, type Proof } from "../core/proof";
import { isEnrolled, withEntry } from "../core/factor-entry";
import { blankRecord, type TwoFactorRecord } from "../core/record";
import { judge } from "../core/submission";
import type { Subject } from "../core/user-id";
import { randomToken } from "../crypto/random";
import type { EventOrigin } from "../events";
import type { Factor } from "../factors/factor";
import { historyEntry, type EventDetails } from "./announce";
import type { FactorSet, IssuedCodes, Presentations } from "./factors";
import type { FreshlyKnown } from "./known-browsers";
import { newBrowser } from "./new-browser";
import { stopRecovery } from "./recovery-stop";
import type { ServiceParts } from "./service";
import type { SubmissionResult, Then } from "./submission-result";

export type { SubmissionResult, Then } from "./submission-result";

type Told = { result: SubmissionResult; events: readonly EventDetails[] };

/** What allows a change: a code in the form, or a proof of the last minutes. */
export type Authority = (CodeAuthority | { proof: Proof }) & {
  /**
   * Whether somebody waits for the answer still; given where it says what cannot be said again (a session's new id,
   * recovery codes). A browser lets go of the first of two clicks: then the second is the one that counts.
   */
  isThere?: () => boolean;
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
  /** Can show new recovery codes, and so gets them together with the use of the last one (NIST SP 800-63B-4 §4.2). */
  onNewBackups?: (texts: readonly string[]) => void;
  /** A right one makes this browser known: the text of its cookie. */
  onKnown?: (cookie: string) => void;
  /** What of it counts; by default all. */
  takes?: (factor: Factor) => boolean;
}

/** A change of factors takes a code, or a proof not older than this (ASVS 5.0 7.5.1). */
export const recentSeconds = 300;

const nothingMore: Then = async (record) => ({ next: record, events: [] });

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
}: ServiceParts) {
  async function judgeCode(
    verdictsOf: ReturnType<FactorSet["judging"]>,
    subject: Subject,
    stored: TwoFactorRecord | undefined,
    { presented, weak, change, provenBy, lane, takes = () => true }: CodeAuthority,
    known: FreshlyKnown | undefined,
    mayCost: () => number,
    renew: () => Promise<IssuedCodes> | undefined,
    origin: EventOrigin,
    then: Then,
  ): Promise<{ outcome: Told; next?: TwoFactorRecord }> {
    const enrolled = isEnrolled(stored);
    if (!enrolled && !weak) return { outcome: { result: { is: "not-enabled" }, events: [] } };
    if (!factors.kinds.some((factor) => presented.has(factor.kind) && takes(factor))) {
      return { outcome: { result: { is: "key-required" }, events: [] } };
    }
    const record = stored ?? blankRecord(subject.key, noEpoch);
    const now = clock();
    const locked = laneLock(record, lane, now) !== undefined;
    const weakCounts = weak && !(change && enrolled);
    // What is locked costs no decryption; what no lock stops costs what its budget allows.
    const counts = (factor: Factor) =>
      takes(factor) && !(locked && factor.isGuessable) && (factor.rank !== "weak" || weakCounts);
    const seconds = factors.isCostly(record, presented, now) ? mayCost() : 0;
    if (seconds > 0) return { outcome: { result: { is: "too-often", seconds }, events: [] } };
    const verdicts = await verdictsOf(subject, record, presented, counts, now, provenBy);
    const outcome = judge(record, verdicts, lockPolicy, now, lane);
    const noted = (next: TwoFactorRecord, type: EventDetails["type"]) => ({
      ...next,
      history: withHistory(next.history, historyEntry(type, origin, now)),
    });

    switch (outcome.is) {
      case "passed": {
        const { method, events, about } = outcome;
        // What is proven names an epoch, so there is one from here on.
        const epoch = record.epoch === noEpoch ? randomToken() : record.epoch;
        const proven = noted({ ...outcome.next, epoch }, events[0]?.type ?? "challenge-passed");
        const stopped = stopRecovery(proven, origin, now);
        const changed = await then(stopped.record, method);
        if ("is" in changed) return { outcome: { result: changed, events: [] } };
        const fresh =
          factors.backupsLeft(record) > 0 && factors.backupsLeft(changed.next) === 0 ? await renew() : undefined;
        const { unlocking: _, ...changedTo } =
          fresh?.entries.reduce<TwoFactorRecord>(withEntry, changed.next) ?? changed.next;
        const next = known?.into(changedTo, lane) ?? changedTo;
        return {
          outcome: {
            result: { is: "passed", method, record: next, ...(about && { about }) },
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
          next: noted(outcome.next, "challenge-failed"),
        };
      case "just-locked": {
        const { lock, round } = outcome;
        const until = lock.until === undefined ? {} : { until: new Date(lock.until * 1000) };
        const suspected =
          lock.lane === "unknown-browsers" &&
          now - (record.passwordSuspectedAt ?? -Infinity) >= passwordSuspectedEverySeconds;
        return {
          outcome: {
            result: { is: "locked", lock },
            events: [
              { type: "challenge-failed", attemptsRemaining: 0 },
              ...(suspected ? [{ type: "password-suspected" } as const] : []),
              { type: "locked", lane: lock.lane, round, ...until },
            ],
          },
          next: noted({ ...outcome.next, ...(suspected && { passwordSuspectedAt: now }) }, "locked"),
        };
      }
      case "used":
        return { outcome: { result: outcome, events: [{ type: "code-reused", method: outcome.method }] } };
      case "refused": {
        const { reason, events: told = [] } = outcome;
        if (reason !== undefined) {
          const [first] = told;
          const next = first && { next: noted(record, first.type) };
          return { outcome: { result: { is: "key-refused", reason }, events: told }, ...next };
        }
        const left = attemptsRemaining(attemptsIn(record, lane), policyIn(record, lane, lockPolicy));
        const result = { is: "refused" as const, attemptsRemaining: locked ? 0 : left };
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
    then: Then,
  ): Promise<{ outcome: Told; next?: TwoFactorRecord }> {
    if (record === undefined) return { outcome: { result: { is: "not-enabled" }, events: [] } };
    const good = proofHolds(proof, record) && isRecent(proof, recentSeconds, isEnrolled(record), clock());
    if (!good) return { outcome: { result: { is: "stale" }, events: [] } };
    const changed = await then(record, proof.method);
    if ("is" in changed) return { outcome: { result: changed, events: [] } };
    const { next, events } = changed;
    return { outcome: { result: { is: "passed", method: proof.method, record: next }, events }, next };
  }

  /** Proves, and makes the change that the proof allows, in one write. Told only after it is durable. */
  async function submit(
    subject: Subject,
    authority: Authority,
    origin: EventOrigin,
    then: Then = nothingMore,
  ): Promise<SubmissionResult> {
    const verdictsOf = factors.judging();
    const known = "presented" in authority ? knownBrowsers.fresh(subject) : undefined;
    // Once a submission, however often somebody else is faster.
    let cost: number | undefined;
    const pace = { key: `${subject.key} ${("presented" in authority && authority.lane) || ""}` };
    const mayCost = () => (cost ??= paces.take("recoveryTries", pace));
    let made: Promise<IssuedCodes> | undefined;
    const onNewBackups = "presented" in authority ? authority.onNewBackups : undefined;
    const renew = () => (onNewBackups === undefined ? undefined : (made ??= factors.issueBackups(subject)));
    const { result, events } = await records.change<Told>(subject, async (record) => {
      const decided = await ("presented" in authority
        ? judgeCode(verdictsOf, subject, record, authority, known, mayCost, renew, origin, then)
        : byProof(record, authority.proof, then));
      // A wrong code counts, whoever has gone.
      const isForNobody = decided.outcome.result.is === "passed" && authority.isThere?.() === false;
      return isForNobody ? { outcome: { result: { is: "gone" }, events: [] } } : decided;
    });
    // Who has a right one, and clicks twice, is no flood.
    if (cost === 0 && (result.is === "passed" || result.is === "used")) paces.giveBack("recoveryTries", pace);
    if (result.is === "passed" && events.some(({ type }) => type === "recovery-codes-regenerated") && made) {
      onNewBackups?.((await made).texts);
    }
    if (result.is === "passed" && known !== undefined && "presented" in authority) authority.onKnown?.(known.cookie);
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
