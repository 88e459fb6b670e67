import { setTimeout as pause } from "node:timers/promises";
import type { TwoFactorRecord } from "../../core/record";
import { parseRecord, recordText, RecordRefused, type KnownKinds } from "../../core/record-text";
import type { Subject } from "../../core/user-id";
import { randomToken } from "../../crypto/random";
import { TwoFactorError } from "../../errors";
import type { StoredRecord, TwoFactorStore } from "../../stores/store";
import { inTime, tooLate, withinSeconds } from "../patience";
import { RecordCache, type Seen } from "./cache";
import { createUserQueue } from "./user-queue";

/** With the queue and the pauses below, nobody gave up with 8 processes on one user; with 8 tries some did. */
const mostTries = 16;
const longestPauseMilliseconds = 50;
/** For a page of a listing, which only operators ask for: Redis scans all its keys for the first one. */
const longestListingSeconds = 600;

/** What a change decides: the answer, and the next record; nothing is written where it is absent or the same. */
export interface Change<Outcome> {
  outcome: Outcome;
  next?: TwoFactorRecord | undefined;
}

export interface RecordsOptions {
  store: TwoFactorStore;
  storeTimeoutSeconds: number;
  revalidateSeconds: number;
  /** What is known of the factors that records hold. */
  kinds: KnownKinds;
  /** Seals what is under an old key anew, whenever a record is written. */
  refresh: (subject: Subject, record: TwoFactorRecord) => Promise<TwoFactorRecord>;
}

export type Records = ReturnType<typeof createRecords>;

