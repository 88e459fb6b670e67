import assert from "node:assert/strict";
import type { FactorEntry } from "../core/factor-entry";
import { blankRecord } from "../core/record";
import { parseRecord, recordText } from "../core/record-text";
import { typedCode } from "../core/typed-code";
import { subjectOf, type Subject } from "../core/user-id";
import { generateEncryptionKey, parseEncryptionKeys } from "../crypto/key-ring";
import { secretBoxFromKeys } from "../crypto/secret-box";
import { signerFromKeys } from "../crypto/signer";
import { wrapperFromKeys } from "../crypto/wrapper";
import type { Factor, FactorTools, FactorVerdict } from "./factor";
import { createToolsFor } from "./tools";

/** A kind of factor as the kit tries it. */
export interface FactorUnderTest {
  factor: Factor;
  /** An entry as the kind makes it, for the user whose tools these are. */
  entry(tools: FactorTools): Promise<FactorEntry>;
  /** The fields of a form that prove with that entry: each number another one, in the order in which they come. */
  right(nth: number): Readonly<Record<string, unknown>>;
  /** Of the right form, and not right. */
  wrong: Readonly<Record<string, unknown>>;
  /** Unix seconds. */
  now?: number;
}

export interface FactorConformanceCase {
  /** What the kind promises. */
  name: string;
  /** @throws AssertionError when it does not keep the promise. */
  run(make: () => FactorUnderTest): Promise<void>;
}

const [older, newer] = [generateEncryptionKey(), generateEncryptionKey()];
const ada = subjectOf("user", "ada");

/** What the kind would get in an app with this ring of keys. */
function toolsFor({ factor, now = 1_777_593_600 }: FactorUnderTest, keys = older, subject: Subject = ada): FactorTools {
  const ring = parseEncryptionKeys(keys).keys;
  const signer = signerFromKeys(ring.map(({ bytes }) => bytes));
  const cryptography = { box: secretBoxFromKeys(ring), signer, wrapper: wrapperFromKeys(ring) };
  return createToolsFor(cryptography, new Map(), () => now)(subject, factor);
}

/** Written into a record and read from it, as between any two requests. */
function stored(factor: Factor, entry: FactorEntry): FactorEntry {
  const beside: FactorEntry[] = factor.rank === "backup" ? [{ kind: "beside", strong: true }] : [];
  const text = recordText({ ...blankRecord(ada.key, "epoch"), factors: [entry, ...beside] });
  const [read] = parseRecord(text, ada.key, new Map([[factor.kind, factor]])).factors;
  assert.ok(read, "an entry must come back from a record");
  return read;
}

function read(factor: Factor, fields: Readonly<Record<string, unknown>>): unknown {
  const code = typedCode(fields["code"]);
  return factor.read({ fields, ...(code !== undefined && { code }) });
}

/** Looks at a frozen entry: what a check changes in place would be lost, or kept for nobody. */
async function check(
  { factor }: FactorUnderTest,
  entry: FactorEntry,
  fields: Readonly<Record<string, unknown>>,
  tools: FactorTools,
): Promise<FactorVerdict> {
  const input = read(factor, fields);
  assert.notEqual(input, undefined, "`read` must find what is the kind's own in the form");
  return factor.check(deeplyFrozen(entry), input, tools);
}

function deeplyFrozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(deeplyFrozen);
  return value;
}

const promise = (name: string, keep: (given: FactorUnderTest) => Promise<void>): FactorConformanceCase => ({
  name,
  run: async (make) => keep(make()),
});

/** Everything long enough to be a secret or a hash. */
const longTexts = (value: unknown): readonly string[] => {
  if (typeof value === "string") return value.length >= 12 ? [value] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(longTexts) : [];
};

const hostile: readonly unknown[] = [
  undefined,
  null,
  "",
  0,
  true,
  [],
  ["123456"],
  {},
  { toString: "x" },
  "\ud800",
  "\0",
  "9".repeat(1_048_576),
];

/**
 * What every kind of factor must keep, one promise a case, for any test runner:
 *
 *     for (const { name, run } of factorConformance) test(name, () => run(() => ({ factor: myKind(), … })));
 *
 * `run` rejects with an `AssertionError` that says what went wrong.
 */
