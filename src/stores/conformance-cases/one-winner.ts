import assert from "node:assert/strict";
import type { StoredRecord } from "../store";
import {
  type ConformanceCase,
  conformanceCase,
  mustHold,
  mustHoldNothing,
  mustRefuse,
  mustWrite,
  newRecord,
  randomText,
  stored,
  type Subject,
} from "./subject";

/** Enough that two clients which each queue their own writes still meet. */
const ROUNDS = 20;
const WRITERS = 16;
const COUNTERS = 8;
const COUNTS_EACH = 5;
const TRIES = 1000;

/** Who wins, and that only one does: what no lock in one process can promise. */
export const oneWinner: ConformanceCase[] = [
  conformanceCase("only the expected revision is replaced", async (subject) => {
    const { userId, first } = await stored(subject);
    const { one, other } = subject;
    await mustRefuse(other, userId, undefined, "when a first write finds a record");
    await mustRefuse(other, userId, randomText(), "when another revision is expected than the stored one");
    await mustHold(one, userId, first, "after writes that were refused");
    const second = newRecord();
    await mustWrite(other, userId, first.revision, second);
    await mustHold(one, userId, second, "that replaced the first");
    await mustRefuse(one, userId, first.revision, "when a former revision is expected");
    await mustHold(other, userId, second, "after a write that was refused");
    const nobody = await subject.newUser();
    await mustRefuse(one, nobody, first.revision, "when a revision is expected and nothing is stored");
    await mustHoldNothing(one, nobody, "after a write that was refused");
    return undefined;
  }),

  conformanceCase("revisions that differ in case only are two", async (subject) => {
    const userId = await subject.newUser();
    const first = { ...newRecord(), revision: "aBcDeFgHiJkLmNoPqRsTuV" };
    await mustWrite(subject.one, userId, undefined, first);
    await mustRefuse(subject.one, userId, first.revision.toLowerCase(), "when the stored revision differs in case");
    await mustHold(subject.one, userId, first, "after a write that was refused");
    return undefined;
  }),

  conformanceCase("of many first writes at once, exactly one wins", async (subject) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const userId = await subject.newUser();
      await race(subject, userId, undefined);
    }
    return undefined;
  }),

  conformanceCase("of many replacements at once, exactly one wins", async (subject) => {
    const { userId, first } = await stored(subject);
    let revision = first.revision;
    for (let round = 0; round < ROUNDS; round += 1) revision = (await race(subject, userId, revision)).revision;
    return undefined;
  }),

  conformanceCase("no acknowledged write is lost", async (subject) => {
    const userId = await subject.newUser();
    const text = (count: number): StoredRecord => ({ record: JSON.stringify({ count }), revision: randomText() });
    await mustWrite(subject.one, userId, undefined, text(0));
    const counter = async (_: unknown, index: number): Promise<void> => {
      for (let done = 0; done < COUNTS_EACH; done += 1) await countOn(subject, userId, index, text);
    };
    await Promise.all(Array.from({ length: COUNTERS }, counter));
    const { count } = await read(subject, userId, 0);
    assert.equal(
      count,
      COUNTERS * COUNTS_EACH,
      "as many writes were acknowledged as were asked for, and not as many kept",
    );
    return undefined;
  }),
];

/** Lets many write at once, half of them through each client. @returns what the winner wrote. */
async function race(subject: Subject, userId: string, expected: string | undefined): Promise<StoredRecord> {
  const writers = Array.from({ length: WRITERS }, (_, index) => ({
    client: index % 2 === 0 ? subject.one : subject.other,
    next: newRecord(),
  }));
  const told = await Promise.all(
    writers.map(({ client, next }) => client.compareAndSet(userId, expected, { ...next })),
  );
  const kinds = [...new Set(told.map((answer) => typeof answer))].join(" and ");
  assert.equal(kinds, "boolean", "compareAndSet must answer true or false");
  const winners = writers.filter((_, index) => told[index]);
  assert.equal(
    winners.length,
    1,
    `${winners.length} of ${WRITERS} writers at once were told that they won. Compare and write in one statement`,
  );
  const [winner] = winners as [(typeof winners)[0]];
  await mustHold(subject.one, userId, winner.next, "of the one writer who was told that it won");
  await mustHold(subject.other, userId, winner.next, "of the one writer who was told that it won");
  return winner.next;
}

/** Adds one, as the service changes a record: read, compare and set, and again when somebody was faster. */
async function countOn(
  subject: Subject,
  userId: string,
  index: number,
  text: (count: number) => StoredRecord,
): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { client, count, revision } = await read(subject, userId, index);
    if (await client.compareAndSet(userId, revision, text(count + 1))) return;
  }
  assert.fail(`compareAndSet answered false ${TRIES} times in a row, though somebody must win each time`);
}

async function read(subject: Subject, userId: string, index: number) {
  const client = index % 2 === 0 ? subject.one : subject.other;
  const found = await client.get(userId);
  assert.ok(found, "get must find the record while others write");
  const { count } = JSON.parse(found.record) as { count: number };
  return { client, count, revision: found.revision };
}
