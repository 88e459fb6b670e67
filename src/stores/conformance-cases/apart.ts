import { type ConformanceCase, conformanceCase, mustHold, mustWrite, newRecord, stored } from "./subject";

/** What the host does with its own data never undoes what the store acknowledged. */
export const apart: ConformanceCase[] = [
  conformanceCase("a write takes no part in a transaction of the host's", async (subject) => {
    const { hostTransaction, one, other } = subject;
    if (hostTransaction === undefined) return "give `hostTransaction(work)`, which rolls a transaction of yours back";
    const { userId, first } = await stored(subject);
    const newcomer = await subject.newUser();
    const [second, created] = [newRecord(), newRecord()];
    await hostTransaction(async () => {
      await mustWrite(one, userId, first.revision, second);
      await mustWrite(one, newcomer, undefined, created);
    });
    const why = "after the host rolled its transaction back: keep the store's statements out of it";
    await mustHold(other, userId, second, why);
    await mustHold(other, newcomer, created, why);
    return undefined;
  }),

  conformanceCase("saving a stale model of the host's undoes no write", async (subject) => {
    const { saveStaleModel, one, other } = subject;
    if (saveStaleModel === undefined)
      return "give `saveStaleModel(userId, work)`, where records are columns of a model of yours";
    const { userId, first } = await stored(subject);
    const second = newRecord();
    await saveStaleModel(userId, () => mustWrite(one, userId, first.revision, second));
    await mustHold(
      other,
      userId,
      second,
      "after the host saved a model that it loaded before: keep the fields out of it",
    );
    return undefined;
  }),

  conformanceCase("what somebody sends of their own data changes no record", async (subject) => {
    const { updateUser, columns, one, other } = subject;
    if (updateUser === undefined) return "give `updateUser(userId, body)`, where records are columns of your users";
    const { userId, first } = await stored(subject);
    const forged = newRecord();
    const names = [...new Set(columns.flatMap((column) => [column, camelCase(column)]))];
    for (const value of [null, "", forged.record, forged.revision, {}]) {
      await updateUser(userId, Object.fromEntries(names.map((name) => [name, value])));
      const why = `after the user sent ${names.join(", ")}: take only the fields that users may change`;
      await mustHold(other, userId, first, why);
    }
    await mustWrite(one, userId, first.revision, newRecord());
    return undefined;
  }),
];

const camelCase = (column: string): string =>
  column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
