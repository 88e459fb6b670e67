import { type ConformanceCase, conformanceCase, mustHold, mustWrite, newRecord, stored } from "./subject";

/** What the host does with its own data never undoes what the store acknowledged. */
export const apart: ConformanceCase[] = [
  conformanceCase("a write takes no part in a transaction of the host's", async (subject) => {
    const { hostTransaction, one, other } = subject;
    if (hostTransaction === undefined) return;
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
  }),

  conformanceCase("saving a stale model of the host's undoes no write", async (subject) => {
    const { saveStaleModel, one, other } = subject;
    if (saveStaleModel === undefined) return;
    const { userId, first } = await stored(subject);
    const second = newRecord();
    await saveStaleModel(userId, () => mustWrite(one, userId, first.revision, second));
    await mustHold(
      other,
      userId,
      second,
      "after the host saved a model that it loaded before: keep the fields out of it",
    );
  }),
];
