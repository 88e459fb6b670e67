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
      const { count } =
        expected === undefined
          ? await twoFactorRecord.createMany({ data: [{ userId, record, revision }], skipDuplicates: true })
          : await twoFactorRecord.updateMany({ where: { userId, revision: expected }, data: { record, revision } });
      return count === 1;
    },
  };
}