/** The only way to a record: read it, or change it as a whole, however many processes do the same. */
export function createRecords({ store, storeTimeoutSeconds, revalidateSeconds, kinds, refresh }: RecordsOptions) {
  const cache = new RecordCache(revalidateSeconds);
  const inLine = createUserQueue(storeTimeoutSeconds);

  const patiently = <T>(work: () => Promise<T>) => withinSeconds(storeTimeoutSeconds, "The store", work);

  async function fetch(subject: Subject): Promise<Seen> {
    const order = cache.begin();
    const seenAt = cache.now();
    // Some adapters answer `null` for nothing.
    const stored = (await withinSeconds(storeTimeoutSeconds, "The store", () => store.get(subject.key))) ?? undefined;
    if (stored !== undefined && (typeof stored.record !== "string" || typeof stored.revision !== "string")) {
      throw new TwoFactorError(
        "MISCONFIGURED",
        "The store's `get` must answer { record, revision }, the texts it was given.",
      );
    }
    let record: TwoFactorRecord | undefined;
    try {
      record = stored && parseRecord(stored.record, subject.key, kinds);
    } catch (cause) {
      throw refused(subject, cause);
    }
    cache.keep(subject.key, record, order, seenAt);
    return { stored, record, order };
  }

  /** True when `next` is stored: also when only the acknowledgement was lost. */
  async function write(key: string, expected: string | undefined, next: StoredRecord): Promise<boolean> {
    let answer: unknown;
    try {
      answer = await patiently(() => store.compareAndSet(key, expected, next));
    } catch (fault) {
      if ((await readAgain(key))?.revision === next.revision) return true;
      throw fault;
    }
    // Written by somebody else, an adapter may well answer a count, a row or nothing: that is neither a win nor a loss.
    if (typeof answer === "boolean") return answer;
    throw new TwoFactorError(
      "STORE_UNAVAILABLE",
      `The store's \`compareAndSet\` must answer true (written) or false (somebody was faster), and answered ${kindOf(answer)}: let it return whether a row was changed, as in \`return result.rowCount === 1\`.`,
    );
  }

  /** Where an answer was lost, the connection mostly was too: a client needs a moment for the next one. */
  async function readAgain(key: string): Promise<StoredRecord | undefined> {
    const giveUpAt = performance.now() + storeTimeoutSeconds * 1000;
    while (performance.now() < giveUpAt) {
      try {
        return (await patiently(() => store.get(key))) ?? undefined;
      } catch {
        await pause(longestPauseMilliseconds);
      }
    }
    return undefined;
  }

  return {
    /** Reads from the store. */
    async load(subject: Subject): Promise<TwoFactorRecord | undefined> {
      const read = await fetch(subject);
      cache.noteRead(subject, read);
      return read.record;
    },

    /** A copy of at most `revalidateSeconds`; good for confirming a proof, and for nothing else. */
    recent: (subject: Subject) => cache.get(subject.key),

    /** Decides on the newest record and writes; when somebody was faster, decides again on theirs. */
    change<Outcome>(
      subject: Subject,
      decide: (record: TwoFactorRecord | undefined) => Promise<Change<Outcome>> | Change<Outcome>,
    ): Promise<Outcome> {
      return inLine(subject.key, async (isOver) => {
        const giveUpAt = performance.now() + storeTimeoutSeconds * 1000;
        let refused: { revision: string; outcome: Outcome } | undefined;
        for (let tries = 0; tries < mostTries && (tries === 0 || performance.now() < giveUpAt); tries += 1) {
          if (tries > 0) await pause(Math.random() * Math.min(2 ** tries, longestPauseMilliseconds));
          const { stored, record } = (tries === 0 && cache.takeRead(subject)) || (await fetch(subject));
          const seenAt = cache.now();
          // A driver that sends a write again by itself is refused because of its own first one.
          if (refused !== undefined && stored?.revision === refused.revision) return refused.outcome;
          const { outcome, next } = await decide(record);
          if (next === undefined || next === record) return outcome;
          const kept = await refresh(subject, next);
          // Whoever waited was told that it failed; so it shall not be done, unless it is on its way already.
          if (isOver()) break;
          const written = { record: recordText(kept), revision: randomToken() };
          if (await write(subject.key, stored?.revision, written)) {
            cache.keep(subject.key, kept, cache.begin(), seenAt);
            return outcome;
          }
          refused = { revision: written.revision, outcome };
        }
        throw new TwoFactorError("STORE_UNAVAILABLE", "Others were faster, again and again.");
      });
    },

    async erase(subject: Subject): Promise<void> {
      if (store.erase === undefined) {
        throw new TwoFactorError("MISCONFIGURED", "This store has no `erase`; use `reset`, or add the method.");
      }
      await inLine(subject.key, () => patiently(async () => store.erase?.(subject.key)));
      cache.keep(subject.key, undefined, cache.begin(), cache.now());
    },

    /** Keys of all records. @throws TwoFactorError `MISCONFIGURED` where the store cannot list them */
    keys(after?: string): AsyncIterable<string> {
      if (store.userIds === undefined) {
        throw new TwoFactorError("MISCONFIGURED", "This store cannot list its users: it has no `userIds`.");
      }
      return patientPages(store.userIds(after));
    },
  };
}

async function* patientPages(pages: AsyncIterable<string>): AsyncIterable<string> {
  const iterator = iteratorOf(pages);
  const late = () => tooLate(longestListingSeconds, "The store");
  try {
    for (;;) {
      const next = await inTime(longestListingSeconds * 1000, () => iterator.next(), late);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // In its own time: a page that hangs would hold this up, too.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/** As `for await` does: an adapter may well answer a list. */
function iteratorOf(pages: AsyncIterable<string> | Iterable<string>): AsyncIterator<string> | Iterator<string> {
  return Symbol.asyncIterator in pages ? pages[Symbol.asyncIterator]() : pages[Symbol.iterator]();
}

const kindOf = (answer: unknown): string => {
  if (answer === undefined) return "nothing";
  return typeof answer === "number" ? String(answer) : `a value of the type ${typeof answer}`;
};

const refused = ({ key }: Subject, cause: unknown): unknown =>
  cause instanceof RecordRefused
    ? new TwoFactorError(
        "STORE_UNAVAILABLE",
        `The record of user ${key} is refused and was left as it is. ${cause.message}`,
        { cause },
      )
    : cause;
