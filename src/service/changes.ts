import { withoutBrowser } from "../core/browsers";
import { turnOff, withTurnerLeft, withSessionMoved } from "../core/enrolment";
import { noEpoch } from "../core/proof";
import { withEntry } from "../core/factor-entry";
import { withLeft, withLoginEnded, type EndingLogin } from "../core/passes";
import { blankRecord, type TwoFactorRecord } from "../core/record";
import type { Subject } from "../core/user-id";
import { randomToken } from "../crypto/random";
import type { EventOrigin, TwoFactorEventType } from "../events";
import { withNote } from "./announce";
import type { IssuedCodes } from "./factors";
import type { ServiceParts } from "./service";
import type { Authority, SubmissionResult, Then } from "./submissions";

/** What users change themselves; each takes a code or a recent proof, in the same write. */
export function createChanges(
  { records, factors, paces, announce, clock }: ServiceParts,
  submit: (subject: Subject, by: Authority, origin: EventOrigin, then: Then) => Promise<SubmissionResult>,
) {
  const noted = (record: TwoFactorRecord, type: TwoFactorEventType, origin: EventOrigin): TwoFactorRecord =>
    withNote(record, type, origin, clock());

  return {
    /**
     * At logout: what this login has proven, and with `browserId` this browser, are worth nothing any more. Where a login has a
     * name that stays, it is noted as left, too.
     */
    async logout(
      subject: Subject,
      { browserId, ...ending }: EndingLogin & { browserId?: string | undefined },
      origin: EventOrigin,
    ): Promise<void> {
      const { login, proofs = [] } = ending;
      let wait: number | undefined;
      const mayNote = () => (wait ??= paces.take("logouts", subject)) === 0;
      const isNews = await records.change(subject, (record) => {
        const now = clock();
        const ended = withLoginEnded(record, ending, () => blankRecord(subject.key, noEpoch), now);
        const forgets = browserId !== undefined && record?.browsers.some(({ id }) => id === browserId) === true;
        const known = ended ?? record;
        if (known === undefined) return { outcome: false };
        const changed = withTurnerLeft(known, login);
        const changes = ended !== undefined || forgets;
        if (!changes && changed === known && (login === undefined || !mayNote())) return { outcome: false };
        const left = login === undefined ? changed : withLeft(changed, login, now);
        const browsers = forgets ? withoutBrowser(left.browsers, browserId) : left.browsers;
        return { outcome: changes, next: { ...left, browsers } };
      });
      if (isNews || proofs.length > 0 || browserId !== undefined)
        await announce(subject, origin, [{ type: "logged-out" }]);
    },

    /** What this login has proven is over, though it goes on. @returns whether there was something to end */
    async endProofs(subject: Subject, ending: EndingLogin): Promise<boolean> {
      if (ending.login === undefined && ending.proofs?.length === 0) return false;
      return records.change(subject, (record) => {
        const next = withLoginEnded(record, ending, () => blankRecord(subject.key, noEpoch), clock());
        return { outcome: next !== undefined, ...(next && { next }) };
      });
    },

    /**
     * Of a login that has ended unproven: what it has proven on another process meanwhile is over, too. Where it has proven
     * nothing this only looks, out of line and at the store itself: what is accepted later finds the login gone.
     * @param login its name
     */
    async endPass(subject: Subject, login: string, origin: EventOrigin): Promise<void> {
      const seen = await records.load(subject);
      if (seen === undefined || withLoginEnded(seen, { login }, () => seen, clock()) === undefined) return;
      if (await this.endProofs(subject, { login })) await announce(subject, origin, [{ type: "logged-out" }]);
    },

    /** @param login that does so, where it has a name that stays: it may set up again until it is logged out */
    disable: (subject: Subject, by: Authority, origin: EventOrigin, login?: string): Promise<SubmissionResult> =>
      submit(subject, by, origin, async (record) => ({
        next: noted(turnOff(record, randomToken(), clock(), login), "disabled", origin),
        events: [{ type: "disabled" }],
      })),

    /** @param seen the record as the request found it */
    async regenerateRecoveryCodes(
      subject: Subject,
      seen: TwoFactorRecord | undefined,
      by: Authority,
      origin: EventOrigin,
    ): Promise<{ result: SubmissionResult; recoveryCodes: readonly string[] }> {
      let made: Promise<IssuedCodes> | undefined;
      let recoveryCodes: readonly string[] = [];
      const shown = seen && factors.backupsOf(seen);
      const result = await submit(subject, by, origin, async (record, method) => {
        // A second click must not void the codes that the first has shown, or show those that the first has voided. With
        // one of the codes themselves it does not come so far, since that is spent.
        const isSecond = shown !== undefined && !factors.isBackup(method) && shown !== factors.backupsOf(record);
        if (isSecond) return { is: "stale" };
        made ??= factors.issueBackups(subject);
        const { texts, entries } = await made;
        recoveryCodes = texts;
        return {
          next: noted(entries.reduce<TwoFactorRecord>(withEntry, record), "recovery-codes-regenerated", origin),
          events: [{ type: "recovery-codes-regenerated" }],
        };
      });
      return { result, recoveryCodes };
    },

    /** One browser; an id that is not there (forgotten in another tab) changes nothing. */
    forgetBrowser: (subject: Subject, by: Authority, id: string, origin: EventOrigin): Promise<SubmissionResult> =>
      submit(subject, by, origin, async (record) => {
        const browser = record.browsers.find((known) => known.id === id);
        if (browser === undefined) return { next: record, events: [] };
        const next = { ...record, browsers: withoutBrowser(record.browsers, id) };
        return {
          next: noted(next, "browser-forgotten", origin),
          events: [{ type: "browser-forgotten", browser: browser.name }],
        };
      }),

    /** All browsers and all other sessions: the epoch moves. */
    forgetAllBrowsers: (subject: Subject, by: Authority, origin: EventOrigin): Promise<SubmissionResult> =>
      submit(subject, by, origin, async (record) => ({
        next: noted(withSessionMoved(record, randomToken()), "browsers-forgotten", origin),
        events: [{ type: "browsers-forgotten" }],
      })),
  };
}
