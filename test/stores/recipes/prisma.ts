import type { TwoFactorStore } from "express-two-factor";
import type { PrismaClient } from "../generated/prisma/client";

/** @param prisma the client itself, never the `tx` of an interactive transaction. */
export function prismaStore({ twoFactorRecord }: PrismaClient): TwoFactorStore {
  return {
    async get(userId) {
      const select = { record: true, revision: true };
      return (await twoFactorRecord.findUnique({ where: { userId }, select })) ?? undefined;
    },
    async compareAndSet(userId, expected, { record, revision }) {
      if (expected !== undefined) {
        const where = { userId, revision: expected };
        return (await twoFactorRecord.updateMany({ where, data: { record, revision } })).count === 1;
      }
      try {
        await twoFactorRecord.createMany({ data: [{ userId, record, revision }] }); // SQLite has no `skipDuplicates`
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code === "P2002") return false; // unique constraint: somebody was faster
        throw error;
      }
    },
  };
}
