import type { TwoFactorStore } from "express-two-factor";
import { type DataSource, EntitySchema, QueryFailedError } from "typeorm";

/** Add it to `entities`. */
export const TwoFactorRecord = new EntitySchema<{ userId: string; record: string; revision: string }>({
  name: "TwoFactorRecord",
  tableName: "two_factor_records",
  columns: {
    userId: { name: "user_id", type: "text", primary: true },
    record: { type: "text" },
    revision: { type: "text" },
  },
});

/** @param source the data source itself, never the manager of a transaction. */
export function typeormStore(source: DataSource): TwoFactorStore {
  const records = () => source.getRepository(TwoFactorRecord);
  return {
    async get(userId) {
      const row = await records().findOneBy({ userId });
      return row === null ? undefined : { record: String(row.record), revision: String(row.revision) }; // MySQL answers bytes
    },
    async compareAndSet(userId, expected, { record, revision }) {
      if (expected !== undefined) {
        return (await records().update({ userId, revision: expected }, { record, revision })).affected === 1;
      }
      try {
        await records().insert({ userId, record, revision }); // not `save`: it reads, then writes
        return true;
      } catch (error) {
        const { code } = error instanceof QueryFailedError ? (error.driverError as { code?: unknown }) : {};
        if (duplicateKey.has(code)) return false; // somebody was faster
        throw error;
      }
    },
  };
}

/** PostgreSQL, MySQL, SQLite by better-sqlite3 and by sqlite3. */
const duplicateKey = new Set<unknown>(["23505", "ER_DUP_ENTRY", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT"]);
