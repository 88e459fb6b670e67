import { and, eq } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { TwoFactorStore } from "express-two-factor";

export const records = sqliteTable("two_factor_records", {
  userId: text("user_id").primaryKey(),
  record: text("record").notNull(),
  revision: text("revision").notNull(),
});

/** @param db the database itself, on a connection of its own. */
export function drizzleStore(db: BetterSQLite3Database): TwoFactorStore {
  return {
    async get(userId) {
      const { record, revision } = records;
      return (await db.select({ record, revision }).from(records).where(eq(records.userId, userId)))[0];
    },
    async compareAndSet(userId, expected, { record, revision }) {
      if (expected === undefined) {
        const insert = db.insert(records).values({ userId, record, revision }).onConflictDoNothing();
        return (await insert.returning({ id: records.userId })).length === 1;
      }
      const same = and(eq(records.userId, userId), eq(records.revision, expected));
      const update = db.update(records).set({ record, revision }).where(same);
      return (await update.returning({ id: records.userId })).length === 1;
    },
  };
}
