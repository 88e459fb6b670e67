/** What a store keeps for one user: an opaque text and the revision that names this version of it. */
export interface StoredRecord {
  /** Opaque JSON text made by the service; a store neither reads nor changes it. */
  record: string;
  /** Opaque random text, never repeated; not a counter (a counter suffers ABA). */
  revision: string;
}

/**
 * The whole contract between this library and a database: read one user's record, and replace it only if nobody was
 * faster. `userId` is opaque text too (made from scope and id); two ids are one user only if they are equal, byte for
 * byte. A method that cannot do its work rejects; it never answers from a stale copy.
 */
export interface TwoFactorStore {
  /** Reads from the primary, never from a replica or a cache. */
  get(userId: string): Promise<StoredRecord | undefined>;
  /**
   * Writes only if the stored revision is still `expected` (`undefined`: nothing is stored).
   * @returns `true` when written and durable; `false` when somebody was faster.
   */
  compareAndSet(userId: string, expected: string | undefined, next: StoredRecord): Promise<boolean>;
  /** Deletes everything about a user whose account is gone. */
  erase?(userId: string): Promise<void>;
  /** Every `userId` once, in a stable order, beginning behind `after`; for re-encryption and listings. */
  userIds?(after?: string): AsyncIterable<string>;
}
