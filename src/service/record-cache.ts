import type { TwoFactorRecord } from "../core/record";

const capacity = 10_000;

/**
 * What this process last saw of a user's record, for `revalidateSeconds`. It can only confirm that a proof still
 * holds: nobody is turned away, let in anew or counted on what is read here. It lives in the process, since in the
 * session a slow parallel request could bring an older copy back.
 */
export class RecordCache {
  readonly #entries = new Map<string, { record: TwoFactorRecord | undefined; seenAt: number; order: number }>();
  #order = 0;

  constructor(readonly validForSeconds: number) {}

  get(key: string): { record: TwoFactorRecord | undefined } | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const age = Date.now() - entry.seenAt;
    // A clock set back makes the age negative: then the copy is of unknown age.
    return age >= 0 && age < this.validForSeconds * 1000 ? entry : undefined;
  }

  /** To be called when a read begins; its result is kept only if no write was kept meanwhile. */
  begin(): number {
    return ++this.#order;
  }

  keep(key: string, record: TwoFactorRecord | undefined, order: number, seenAt: number): void {
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
