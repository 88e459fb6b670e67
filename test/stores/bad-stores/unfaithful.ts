import { createHash } from "node:crypto";
import type { MakeStore } from "../../../src/stores/conformance";
import type { StoredRecord } from "../../../src/stores/store";
import { away, type BadStore, copyOf, type Engine, flawed } from "./engine";
import { promises } from "./promises";

const translated = (idOf: (userId: string) => string): MakeStore =>
  flawed((good) => ({
    get: (userId) => good.get(idOf(userId)),
    compareAndSet: (userId, expected, next) => good.compareAndSet(idOf(userId), expected, next),
  }));

const rewritten = (written: (record: string) => string): MakeStore =>
  flawed((good) => ({
    compareAndSet: (userId, expected, next) =>
      good.compareAndSet(userId, expected, { ...next, record: written(next.record) }),
  }));

const revised = (revisionOf: (next: StoredRecord) => string): MakeStore =>
  flawed((good) => ({
    compareAndSet: (userId, expected, next) =>
      good.compareAndSet(userId, expected, { ...next, revision: revisionOf(next) }),
  }));

/** Stores that give back something else than they were given, or to somebody else. */
export const unfaithful: BadStore[] = [
  [
    "answers null when nothing is stored",
    [promises.nothing],
    flawed((good) => ({ get: async (userId) => (await good.get(userId)) ?? (null as unknown as undefined) })),
  ],
  [
    "answers an empty record when nothing is stored",
    [promises.nothing],
    flawed((good) => ({ get: async (userId) => (await good.get(userId)) ?? { record: "", revision: "" } })),
  ],
  ["loses the revision", [promises.revision, promises.replaced], revised(() => "")],
  [
    "counts revisions of its own",
    [promises.revision, promises.expected],
    flawed((good, engine) => ({
      compareAndSet: async (userId, expected, next) => {
        const count = Number(engine.rows.get(userId)?.revision ?? 0) + 1;
        return good.compareAndSet(userId, expected, { ...next, revision: String(count) });
      },
    })),
  ],
  [
    "repeats the revision when the record is the same",
    [promises.revision],
    revised(({ record }) => createHash("sha256").update(record).digest("base64url").slice(0, 22)),
  ],
  ["cuts revisions at 32 characters", [promises.revision], revised(({ revision }) => revision.slice(0, 32))],
  [
    "reads from a cache of its own",
    [promises.seen],
    flawed((good) => {
      const cache = new Map<string, StoredRecord | undefined>();
      return {
        async get(userId) {
          if (!cache.has(userId)) cache.set(userId, await good.get(userId));
          return copyOf(cache.get(userId));
        },
        async compareAndSet(userId, expected, next) {
          const written = await good.compareAndSet(userId, expected, next);
          if (written) cache.set(userId, { ...next });
          return written;
        },
      };
    }),
  ],
  [
    "reads from a replica that lags behind",
    [promises.seen],
    flawed((_, engine) => {
      const replica = new Map<string, StoredRecord>();
      return {
        get: async (userId) => {
          await away();
          const lagging = copyOf(replica.get(userId));
          const row = engine.rows.get(userId);
          if (row !== undefined) replica.set(userId, { ...row });
          return lagging;
        },
      };
    }),
  ],
  [
    "gives out the object that it keeps",
    [promises.shared],
    flawed((_, engine) => ({ get: async (userId) => engine.rows.get(userId) })),
  ],
  [
    "keeps the object that it was given",
    [promises.shared],
    flawed((_, engine) => ({
      async compareAndSet(userId, expected, next) {
        if (engine.rows.get(userId)?.revision !== expected) return false;
        engine.rows.set(userId, next);
        return true;
      },
    })),
  ],
  [
    "cuts records at 65,535 bytes",
    [promises.record],
    rewritten((text) => Buffer.from(text).subarray(0, 65_535).toString()),
  ],
  ["keeps records as Latin-1", [promises.record], rewritten((text) => Buffer.from(text, "latin1").toString("latin1"))],
  ["parses records and writes them anew", [promises.record], rewritten((text) => JSON.stringify(JSON.parse(text)))],
  ["trims records", [promises.record], rewritten((text) => text.trim())],
  ["drops empty objects", [promises.record], rewritten((text) => (text === "{}" ? "null" : text))],
  [
    "refuses the escapes that JSONB does",
    [promises.record],
    rewritten((text) => {
      if (/\\u0000|\\ud8/.test(text)) throw new Error("unsupported Unicode escape sequence");
      return text;
    }),
  ],
  ["folds the case of ids", [promises.ids], translated((userId) => userId.toLowerCase())],
  ["folds trailing spaces", [promises.ids], translated((userId) => userId.replace(/ +("\])?$/, "$1"))],
  ["folds normal forms", [promises.ids], translated((userId) => userId.normalize("NFC"))],
  ["folds compatibility forms", [promises.ids], translated((userId) => userId.normalize("NFKC"))],
  ["folds accents", [promises.ids], translated((userId) => userId.normalize("NFD").replaceAll(/\p{M}/gu, ""))],
  ["folds lone surrogates", [promises.ids], translated((userId) => userId.replaceAll(/\\ud[89a-f]../g, "\ufffd"))],
  ["cuts ids at 191 characters", [promises.ids], translated((userId) => userId.slice(0, 191))],
  ["forgets the scope", [promises.ids], translated((userId) => userId.replace(/^\["[^"]*",/, ""))],
  [
    "keeps ids as names of a plain object",
    [promises.ids],
    flawed((_, engine) => {
      const rows = rowsOf(engine);
      return {
        get: async (userId) => copyOf(rows[userId]),
        compareAndSet: async (userId, expected, next) => {
          if (rows[userId]?.revision !== expected) return false;
          rows[userId] = { ...next };
          return true;
        },
      };
    }),
  ],
  [
    "reads the id out of the text, and keeps it as a name of a plain object",
    [promises.ids],
    flawed((_, engine) => {
      const rows = rowsOf(engine);
      const idOf = (userId: string) => (JSON.parse(userId) as [string, string])[1];
      return {
        get: async (userId) => copyOf(rows[idOf(userId)]),
        compareAndSet: async (userId, expected, next) => {
          if (rows[idOf(userId)]?.revision !== expected) return false;
          rows[idOf(userId)] = { ...next };
          return true;
        },
      };
    }),
  ],
];

/** A plain object for each engine: what `__proto__` and `constructor` find there is no record. */
const plainObjects = new WeakMap<Engine, Record<string, StoredRecord>>();
function rowsOf(engine: Engine): Record<string, StoredRecord> {
  const rows = plainObjects.get(engine) ?? {};
  plainObjects.set(engine, rows);
  return rows;
}
