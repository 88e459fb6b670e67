import { rememberedBrowser, withBrowserUsed, type Browser } from "../core/browsers";
import type { Lane } from "../core/attempts";
import { epochOf, hasEndedName, noEpoch, proofHolds, type Proof } from "../core/proof";
import { isTurner } from "../core/enrolment";
import { isEnrolled } from "../core/factor-entry";
import type { TwoFactorRecord } from "../core/record";
import type { Subject } from "../core/user-id";
import type { EventOrigin } from "../events";
import { withNote, type EventDetails } from "./announce";
import type { ServiceParts } from "./service";

/** What a request brings along; its signature is checked, its worth is not. */
export interface Claims {
  proof?: Proof | undefined;
  /** The remember cookie's text. */
  cookie?: string | undefined;
  /** The text of the cookie by which a browser is known. */
  known?: string | undefined;
  /** The epoch in which this session was let in by something that it does not hold itself. */
  letIn?: string | undefined;
  /** Unix seconds: when the login was made, where nothing can be marked on it. */
  loginAt?: number | undefined;
  /** The epoch since it has turned the second factor off itself. */
  turnedOff?: string | undefined;
  /** With `turnedOff`: the login's lasting name. */
  login?: string | undefined;
}

/** What the claims are worth against the record. */
export interface Access {
  record: TwoFactorRecord | undefined;
  proof?: Proof;
  browser?: Browser;
  /** Whose count a wrong code goes to. Absent where somebody proven is only confirmed. */
  lane?: Lane;
}

/** "Last used" is kept to the hour: it is for people to read, and each write costs one. */
const lastUsedEverySeconds = 3600;

/** Of what is missing, this much is remembered as told: the next request would tell it again. */
const mostTold = 1000;

export function createAccess({ records, browserCookies, knownBrowsers, settings, announce, clock }: ServiceParts) {
  const told = new Set<string>();
  const noting = new Set<string>();

  function assess(subject: Subject, record: TwoFactorRecord | undefined, claims: Claims): Access {
    const { proof, cookie } = claims;
    const access: Access = { record };
    const lane = claims.known === undefined ? undefined : knownBrowsers.laneOf(subject, record, claims.known);
    if (lane !== undefined) access.lane = lane;
    if (proof !== undefined && proofHolds(proof, record)) access.proof = proof;
    // A session that was logged out elsewhere while it became proven is not let in by what that proof has left.
    const isOver = proof !== undefined && record !== undefined && hasEndedName(record, proof.id);
    const browser = isOver ? undefined : browserOf(subject, record, cookie);
    if (browser !== undefined) access.browser = browser;
    return access;
  }

  function browserOf(
    subject: Subject,
    record: TwoFactorRecord | undefined,
    cookie: string | undefined,
  ): Browser | undefined {
    const validForSeconds = settings.rememberOtpSessionForSeconds;
    if (record === undefined || cookie === undefined || settings.rememberBrowser === "never") return undefined;
    const claimed = browserCookies.read(subject, cookie);
    if (claimed === undefined || claimed.epoch !== record.epoch) return undefined;
    return rememberedBrowser(record.browsers, claimed.hash, validForSeconds, clock());
  }

  /** A proof or a cookie of ours names a record, and the store has none: it was lost, or the account was erased. */
  async function tellIfMissing(subject: Subject, access: Access, claims: Claims, origin: EventOrigin) {
    if (access.record !== undefined) return;
    const epoch = claims.proof?.epoch || browserCookies.read(subject, claims.cookie)?.epoch;
    if (epoch === undefined || epoch === noEpoch || told.has(epoch)) return;
    if (told.size >= mostTold) told.clear();
    told.add(epoch);
    process.emitWarning(
      "express-two-factor: a session or a cookie names a second factor that the store does not know. Unless the account was erased, the store has lost its data.",
      { code: "TWO_FACTOR_RECORD_MISSING" },
    );
    await announce(subject, origin, [{ type: "record-missing" }]);
  }

  /** The first time, then once an hour. Only what it let in: whoever has typed a code needs no browser. */
  function noteUse(subject: Subject, used: Browser, origin: EventOrigin): void {
    const isNews = ({ rememberedAt, lastUsedAt }: Browser) =>
      lastUsedAt === rememberedAt || clock() - lastUsedAt >= lastUsedEverySeconds;
    if (!isNews(used) || noting.has(subject.key)) return;
    noting.add(subject.key);
    // Nobody waits for it, and nothing depends on it.
    void records
      .change<EventDetails[]>(subject, (record) => {
        const known = record?.browsers.find((browser) => browser.id === used.id);
        if (record === undefined || known === undefined || !isNews(known)) return { outcome: [] };
        const browsers = withBrowserUsed(record.browsers, known.id, clock());
        const next = withNote({ ...record, browsers }, "browser-used", origin, clock());
        return { outcome: [{ type: "browser-used", browser: known.name }], next };
      })
      .then((events) => announce(subject, origin, events))
      .catch(() => undefined)
      .finally(() => noting.delete(subject.key));
  }

  return {
    /** From the store, always: for everything but confirming that somebody proven still is. */
    async read(subject: Subject, claims: Claims, origin: EventOrigin): Promise<Access> {
      const access = assess(subject, await records.load(subject), claims);
      await tellIfMissing(subject, access, claims, origin);
      return access;
    },

    /**
     * Without a store call, from what was read in the last `revalidateSeconds`: a proof that holds, or else a record that
     * the caller may find to ask for none. `undefined`: it is to be read. The cookie is left to `confirm`: checking its
     * signature costs more than all the rest of most requests.
     */
    recent(subject: Subject, proof: Proof | undefined): Access | undefined {
      const recent = records.recent(subject);
      if (recent === undefined) return undefined;
      const { record } = recent;
      return proof !== undefined && proofHolds(proof, record) ? { record, proof } : { record };
    },

    /** At most one store call in `revalidateSeconds` for somebody proven; one a request for everybody else. */
    async confirm(subject: Subject, claims: Claims, origin: EventOrigin): Promise<Access> {
      const recent = this.recent(subject, claims.proof);
      if (recent !== undefined) {
        if (recent.proof !== undefined) return recent;
        const browser = browserOf(subject, recent.record, claims.cookie);
        if (browser !== undefined) {
          noteUse(subject, browser, origin);
          return { ...recent, browser };
        }
      }
      const access = await this.read(subject, claims, origin);
      if (access.proof === undefined && access.browser !== undefined) noteUse(subject, access.browser, origin);
      return access;
    },

    /**
     * The claims are older than the record's state: a proof that no longer holds, or a mark or a cookie of ours that
     * names another epoch. Whoever brings them was let in by a factor that has gone since.
     */
    isOutlived(subject: Subject, { record, proof }: Access, claims: Claims): boolean {
      if (proof !== undefined || isEnrolled(record)) return false;
      if (claims.proof !== undefined) return true;
      const { loginAt = Infinity } = claims;
      const { resetAt = 0, offSince = 0 } = record ?? {};
      // A mark is in every copy; that login's logout is in the record.
      const turnedItOff = claims.turnedOff === epochOf(record) && isTurner(record, claims.login);
      // What it had proven, its owner can leave out; when it was made, not.
      if (loginAt < resetAt || (loginAt < offSince && !turnedItOff)) return true;
      if ([claims.letIn, claims.turnedOff].some((mark) => mark !== undefined && mark !== epochOf(record))) return true;
      const claimed = browserCookies.read(subject, claims.cookie);
      return claimed !== undefined && claimed.epoch !== epochOf(record);
    },
  };
}
