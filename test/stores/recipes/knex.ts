import type { TwoFactorStore } from "express-two-factor";
import type { Knex } from "knex";

/** @param knex the instance itself, never a transaction of the host's. */
export function knexStore(knex: Knex): TwoFactorStore {
  const rows = () => knex<{ user_id: string; record: string; revision: string }>("two_factor_records");
  return {
    async get(userId) {
      const row = await rows().where({ user_id: userId }).first("record", "revision");
      return row && { record: String(row.record), revision: String(row.revision) }; // MySQL answers bytes
    },
    async compareAndSet(userId, expected, { record, revision }) {
      if (expected !== undefined) {
        return (await rows().where({ user_id: userId, revision: expected }).update({ record, revision })) === 1;
      }
      try {
        await rows().insert({ user_id: userId, record, revision });
        return true;
      } catch (error) {
        if (duplicateKey.has((error as { code?: unknown }).code)) return false; // somebody was faster
        throw error;
      }
    },
  };
}

/** PostgreSQL, MySQL, SQLite by better-sqlite3 and by sqlite3. Not `onConflict().ignore().returning()`: MySQL ignores that. */
const duplicateKey = new Set<unknown>(["23505", "ER_DUP_ENTRY", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT"]);
