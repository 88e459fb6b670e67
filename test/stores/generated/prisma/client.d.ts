/**
 * Stands in for what `prisma generate` writes in a host's project, so that the recipe can be type-checked without it.
 * The test runs the recipe on the real client.
 */
interface TwoFactorRecord {
  userId: string;
  record: string;
  revision: string;
}

export interface PrismaClient {
  readonly twoFactorRecord: {
    findUnique(query: {
      where: { userId: string };
      select: { record: boolean; revision: boolean };
    }): Promise<Pick<TwoFactorRecord, "record" | "revision"> | null>;
    createMany(query: { data: TwoFactorRecord[] }): Promise<{ count: number }>;
    updateMany(query: {
      where: Pick<TwoFactorRecord, "userId" | "revision">;
      data: Pick<TwoFactorRecord, "record" | "revision">;
    }): Promise<{ count: number }>;
  };
}