export const factorConformance: readonly FactorConformanceCase[] = [
  promise("it is named, ranked, and counts what can be guessed", async (given) => {
    const { factor } = given;
    assert.match(factor.kind, /^[a-z][a-z0-9-]{0,39}$/, "`kind` is a short name in lower case");
    assert.match(factor.method, /^[a-z][a-z0-9-]{0,39}$/, "`method` is a short name in lower case");
    assert.ok(["strong", "backup"].includes(factor.rank), "`rank` is strong or backup");
    const code = typedCode(given.right(0)["code"]);
    // Below 64 bits guesses count (NIST SP 800-63B-4 §3.1.3.2 and §3.2.2).
    if (code !== undefined && code.length < 16) assert.equal(factor.isGuessable, true, "a short code can be guessed");
  }),

  promise("what it makes can be stored, and comes back as it was", async (given) => {
    const { factor } = given;
    const entry = await given.entry(toolsFor(given));
    assert.equal(entry.kind, factor.kind, "an entry is of its kind");
    assert.equal(entry.strong === true, factor.rank === "strong", "an entry says `strong` where its kind is");
    assert.equal(entry.id !== undefined, factor.many === true, "an entry has an `id` where a user can have several");
    assert.deepEqual(stored(factor, entry), entry, "nothing of an entry is lost by being stored");
    assert.throws(
      () => stored(factor, { ...entry, unknown: 1 } as FactorEntry),
      "what `fields` does not name is refused",
    );
    for (const [name, value] of Object.entries<unknown>({ ...entry })) {
      const damaged = { ...entry, [name]: { is: value } } as FactorEntry;
      assert.throws(() => stored(factor, damaged), `\`fields\` looks at ${name}`);
    }
  }),

  promise("what is right is accepted once, and is spent in what it leaves", async (given) => {
    const tools = toolsFor(given);
    const entry = await given.entry(tools);
    const verdict = await check(given, entry, given.right(0), tools);
    assert.equal(verdict.is, "right", "the first right one is accepted");
    assert.ok(verdict.is === "right");
    assert.notDeepEqual(verdict.left, entry, "what was accepted is spent: `left` says so");
    if (verdict.left === undefined) return;
    const left = stored(given.factor, verdict.left);
    const again = await check(given, left, given.right(0), tools);
    assert.notEqual(again.is, "right", "the same is not accepted a second time");
    assert.equal((await check(given, left, given.right(1), tools)).is, "right", "the next one is accepted");
  }),

  promise("what is wrong is wrong, as often as it is tried, and leaves the next right one right", async (given) => {
    const tools = toolsFor(given);
    const entry = await given.entry(tools);
    for (let times = 0; times < 3; times += 1) {
      assert.equal((await check(given, entry, given.wrong, tools)).is, "wrong", "a wrong one is told as wrong");
    }
    assert.equal((await check(given, entry, given.right(0), tools)).is, "right", "the right one is still accepted");
  }),

  promise("whatever a form brings is read, or refused, without an exception", async (given) => {
    const tools = toolsFor(given);
    const entry = await given.entry(tools);
    for (const name of ["code", ...Object.keys(given.right(0))]) {
      for (const value of hostile) {
        const fields = { ...given.right(0), [name]: value };
        if (read(given.factor, fields) === undefined) continue;
        const { is } = await check(given, entry, fields, tools);
        if (name in given.right(0)) assert.notEqual(is, "right", `${name} is not right as ${typeof value}`);
      }
    }
  }),

  promise("an entry opens for its user alone", async (given) => {
    const entry = await given.entry(toolsFor(given));
    for (const [subject, keys] of [
      [subjectOf("user", "eve"), older],
      [subjectOf("admin", "ada"), older],
      [ada, newer],
    ] as const) {
      const verdict = await check(given, entry, given.right(0), toolsFor(given, keys, subject)).catch(() => undefined);
      assert.notEqual(verdict?.is, "right", "another user, scope or ring of keys proves nothing with it");
    }
  }),

  promise("an entry comes under a new key without losing what it knows", async (given) => {
    const { sealed } = given.factor;
    const tools = toolsFor(given);
    const used = await check(given, await given.entry(tools), given.right(0), tools);
    if (sealed === undefined || used.is !== "right" || used.left === undefined) return;
    const both = toolsFor(given, `${newer},${older}`);
    assert.equal(sealed.isCurrent(used.left, tools), true, "made under the first key");
    assert.equal(sealed.isCurrent(used.left, both), false, "the key before is not the first one any more");
    assert.equal(sealed.needsOldKey(used.left, both), true, "the key before is still needed");
    const renewed = stored(given.factor, await sealed.renewed(used.left, both));
    const fresh = toolsFor(given, newer);
    assert.equal(sealed.isCurrent(renewed, fresh), true, "all of it is under the new key");
    assert.notEqual((await check(given, renewed, given.right(0), fresh)).is, "right", "what was spent stays spent");
    assert.equal((await check(given, renewed, given.right(1), fresh)).is, "right", "the next one is accepted");
  }),

  promise("what may be told of an entry holds no secret and no hash", async (given) => {
    const tools = toolsFor(given);
    const entry = await given.entry(tools);
    const told = JSON.stringify(given.factor.describe(entry));
    const { kind: _, id: __, ...kept } = entry;
    const name = given.factor.describe(entry).name ?? "";
    for (const text of longTexts(kept)) if (text !== name) assert.ok(!told.includes(text), "`describe` tells a secret");
  }),
];
