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
  userIdOf,
} from "./subject";

const EMPTY_BYTES = '{"text":""}'.length;
const KIB_64 = 65_536;

/** JSON texts that some column types refuse, shorten or write anew. */
const records: [what: string, record: string][] = [
  ["of 64 KiB", JSON.stringify({ text: "x".repeat(KIB_64 - EMPTY_BYTES) })],
  ["of 64 KiB of non-ASCII characters", JSON.stringify({ text: "é漢🙂".repeat(Math.ceil(KIB_64 / 9)) })],
  [
    "with quotes, marks and place-holders",
    JSON.stringify({ text: "e\u0301 \u200f\u2028\ufeff\u007f '' \" \\ % $1 ? :a {{x}}" }),
  ],
  ["with escapes that JSON allows and UTF-8 does not", '{"text":"\\u0000 \\ud800 \\u00e9 \\/"}'],
  ["with spaces, order and numbers of its own", ' {"b": 1.0,\t"a" :1e3, "b":12345678901234567890 }\n'],
  ["that is an empty object", "{}"],
];

/** Ids that a careless comparison takes for one; all of them are different users. */
const ids = [
  ["Ann", "ann", "ANN", "ann ", "ann  ", "ann\u00a0", "ann\u200b", "änn", "a\u0308nn", "ａnn", "ann\t"],
  ["ss", "ß", "ſs", "i", "I", "ı", "İ", "🙂", "🙃", "\ufffd"],
  ["null", "undefined", "true", "{x}", "{y}", "a:b", "a", "b", "*", "?", "%", "_", "a%", "'", "''", '"', '","'],
  ["\\", "\\\\", "a,b", "../a", "x".repeat(200), "x".repeat(201), "漢".repeat(201)],
].flat();
/** Ids that no column holds, but their JSON text does. */
const idsOnlyInJson = ["\0", "\0\0", "\ud800", "\udfff"];
/** Tried as they are, nothing before them: names that a plain object already has. */
const idsOfObjects = ["__proto__", "constructor", "toString", "hasOwnProperty"];
const scopes = ["User", "admin", "__proto__"];

/** All under a prefix that no other run has, but for the names of {@link idsOfObjects}. */
async function similarUsers({ newUser, inHostRows }: Subject): Promise<string[]> {
  const prefix = randomText();
  const inRows = [...ids.map((id) => prefix + id), ` ${prefix}a`, ...idsOfObjects];
  const userIds: string[] = [];
  for (const id of inRows) userIds.push(await newUser(id));
  if (inHostRows) return userIds;
  // To a store that keeps its own table an id is a text like any other, and need not be JSON.
  const plain = [...inRows, prefix, userIdOf(prefix).toUpperCase()];
  const inJson = idsOnlyInJson.map((id) => userIdOf(prefix + id));
  return [...userIds, ...inJson, ...scopes.map((scope) => userIdOf(prefix, scope)), ...plain];
}

/** What goes in comes out, for that user and no other. */
export const faithful: ConformanceCase[] = [
  conformanceCase("nothing is stored for a user until it is written", async (subject) => {
    const userId = await subject.newUser();
    await mustHoldNothing(subject.one, userId, "for a user whom nothing was written for");
    await mustWrite(subject.one, userId, undefined, newRecord());
    return undefined;
  }),

  conformanceCase("a write is seen at once by the other client", async (subject) => {
    const userId = await subject.newUser();
    // Both have read before each write, so that whoever keeps copies has a stale one.
    await mustHoldNothing(subject.other, userId, "for a user whom nothing was written for");
    let before: string | undefined;
    for (let turn = 0; turn < 10; turn += 1) {
      const [writer, reader] = turn % 2 === 0 ? [subject.one, subject.other] : [subject.other, subject.one];
      const next = newRecord();
      await mustWrite(writer, userId, before, next);
      await mustHold(reader, userId, next, "that the other client just wrote");
      await mustHold(writer, userId, next, "that it just wrote");
      before = next.revision;
    }
    return undefined;
  }),

  conformanceCase("a revision is kept as it was given, and changes also when the record does not", async (subject) => {
    const { userId, first } = await stored(subject);
    const again = { ...first, revision: `-_${randomText()}${randomText()}` };
    await mustWrite(subject.one, userId, first.revision, again);
    await mustHold(subject.other, userId, again, "with the revision that was given with it");
    await mustRefuse(subject.other, userId, first.revision, "when a former revision of the same text is expected");
    return undefined;
  }),

  conformanceCase("a record comes back character for character, 64 KiB and non-ASCII too", async (subject) => {
    const userId = await subject.newUser();
    let before: string | undefined;
    for (const [what, record] of records) {
      const next = { record, revision: randomText() };
      await mustWrite(subject.one, userId, before, next);
      const found = await subject.other.get(userId);
      assert.ok(found, `get must find a record ${what}`);
      // Not assert.equal: its message would print 64 KiB twice.
      assert.ok(
        found.record === record,
        `a record ${what} came back changed. Keep it as text, in a column without limit`,
      );
      before = next.revision;
    }
    return undefined;
  }),

  conformanceCase("two ids are one user only if they are equal", async (subject) => {
    const written = new Map<string, StoredRecord>();
    for (const userId of await similarUsers(subject)) {
      const next = newRecord();
      const before: unknown = await subject.one.get(userId);
      // A run before this one may have left a record under a name that has no prefix.
      if (before !== undefined) requireRecordOfBefore(userId, before, [...written.values()]);
      await mustWrite(subject.one, userId, before?.revision, next);
      written.set(userId, next);
    }
    for (const [userId, next] of written) await mustHold(subject.other, userId, next, `of ${userId}`);
    return undefined;
  }),

  conformanceCase("nothing is shared by reference", async (subject) => {
    const userId = await subject.newUser();
    const given = newRecord();
    const copy = { ...given };
    assert.equal(await subject.one.compareAndSet(userId, undefined, given), true);
    Object.assign(given, { record: "{}", revision: "changed by the writer" });
    await mustHold(subject.one, userId, copy, "after the writer changed its own object");
    Object.assign((await subject.one.get(userId)) ?? {}, { record: "{}", revision: "changed by the reader" });
    await mustHold(subject.one, userId, copy, "after a reader changed the object that it got");
    return undefined;
  }),
];

function requireRecordOfBefore(userId: string, found: unknown, written: StoredRecord[]): asserts found is StoredRecord {
  const { record, revision } = { ...(found as Partial<StoredRecord> | null) };
  const fault = `get must answer undefined for ${userId}, whom nothing was written for`;
  assert.ok(typeof record === "string" && typeof revision === "string", fault);
  assert.ok(!written.some((other) => other.revision === revision), `${fault}, and it answered another user's record`);
}
