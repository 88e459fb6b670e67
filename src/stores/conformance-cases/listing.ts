import assert from "node:assert/strict";
import type { TwoFactorStore } from "../store";
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

/** More than two pages of 500, which is what our own stores read at once. */
const USERS = 1050;
const AT_ONCE = 25;

/** The two optional methods, examined where the store has them. */
export const listing: ConformanceCase[] = [
  conformanceCase("erase removes one user and leaves nothing that an old revision fits", async (subject) => {
    const { one, other } = subject;
    if (one.erase === undefined) return "the store has no `erase`, so that `tfa.erase` is refused";
    const [{ userId, first }, neighbour] = [await stored(subject), await stored(subject)];
    await one.erase(userId);
    await mustHoldNothing(other, userId, "for a user who was erased");
    await mustHold(other, neighbour.userId, neighbour.first, "of a user, when another was erased");
    await mustRefuse(other, userId, first.revision, "when the expected revision was erased");
    await one.erase(userId);
    await mustHoldNothing(one, userId, "for a user who was erased twice");
    const second = newRecord();
    await mustWrite(other, userId, undefined, second);
    await mustHold(one, userId, second, "that was written after an erasure");
    return undefined;
  }),

  conformanceCase("userIds gives every id once, in a stable order, beginning behind `after`", async (subject) => {
    const { one, other } = subject;
    if (one.userIds === undefined) return "the store has no `userIds`, so that `reencrypt` is refused";
    const written = await writeMany(subject);
    const own = async (store: TwoFactorStore, after?: string): Promise<string[]> => {
      const found: string[] = [];
      for await (const userId of store.userIds?.(after) ?? []) if (written.has(userId)) found.push(userId);
      return found;
    };

    const all = await own(one);
    const twice = all.length - new Set(all).size;
    assert.equal(twice, 0, `userIds must give every id once, and it gave ${twice} again`);
    assert.equal(all.length, written.size, `userIds must give every id, and ${written.size - all.length} were missing`);
    assert.ok(same(await own(other), all), "userIds must keep its order from one call to the next");

    const middle = all.length >> 1;
    assert.ok(same(await own(one, all[middle]), all.slice(middle + 1)), "userIds(after) must begin behind `after`");
    assert.deepEqual(await own(one, all.at(-1)), [], "userIds(after) must give nothing behind the last");
    await one.erase?.(all[middle] ?? "");
    assert.ok(same(await own(one, all[middle]), all.slice(middle + 1)), "`after` may have been erased in between");

    const expected = one.erase === undefined ? all : all.filter((_, index) => index !== middle);
    const meanwhile = await whileOthersWrite(subject, written, expected);
    assert.ok(same(meanwhile, expected), "userIds must give every id once, in order, also while records change");
    // A listing that was left half-way must not keep its connection, which a pool has ten of.
    for (let times = 0; times < 20; times += 1) for await (const _ of one.userIds()) break;
    await mustHold(one, expected[0] ?? "", written.get(expected[0] ?? "") ?? newRecord(), "after a listing");
    return undefined;
  }),
];

async function writeMany({ one, other, newUser }: Subject): Promise<Map<string, ReturnType<typeof newRecord>>> {
  const prefix = randomText();
  const written = new Map<string, ReturnType<typeof newRecord>>();
  const write = async (index: number): Promise<void> => {
    const userId = await newUser(`${prefix}${index}`);
    const next = newRecord();
    await mustWrite(index % 2 === 0 ? one : other, userId, undefined, next);
    written.set(userId, next);
  };
  for (let from = 0; from < USERS; from += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, USERS - from) }, (_, index) => write(from + index)));
  }
  return written;
}

/** Lists, and replaces records on the way: those behind, those ahead. */
async function whileOthersWrite(
  { one, other }: Subject,
  written: Map<string, ReturnType<typeof newRecord>>,
  expected: string[],
): Promise<string[]> {
  const found: string[] = [];
  for await (const userId of one.userIds?.() ?? []) {
    if (!written.has(userId)) continue;
    found.push(userId);
    if (found.length % 50 !== 0) continue;
    for (const changed of [found[0], expected[found.length], expected.at(-1)]) {
      const before = changed === undefined ? undefined : written.get(changed);
      if (changed === undefined || before === undefined) continue;
      const next = newRecord();
      await mustWrite(other, changed, before.revision, next);
      written.set(changed, next);
    }
  }
  return found;
}

/** Not deepEqual: its message would print a thousand ids. */
const same = (found: string[], expected: string[]): boolean => JSON.stringify(found) === JSON.stringify(expected);
