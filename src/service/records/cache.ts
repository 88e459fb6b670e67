import type { TwoFactorRecord } from "../../core/record";
import type { Subject } from "../../core/user-id";
import type { StoredRecord } from "../../stores/store";

const capacity = 10_000;

/**
 * By both clocks, for an age is what both agree on: the one on the wall can be set back, and then what is old would look
 * new; the other stands still while a machine sleeps.
 */
interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

/** One reading of the store. */
export interface Seen {
  stored: StoredRecord | undefined;
  record: TwoFactorRecord | undefined;
  /** Its place among all that this process has made. */
  order: number;
}

/**
 * What this process last saw of a user's record, for `revalidateSeconds`. It can only confirm that a proof still
 * holds: nobody is turned away, let in anew or counted on what is read here. It lives in the process, since in the
 * session a slow parallel request could bring an older copy back.
 */
export class RecordCache {
  readonly #entries = new Map<string, { record: TwoFactorRecord | undefined; seenAt: Moment; order: number }>();
  /** What a request has read, by the subject that was made for it. */
  readonly #read = new WeakMap<Subject, Seen>();
  #order = 0;

  constructor(readonly validForSeconds: number) {}

  get(key: string): { record: TwoFactorRecord | undefined } | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const { monotonic, wall } = this.now();
    return this.#isYoung(monotonic - entry.seenAt.monotonic) && this.#isYoung(wall - entry.seenAt.wall)
      ? entry
      : undefined;
  }

  /** A clock set back makes the age negative: then the copy is of unknown age. */
  #isYoung(milliseconds: number): boolean {
    return milliseconds >= 0 && milliseconds < this.validForSeconds * 1000;
  }

  /** When something was seen, for `keep`. */
  now(): Moment {
    return { monotonic: performance.now(), wall: Date.now() };
  }

  /** To be called when a read begins; its result is kept only if no write was kept meanwhile. */
  begin(): number {
    return ++this.#order;
  }

  /** For the change that may follow. */
  noteRead(subject: Subject, seen: Seen): void {
    this.#read.set(subject, seen);
  }

  /**
   * What the request has read already: the first try of a change decides on that, and the store says whether it is still so.
   * @returns it once, and only where nothing of this user was read or written since
   */
  takeRead(subject: Subject): Seen | undefined {
    const seen = this.#read.get(subject);
    this.#read.delete(subject);
    return seen !== undefined && this.#entries.get(subject.key)?.order === seen.order ? seen : undefined;
  }

  keep(key: string, record: TwoFactorRecord | undefined, order: number, seenAt: Moment): void {
    const kept = this.#entries.get(key);
    if (kept !== undefined && kept.order > order) return;
    this.#entries.delete(key);
    this.#entries.set(key, { record, seenAt, order });
    if (this.#entries.size > capacity) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
  }
}
