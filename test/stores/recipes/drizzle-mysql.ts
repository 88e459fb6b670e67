import { and, eq } from "drizzle-orm";
import { customType, mysqlTable } from "drizzle-orm/mysql-core";
import type { MySql2Database } from "drizzle-orm/mysql2";
import type { TwoFactorStore } from "express-two-factor";

/** A text, kept as the bytes that it is: collations take texts that differ for one. */
const bytes = customType<{ data: string; driverData: Buffer; config: { type: string } }>({
  dataType: (config) => config?.type ?? "longblob",
  toDriver: (text) => Buffer.from(text),
  fromDriver: String,
});

export const records = mysqlTable("two_factor_records", {
  userId: bytes("user_id", { type: "varbinary(2048)" }).primaryKey(),
  record: bytes("record").notNull(),
  revision: bytes("revision", { type: "varbinary(255)" }).notNull(),
});

/** @param db the database itself, never the `tx` of a transaction. */
export function drizzleStore(db: MySql2Database): TwoFactorStore {
  return {
    async get(userId) {
      const { record, revision } = records;
      return (await db.select({ record, revision }).from(records).where(eq(records.userId, userId)))[0];
    },
    async compareAndSet(userId, expected, { record, revision }) {
      if (expected !== undefined) {
        const same = and(eq(records.userId, userId), eq(records.revision, expected));
        return (await db.update(records).set({ record, revision }).where(same))[0].affectedRows === 1;
      }
      try {
        await db.insert(records).values({ userId, record, revision });
        return true;
      } catch (error) {
        const { cause } = error as { cause?: { code?: unknown } };
        if (cause?.code === "ER_DUP_ENTRY") return false; // somebody was faster
        throw error;
      }
    },
  };
}
